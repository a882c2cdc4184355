import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { planShare } from '../../plugin-config/share.ts'

describe('the plan of a share', () => {
  it.each([
    [0.01, { mirrored: 1, plain: 996 }],
    [0.1, { mirrored: 1, plain: 996 }],
    [1, { mirrored: 2, plain: 99 }],
    [10, { mirrored: 11, plain: 90 }],
    [33, { mirrored: 34, plain: 67 }],
    [50, { mirrored: 62, plain: 39 }],
    [61.4, { mirrored: 63, plain: 38 }],
    [99.5, null],
    [100, null],
  ])('of %p %% has weights %p', (share, weights) => {
    expect(planShare(share).weights).toEqual(weights)
  })

  it('comes out exact, with a prime period', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (hundredths) => {
        const share = hundredths / 100
        const { weights, keepPpm } = planShare(share)
        const reached = weights ? weights.mirrored / (weights.mirrored + weights.plain) : 1
        expect(keepPpm).toBeLessThanOrEqual(1_000_000)
        expect(Math.abs((reached * keepPpm) / 10_000 - share)).toBeLessThan(0.0001)
        if (weights) expect([101, 997]).toContain(weights.mirrored + weights.plain)
      }),
    )
  })

  it('thins nothing where everything is mirrored', () => {
    expect(planShare(100)).toEqual({ weights: null, keepPpm: 1_000_000 })
  })
})
