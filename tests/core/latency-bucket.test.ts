import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  distributionOf,
  latencyBucket,
  MAX_LATENCY_BUCKET,
  percentilesOf,
} from '../../collector/core/latency-bucket.ts'

function histogram(times: number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const micros of times) counts.set(latencyBucket(micros), (counts.get(latencyBucket(micros)) ?? 0) + 1)
  return counts
}

describe('response times in buckets', () => {
  it('tell every percentile within 6 % of the exact one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 60_000_000 }), { minLength: 1, maxLength: 300 }), (times) => {
        const sorted = times.toSorted((one, two) => one - two)
        const told = percentilesOf(histogram(times))
        for (const [name, part] of [
          ['p50', 0.5],
          ['p90', 0.9],
          ['p99', 0.99],
        ] as const) {
          const exact = (sorted[Math.ceil(times.length * part) - 1] ?? 0) / 1_000
          expect(Math.abs((told?.[name] ?? 0) / exact - 1)).toBeLessThan(0.06)
        }
      }),
    )
  })

  it.each([0, -5, 1, Number.NaN])('take %d for the least', (micros) => {
    expect(latencyBucket(micros)).toBe(0)
  })

  it('have a last one', () => {
    expect(latencyBucket(1e18)).toBe(MAX_LATENCY_BUCKET)
    expect(percentilesOf(new Map())).toBeNull()
  })

  it('make a distribution of equal steps in which every answer is, once', () => {
    const times = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { maxLength: 100 })
    fc.assert(
      fc.property(times, times, (one, two) => {
        const steps = distributionOf([histogram(one), histogram(two)])
        expect(steps.map(({ upToMs }) => upToMs)).toEqual(steps.map(({ upToMs }) => upToMs).toSorted((a, b) => a - b))
        for (const [at, given] of [one, two].entries()) {
          const sum = steps.reduce((total, { parts }) => total + (parts[at] ?? 0), 0)
          expect(sum).toBeCloseTo(given.length === 0 ? 0 : 1, 9)
        }
        const slowest = Math.max(0, ...one, ...two) / 1_000
        if (steps.length > 0) expect((steps.at(-1)?.upToMs ?? 0) * 1.01).toBeGreaterThanOrEqual(slowest)
      }),
    )
    expect(distributionOf([new Map(), new Map()])).toEqual([])
  })
})
