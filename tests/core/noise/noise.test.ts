import { describe, expect, it } from '@jest/globals'
import type { ComparisonResult, Difference } from '../../../collector/core/comparison.ts'
import { type ControlTally, tallyFromRows, tallyLimits } from '../../../collector/core/noise/control-tally.ts'
import { applyNoise, LEARNED, learnedNoise, noiseOf } from '../../../collector/core/noise/learned-noise.ts'
import { placeOf } from '../../../collector/core/noise/place.ts'
import { proposeRules } from '../../../collector/core/noise/propose-rules.ts'
import { applyRules } from '../../../collector/core/rules/apply-rules.ts'
import { createRuleSet } from '../../../collector/core/rules/rule-set.ts'
import { parseRules, writtenRule } from '../../../plugin-config/rules.ts'
import { type CountedPair, tallyOfPairs } from '../../helpers/difference-counts.ts'

const ENDPOINT = 'GET /tickets/{id}'

const changed = (
  path: string,
  primary: Difference['primary'] = 'a',
  shadow: Difference['shadow'] = 'b',
): Difference => ({
  path,
  kind: 'changed',
  ...(primary === undefined ? {} : { primary }),
  ...(shadow === undefined ? {} : { shadow }),
})

const result = (...differences: Difference[]): ComparisonResult => ({
  outcome: 'different',
  differences,
  differencesCut: false,
  notes: [],
})

function pairsOf(count: number, differencesOf: (n: number) => Difference[], endpoint = ENDPOINT): CountedPair[] {
  return Array.from({ length: count }, (_, n) => ({
    ...{ exchangeId: `x${n}`, atMs: n, endpoint, differences: differencesOf(n) },
  }))
}

function tallyOf(count: number, differencesOf: (n: number) => Difference[]): ControlTally {
  return tallyOfPairs(pairsOf(count, differencesOf))
}

describe('placeOf', () => {
  it.each([
    ['/items/7/id', '/items/*/id'],
    ['/0', '/*'],
    ['', ''],
    ['status', 'status'],
    ['line:8', 'line:8'],
    ['header:x-7', 'header:x-7'],
    ['/byId/018f2b1c-7c1e-7abc-8def-0123456789ab/x', '/byId/*/x'],
    ['/byId/507f1f77bcf86cd799439011', '/byId/*'],
    ['/v1/a2', '/v1/a2'],
    [`/${'x'.repeat(400)}`, `/${'x'.repeat(298)}…`],
  ])('makes of %j %j', (path, place) => {
    expect(placeOf(path)).toBe(place)
  })
})

describe('learned noise', () => {
  const noise = noiseOf(tallyOf(1, () => [changed('/items/3/at'), changed('header:x-build')]))

  it('covers what the control has shown once, in every element', () => {
    const applied = applyNoise(result(changed('/items/9/at'), changed('header:x-build')), ENDPOINT, noise)
    expect(applied.outcome).toBe('noise')
    expect(applied.differences[0]).toMatchObject({ noise: true, rule: LEARNED })
  })

  it.each<[string, Difference]>([
    ['that is removed', { path: '/items/9/at', kind: 'removed', primary: 1 }],
    ['of another type', { path: '/items/9/at', kind: 'type', primary: 1, shadow: '1' }],
    ['beside it', changed('/items/9/by')],
  ])('lets a field count %s', (_, difference) => {
    expect(applyNoise(result(difference), ENDPOINT, noise).outcome).toBe('different')
  })

  it('speaks of its endpoint alone', () => {
    expect(applyNoise(result(changed('/items/9/at')), 'GET /other', noise).outcome).toBe('different')
  })

  it('covers all lines of a text once many of them are noisy', () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ endpoint: ENDPOINT, path: `line:${n}`, kind: 'changed' as const }))
    const unit = { endpoint: ENDPOINT, path: 'line:99', kind: 'changed' as const }
    expect(learnedNoise(lines(20)).isNoisy(unit)).toBe(false)
    expect(learnedNoise(lines(21)).isNoisy(unit)).toBe(true)
    expect(learnedNoise(lines(21)).isNoisy({ ...unit, kind: 'removed' })).toBe(false)
  })
})

describe('a tally of control pairs', () => {
  it('counts a unit once a pair, and not what a rule covers', () => {
    const tally = tallyOf(10, (n) => [
      changed(`/items/${n}/at`),
      changed('/items/99/at'),
      { ...changed('/x'), noise: true },
    ])
    expect([...tally.units.values()].map(({ unit, pairs }) => [unit.path, pairs])).toEqual([['/items/*/at', 10]])
    expect(tally.pairs.get(ENDPOINT)).toBe(10)
  })

  it('is the same in whatever order its rows come', () => {
    const one = pairsOf(3, (n) => [changed('/a'), changed(`/k${n}`)])
    const two = pairsOf(4, () => [changed('/a', 1, 2)])
    const counts = ({ pairs, units }: ControlTally) =>
      [...pairs, ...[...units].map(([key, { pairs: count, shapes }]) => [key, count, shapes] as const)].sort()
    const both = tallyOfPairs([...one, ...two])
    expect(counts(both)).toEqual(counts(tallyOfPairs([...two, ...one])))
    expect(both.pairs.get(ENDPOINT)).toBe(7)
    expect([...both.units.values()].find(({ unit }) => unit.path === '/a')?.pairs).toBe(7)
    expect(tallyFromRows(both.pairs, both.units.values())).toEqual(both)
  })

  it('holds no more units than its limit', () => {
    const tally = tallyOf(60, (n) => Array.from({ length: 100 }, (_, i) => changed(`/k${n}x${i}`)))
    expect(tally.units.size).toBe(tallyLimits.units)
  })
})

describe('proposeRules', () => {
  const uuid = (n: number) => `018f2b1c-7c1e-7abc-8def-${String(n).padStart(12, '0')}`
  const at = (n: number) => `2026-01-02T03:04:${String(n % 60).padStart(2, '0')}Z`

  it.each<[string, (n: number) => Difference, unknown]>([
    ['a uuid', (n) => changed('/id', uuid(n), uuid(n + 1)), 'uuid'],
    ['a time', (n) => changed('/at', at(n), at(n + 1)), { timestamp: { skewMs: 60_000 } }],
    ['a counter', (n) => changed('/n', n, n + 1), 'counter'],
    ['a token', (n) => changed('/t', `aB3dE6${n}gH9`, `Zy8xW5${n}vU2`), 'token'],
    [
      'tokens that look like words at times',
      (n) => changed('/t', n % 5 ? `aB3dE6xx${n}` : 'abcdefgh', 'Zy8xW5vU2'),
      'token',
    ],
    ['a host', (n) => changed('/u', `http://a${n}/x`, 'http://b/x'), 'url-host'],
    ['a shuffled array', () => ({ path: '/l', kind: 'reordered', primary: [1, 2], shadow: [2, 1] }), 'unordered'],
    ['a number', () => changed('/p', 10.5, 10.2), { number: { percent: 6 } }],
    ['words', (n) => changed('/w', `some words ${n}`, 'other words'), 'ignore'],
    ['states', (n) => changed('/s', n % 2 ? 'accepted' : 'rejected', 'undecided'), 'ignore'],
    ['an id in a header', (n) => changed('header:x-id', uuid(n), uuid(n + 1)), 'uuid'],
  ])('proposes for %s what covers it', (_, differenceOf, treat) => {
    const tally = tallyOf(40, (n) => (n % 2 === 0 ? [differenceOf(n)] : []))
    const [proposal, ...more] = proposeRules(tally)
    expect(more).toEqual([])
    expect(proposal?.evidence).toMatchObject({ n: 40, k: 20, examples: [{}, {}, {}] })
    expect(proposal?.reason).toMatch(/^seen in 20 of 40 control pairs[,;] /)
    const parsed = parseRules([writtenRule(proposal!.rule)])
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    expect(writtenRule(parsed.rules[0]!).treat).toEqual(treat)
    const applied = applyRules(result(differenceOf(7)), createRuleSet(parsed.rules), { endpoint: ENDPOINT, atMs: 0 })
    expect(applied.outcome).toBe('noise')
  })

  it('waits for enough pairs, and for a field without a shape to come again', () => {
    expect(proposeRules(tallyOf(19, (n) => [changed('/id', uuid(n), uuid(n + 1))]))).toEqual([])
    expect(proposeRules(tallyOf(50, (n) => (n < 2 ? [changed('/w', 'some words')] : [])))).toEqual([])
  })

  it('proposes one rule for endpoints that show the same', () => {
    const differences = (n: number) => [changed('/id', uuid(n), uuid(n + 1))]
    const both = [...pairsOf(30, differences), ...pairsOf(30, differences, 'GET /users/{id}')]
    const [proposal, ...more] = proposeRules(tallyOfPairs(both))
    expect(more).toEqual([])
    expect(proposal?.rule.endpoints).toEqual([ENDPOINT, 'GET /users/{id}'])
    expect(proposal?.evidence).toMatchObject({ n: 60, k: 60 })
  })

  it('proposes nothing that could not be written', () => {
    const tally = tallyOf(30, () => [changed('header:x y'), changed(`${'/a'.repeat(60)}`), changed('/ok')])
    for (const { rule } of proposeRules(tally)) expect(parseRules([writtenRule(rule)]).ok).toBe(true)
  })
})
