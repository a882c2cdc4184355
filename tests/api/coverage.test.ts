import { describe, expect, it } from '@jest/globals'
import { coverage } from '../../collector/api/coverage.ts'

const taps = (tapped: number, dropped: Record<string, number> = {}) => ({
  tapped,
  dropped,
  instances: 1,
  reportedAtMs: 0,
})

describe('coverage', () => {
  it('adds what the taps gave up to what pairing counted, and tells what still waits', () => {
    const counts = { compared: 80, unpaired: { 'no-shadow': 5 }, dropped: { 'pending-full': 1 } }
    expect(coverage(counts, taps(100, { 'queue-full': 3, 'proxy-ended': 4 }))).toEqual({
      tapped: 100,
      compared: 80,
      unpaired: { 'no-shadow': 5 },
      dropped: { 'pending-full': 1, 'queue-full': 3, 'proxy-ended': 4 },
      shed: {},
      waiting: 7,
      ratio: 0.8,
    })
  })

  it("counts a pair once whose primary's record was given up and whose copy's came alone", () => {
    const counts = { compared: 90, unpaired: { 'no-primary': 6 }, dropped: {} }
    expect(coverage(counts, taps(100, { 'queue-full': 10 }))).toMatchObject({
      unpaired: {},
      dropped: { 'queue-full': 10 },
      waiting: 0,
    })
  })

  it('counts a batch once that was taken although the killed proxy never heard of it', () => {
    const counts = { compared: 95, unpaired: {}, dropped: {} }
    expect(coverage(counts, taps(100, { 'proxy-ended': 8 }))).toMatchObject({
      dropped: { 'proxy-ended': 5 },
      waiting: 0,
    })
    expect(coverage({ ...counts, compared: 100 }, taps(100, { 'proxy-ended': 8 }))).toMatchObject({ dropped: {} })
  })

  it('says nothing of taps where none reported, or in a window', () => {
    const counts = { compared: 3, unpaired: { 'no-primary': 1 }, dropped: {} }
    for (const none of [null, { ...taps(0), instances: 0 }])
      expect(coverage(counts, none)).toMatchObject({
        tapped: null,
        waiting: null,
        unpaired: { 'no-primary': 1 },
        ratio: 0.75,
      })
  })
})
