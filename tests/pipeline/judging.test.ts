import { describe, expect, it } from '@jest/globals'
import type { ComparisonResult, Difference } from '../../collector/core/comparison.ts'
import { learnedNoise } from '../../collector/core/noise/learned-noise.ts'
import { createRuleSet } from '../../collector/core/rules/rule-set.ts'
import { createJudging } from '../../collector/pipeline/judging.ts'
import { createKnownNoise } from '../../collector/pipeline/known-noise.ts'
import { parseRules } from '../../plugin-config/rules.ts'

const ENDPOINT = 'GET /orders/{id}'
const place = { route: 'shop', variant: 'shadow', endpoint: ENDPOINT, createdAtMs: Date.parse('2026-11-21T10:00:00Z') }

function rulesOf(...written: unknown[]) {
  const parsed = parseRules(written)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return createRuleSet(parsed.rules)
}

const different = (...differences: Difference[]): ComparisonResult => ({
  outcome: 'different',
  differences,
  differencesCut: false,
  notes: [],
})
const changed = (path: string): Difference => ({ path, kind: 'changed', primary: 1, shadow: 2 })

function judgingWith(rules: ReturnType<typeof rulesOf> | null, noisy: string[] = [], version?: string) {
  const noise = learnedNoise(noisy.map((path) => ({ endpoint: ENDPOINT, path, kind: 'changed' })))
  return createJudging({ rulesOf: () => rules, noiseOf: () => noise, shadowVersionOf: () => version })
}

describe('judging a pair', () => {
  it('makes noise of a pair that rules and learned noise cover together, each difference with its reason', () => {
    const judging = judgingWith(rulesOf({ name: 'the counter', at: '/served', treat: 'counter' }), ['/token'])
    const result = judging.judge(place, different(changed('/served'), changed('/token')))
    expect(result.outcome).toBe('noise')
    expect(result.differences.map(({ noise, rule }) => [noise, rule])).toEqual([
      [true, 'the counter'],
      [true, 'learned'],
    ])
  })

  it('counts a noisy field that is removed, and keeps the pair different', () => {
    const judging = judgingWith(null, ['/token'])
    const removed: Difference = { path: '/token', kind: 'removed', primary: 'x' }
    expect(judging.judge(place, different(changed('/token'), removed))).toMatchObject({
      outcome: 'different',
      differences: [{ noise: true }, { kind: 'removed' }],
    })
    expect(judging.judge(place, different(removed)).differences[0]?.noise).toBeUndefined()
  })

  it('shows control pairs their noise unmasked, for they teach it', () => {
    const judging = judgingWith(rulesOf({ at: '/served', treat: 'counter' }), ['/token'])
    const result = judging.judge({ ...place, variant: 'control' }, different(changed('/served'), changed('/token')))
    expect(result.outcome).toBe('different')
    expect(result.differences.map(({ noise }) => noise)).toEqual([true, undefined])
  })

  it('brings a difference back when its rule ends, by date or by the version that the shadow runs', () => {
    const expected = { at: '/total', treat: 'expected', owner: 'ann', comment: 'new rounding' }
    const result = different(changed('/total'))
    const until = (end: unknown, version?: string) =>
      judgingWith(rulesOf({ ...expected, until: end }), [], version).judge(place, result).outcome
    expect(until('2026-11-21')).toBe('noise')
    expect(until('2026-11-20')).toBe('different')
    expect(until({ version: '2.4' }, '2.3.9')).toBe('noise')
    expect(until({ version: '2.4' }, '2.4.0')).toBe('different')
    expect(until({ version: '2.4' })).toBe('noise')
  })

  it('tells the comparer how arrays are to be read', () => {
    const judging = judgingWith(rulesOf({ at: '/tags', treat: 'unordered', endpoint: 'GET /orders/**' }))
    expect(judging.arraysOf(place)).toEqual([{ at: '/tags', as: 'unordered' }])
    expect(judging.arraysOf({ ...place, endpoint: 'GET /users' })).toEqual([])
    expect(judgingWith(null).arraysOf(place)).toEqual([])
  })
})

describe('noise that is known', () => {
  const unit = (path: string) => ({ endpoint: ENDPOINT, path, kind: 'changed' as const })

  it('belongs to a version of the primary and goes with it', () => {
    const known = createKnownNoise()
    expect(known.noiseOf('shop', '1')).toBeNull()
    known.admit('shop', '1', unit('/at'))
    expect(known.noiseOf('shop', '1')?.isNoisy(unit('/at'))).toBe(true)
    expect(known.noiseOf('shop', '2')).toBeNull()
    known.admit('shop', '2', unit('/id'))
    expect(known.noiseOf('shop', '2')?.isNoisy(unit('/at'))).toBe(false)
    expect(known.noiseOf('other', '2')).toBeNull()
  })

  it('has a bound, and goes on knowing what it knew', () => {
    const known = createKnownNoise(2)
    expect(['/a', '/b', '/c', '/a'].map((path) => known.admit('shop', '1', unit(path)))).toEqual([
      ...[true, true, false, true],
    ])
  })
})
