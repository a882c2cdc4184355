import { describe, expect, it } from '@jest/globals'
import { createRarePairs } from '../../collector/pipeline/rare-pairs.ts'
import { isKept } from '../../collector/pipeline/settled.ts'

const HOUR_MS = 3_600_000

describe('a sample', () => {
  it('keeps the first five matches of an endpoint in each hour, and what its percentage says of the rest', () => {
    const { isRare } = createRarePairs()
    const kept = (endpoint: string, atMs: number) => isRare('shop', 'shadow', endpoint, atMs)
    const first = Array.from({ length: 8 }, () => kept('GET /', 1_000))
    expect(first).toEqual([true, true, true, true, true, false, false, false])
    expect(kept('GET /rare', 1_000)).toBe(true)
    expect(kept('GET /', HOUR_MS + 1)).toBe(true)
  })

  it('stays bounded, whatever the endpoints', () => {
    const { isRare } = createRarePairs()
    for (let i = 0; i < 50_000; i += 1) isRare('shop', 'shadow', `GET /${i}`, 0)
    expect(isRare('shop', 'shadow', 'GET /49999', 0)).toBe(true)
  })

  it('of nothing keeps no match, and a policy without one never asks', () => {
    const never = () => {
      throw new Error('asked')
    }
    const match = { exchangeId: '0198c0de-0000-7000-8000-000000000001', outcome: 'match' }
    expect(isKept({ sample: 0 }, match, never)).toBe(false)
    expect(isKept('differing', match, never)).toBe(false)
    expect(isKept('all', match, never)).toBe(true)
    expect(isKept({ sample: 0.0001 }, match, () => true)).toBe(true)
    expect(isKept({ sample: 0.0001 }, { ...match, outcome: 'different' }, never)).toBe(true)
  })
})
