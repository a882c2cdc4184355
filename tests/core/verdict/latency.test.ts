import { describe, expect, it } from '@jest/globals'
import {
  freezeLatency,
  latencyMetrics,
  latencyOf,
  latencySample,
  readLatencySample,
} from '../../../collector/core/verdict/latency.ts'
import { exchangeId, tapRecord } from '../../helpers/tap-batches.ts'

const settings = { ratio: 1.1, peer: 'max' as const, tailQuantile: 0.95, warmUpRequests: 20 }
const idAt = (n: number) => exchangeId(1_790_000_000_000 + n)
const samples = Array.from({ length: 60 }, (_, n) =>
  latencySample({ id: idAt(n), primary: 900, control: 1_000 + n, shadow: 1_000 }),
)

describe('latency', () => {
  it('freezes the threshold of the tail from the first exchanges, in whatever order they are kept', () => {
    const frozen = freezeLatency(samples, settings)
    expect(frozen).toMatchObject({ ...settings, tailMicros: 1_018, after: readLatencySample(samples[19] ?? '').id })
    expect(freezeLatency(samples.toReversed(), settings)).toEqual(frozen)
    expect(freezeLatency(samples.slice(0, 19), settings)).toBeUndefined()
    expect(freezeLatency(samples.slice(0, 19), { ...settings, warmUpRequests: 0 })).toBeUndefined()
  })

  it('counts what came after the warm-up, ties for the shadow', () => {
    const frozen = freezeLatency(samples, settings)
    if (!frozen) throw new Error('not frozen')
    const at = (n: number, primary: number, control: number, shadow: number) =>
      latencyMetrics({ id: idAt(n), primary, control, shadow }, frozen)
    expect(at(3, 1, 1, 9_000)).toEqual([])
    expect(at(90, 1_000, 500, 1_100)).toEqual(['notSlower', 'tailShadow'])
    expect(at(90, 1_000, 500, 1_101)).toEqual(['slower', 'tailShadow'])
    expect(at(90, 500, 1_018, 1_018)).toEqual(['notSlower'])
    expect(at(90, 500, 1_019, 1_018)).toEqual(['notSlower', 'tailControl'])
    expect(at(90, 0, 0, 0)).toEqual(['notSlower'])
    expect(at(90, 0, 0, 1)).toEqual(['slower'])
  })

  it('is nothing where a side was not captured or its time is no time', () => {
    const record = tapRecord()
    const timed = (totalMicros: number) => ({ ...record, timing: { firstByteMicros: 0, totalMicros } })
    expect(latencyOf(record, record, record)).toMatchObject({ primary: 2_100, control: 2_100, shadow: 2_100 })
    expect(latencyOf(record, { ...record, skipped: 'timeout' }, record)).toBeUndefined()
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      expect(latencyOf(record, timed(odd), record)).toBeUndefined()
    }
  })
})
