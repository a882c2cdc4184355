import { describe, expect, it } from '@jest/globals'
import type { ComparisonResult, Difference } from '../../../collector/core/comparison.ts'
import type { SkipReason, TapRecord } from '../../../collector/core/tap-record.ts'
import { unitId } from '../../../collector/core/verdict/difference-set.ts'
import {
  type ComparedPair,
  emptyMemory,
  metricsOfControl,
  metricsOfJoint,
  metricsOfShadow,
} from '../../../collector/core/verdict/pair-metrics.ts'
import { tapRecord } from '../../helpers/tap-batches.ts'

const changed = (path: string): Difference => ({ path, kind: 'changed' })

function pair(of: {
  outcome?: ComparisonResult['outcome']
  differences?: Difference[]
  statuses?: [number, number]
  skipped?: SkipReason
}): ComparedPair {
  const { outcome = 'match', differences = [], statuses = [200, 200], skipped } = of
  const [primary, other] = statuses.map((status): TapRecord => {
    const record = tapRecord()
    return { ...record, response: { ...(record.response as NonNullable<TapRecord['response']>), status } }
  }) as [TapRecord, TapRecord]
  const { response: _none, ...silent } = other
  const result = { outcome, differences, differencesCut: false, notes: [] }
  return { primary, other: skipped === undefined ? other : { ...silent, skipped }, result }
}

const told = (metrics: readonly { metric: string; detail: string }[]) =>
  metrics.map(({ metric, detail }) => (detail ? `${metric} ${detail}` : metric))
const shadow = (of: Parameters<typeof pair>[0], memory = emptyMemory()) => told(metricsOfShadow(pair(of), memory))

describe('what a pair is counted as', () => {
  it('is one pair where nothing differs', () => {
    expect(shadow({})).toEqual(['pairs'])
  })

  it('is its units and their set, where it differs', () => {
    const differences = [changed('/b'), changed('/items/3/a'), changed('/items/7/a')]
    expect(shadow({ outcome: 'different', differences })).toEqual([
      ...['pairs', 'differing', 'unit changed /b', 'unit changed /items/*/a'],
      `set ${unitId('changed /b')} ${unitId('changed /items/*/a')}`,
    ])
  })

  it('leaves what is known as noisy out of the set, never out of the units', () => {
    const memory = emptyMemory(new Set(['changed /at']))
    const at = { outcome: 'noise' as const, differences: [{ ...changed('/at'), noise: true, rule: 'learned' }] }
    expect(shadow(at, memory)).toEqual(['pairs', 'differing', 'unit changed /at'])
  })

  it('is nothing where a rule covers what differs', () => {
    expect(shadow({ outcome: 'noise', differences: [{ ...changed('/at'), noise: true, rule: 'times' }] })).toEqual([
      'pairs',
    ])
  })

  it.each<[string, Parameters<typeof pair>[0], string[]]>([
    ['a time-out', { outcome: 'incomplete', skipped: 'timeout' }, ['timeouts', 'worse']],
    [
      'a time-out where the primary failed',
      { outcome: 'incomplete', skipped: 'timeout', statuses: [500, 0] },
      ['incomplete'],
    ],
    ['what the guard shed', { outcome: 'incomplete', skipped: 'shed-rate' }, ['shed']],
    ['a truncated answer', { outcome: 'incomplete' }, ['incomplete']],
    ['a truncated answer that failed', { outcome: 'incomplete', statuses: [200, 503] }, ['incomplete', 'worse']],
    ['a shadow that answers where the primary fails', { statuses: [500, 200] }, ['pairs', 'better']],
    ['both failing', { statuses: [502, 500] }, ['pairs']],
  ])('tells %s', (_what, of, expected) => {
    expect(shadow(of)).toEqual(expected)
  })

  it('is incomplete where the comparer gave up, for bytes that differ are no answers that do', () => {
    const gaveUp = pair({ outcome: 'different', differences: [changed('')] })
    const result = { ...gaveUp.result, notes: ['diff took longer than 500 ms: compared by hash'] }
    expect(told(metricsOfShadow({ ...gaveUp, result }, emptyMemory()))).toEqual(['incomplete'])
    expect(told(metricsOfControl({ ...gaveUp, result }, emptyMemory()))).toEqual(['incomplete'])
  })

  it('has no more units and sets than there is room for', () => {
    const memory = emptyMemory()
    for (let n = 0; n < 2_000; n += 1) shadow({ outcome: 'different', differences: [changed(`/field-${n}`)] }, memory)
    expect(memory.units.size).toBe(512)
    expect(memory.sets.size).toBe(512)
    const beyond = shadow({ outcome: 'different', differences: [changed('/one-more')] }, memory)
    expect(beyond).toEqual(['pairs', 'differing', 'unit changed …', 'overflow'])
  })

  it('is at most 1,000 bytes a key, whatever the path', () => {
    const long = { ...changed(`/${'日本語'.repeat(400)}`) }
    for (const key of shadow({ outcome: 'different', differences: [long] }))
      expect(Buffer.byteLength(key)).toBeLessThan(1_000)
  })
})

describe('the control', () => {
  it('makes its units noisy', () => {
    const memory = emptyMemory()
    const at = pair({ outcome: 'different', differences: [changed('/at')] })
    expect(told(metricsOfControl(at, memory))).toEqual(['pairs', 'differing', 'unit changed /at'])
    expect([...memory.noisy]).toEqual(['changed /at'])
    expect(told(metricsOfControl(pair({ outcome: 'incomplete', skipped: 'timeout' }), memory))).toEqual(['incomplete'])
  })

  it('tells with the shadow which of them differed, and keeps their times until the endpoint is warm', () => {
    const memory = emptyMemory()
    const differing = pair({ outcome: 'different', differences: [changed('/a')] })
    const settings = { judgesLatency: true, warmUpRequests: 20 }
    const joint = told(metricsOfJoint(differing, pair({}), memory, settings))
    expect(joint).toEqual(['onlyShadow', `latency ${differing.primary.id} 2100 2100 2100`])
    expect(told(metricsOfJoint(pair({}), differing, memory, { ...settings, judgesLatency: false }))).toEqual([
      'onlyControl',
    ])
    for (let n = 0; n < 1_000; n += 1) metricsOfJoint(pair({}), pair({}), memory, settings)
    expect(told(metricsOfJoint(pair({}), pair({}), memory, settings))).toEqual(['latencyLeftOut'])
  })
})
