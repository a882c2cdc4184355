import { describe, expect, it } from '@jest/globals'
import { compareFull } from '../../../collector/core/compare/compare-full.ts'
import type { ComparisonResult, Difference, ShownValue } from '../../../collector/core/comparison.ts'
import { applyRules } from '../../../collector/core/rules/apply-rules.ts'
import { previewRule } from '../../../collector/core/rules/preview-rule.ts'
import { createRuleSet } from '../../../collector/core/rules/rule-set.ts'
import { parseRules } from '../../../plugin-config/rules.ts'
import { cpuMs } from '../../helpers/cpu-clock.ts'
import { primarySide, shadowSide } from '../compare/sides.ts'

const AT = Date.parse('2026-11-21T10:00:00Z')
const CONTEXT = { endpoint: 'GET /tickets/{id}', atMs: AT }

function rulesOf(...written: unknown[]) {
  const parsed = parseRules(written)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.rules
}

const different = (...differences: Difference[]): ComparisonResult => ({
  outcome: 'different',
  differences,
  differencesCut: false,
  notes: [],
})
const changed = (primary: ShownValue, shadow: ShownValue, path = '/x'): Difference => ({
  path,
  kind: 'changed',
  primary,
  shadow,
})

function outcome(treat: unknown, difference: Difference): string {
  return applyRules(different(difference), createRuleSet(rulesOf({ at: '/x', treat })), CONTEXT).outcome
}

const UUIDS = ['018f2b1c-7c1e-7abc-8def-0123456789ab', '018f2b1c-7c1e-7abc-8def-0123456789AC'] as const

describe('a treatment', () => {
  it.each([
    ['uuid', UUIDS[0], UUIDS[1], 'noise'],
    ['uuid', UUIDS[0], '', 'different'],
    ['uuid', UUIDS[0], UUIDS[1].slice(1), 'different'],
    ['uuid', null, UUIDS[1], 'different'],
    ['ulid', '01ARZ3NDEKTSV4RRFFQ69G5FAV', '01ARZ3NDEKTSV4RRFFQ69G5FAW', 'noise'],
    ['ulid', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'I1ARZ3NDEKTSV4RRFFQ69G5FAW', 'different'],
    ['token', 'eyJhbGciOi.J9-_', 'x7sd9fk2', 'noise'],
    ['token', 'eyJhbGciOiJ9', '', 'different'],
    ['token', 'eyJhbGciOiJ9', 'no token here', 'different'],
    ['counter', 41, 42, 'noise'],
    ['counter', '41', '42', 'noise'],
    ['counter', 41, -1, 'different'],
    ['counter', 41, 41.5, 'different'],
    ['timestamp', '2026-01-02T03:04:05.1Z', '2026-01-02T04:04:35.100+01:00', 'noise'],
    ['timestamp', '2026-01-02 03:04:05', '2026-01-02T03:04:06', 'noise'],
    ['timestamp', '2026-01-02T03:04:05Z', '1970-01-01T00:00:00Z', 'different'],
    ['timestamp', '2026-01-02T03:04:05Z', 'yesterday', 'different'],
    ['timestamp', 'Sat, 21 Nov 2026 10:25:54 GMT', 'Sat, 21 Nov 2026 10:25:55 GMT', 'noise'],
    ['timestamp', 1_767_323_045, 1_767_323_050, 'noise'],
    ['timestamp', 1_767_323_045_000, '1767323050000', 'noise'],
    ['timestamp', 5, 6, 'different'],
    [{ timestamp: { skewMs: 1_000 } }, '2026-01-02T03:04:05Z', '2026-01-02T03:04:07Z', 'different'],
    ['url-host', 'http://a:80/t/1?x#y', 'http://b/t/1?x#y', 'noise'],
    ['url-host', 'http://a/t/1', 'https://a/t/1', 'different'],
    ['url-host', 'http://a/t/1', 'http://b/t/2', 'different'],
    ['url-host', '/t/1', '/t/1', 'different'],
    [{ number: { within: 0.1 } }, 0.2, 0.3, 'noise'],
    [{ number: { within: 0.1 } }, 0.2, 0.31, 'different'],
    [{ number: { within: 0.1 } }, '0.2', '0.25', 'noise'],
    [{ number: { within: 1 } }, '9007199254740993', '9007199254740992', 'noise'],
    [{ number: { within: 1 } }, '1e400', '1e401', 'different'],
    [{ number: { within: 1 } }, '', '0', 'different'],
    [{ number: { percent: 10 } }, 100, 91, 'noise'],
    [{ number: { percent: 10 } }, 100, 89, 'different'],
    ['ignore', { a: 1 }, [], 'noise'],
    ['unordered', 1, 2, 'different'],
  ] as [unknown, ShownValue, ShownValue, string][])('%j makes of %j and %j: %s', (treat, primary, shadow, expected) => {
    expect(outcome(treat, changed(primary, shadow))).toBe(expected)
  })

  it.each(['uuid', 'timestamp', 'token', 'counter', 'unordered', { number: { within: 1e9 } }])(
    '%j lets a field count that is gone, new or of another type',
    (treat) => {
      expect(outcome(treat, { path: '/x', kind: 'removed', primary: UUIDS[0] })).toBe('different')
      expect(outcome(treat, { path: '/x', kind: 'added', shadow: 7 })).toBe('different')
      expect(outcome(treat, { path: '/x', kind: 'type', primary: 7, shadow: '7' })).toBe('different')
    },
  )

  it('asks every value of a header', () => {
    const rules = createRuleSet(rulesOf({ at: 'header:x-id', treat: 'uuid' }))
    const apply = (shadow: ShownValue) =>
      applyRules(different(changed([...UUIDS], shadow, 'header:x-id')), rules, CONTEXT)
    expect(apply([...UUIDS].reverse()).outcome).toBe('noise')
    expect(apply([UUIDS[1], 'x']).outcome).toBe('different')
    expect(apply(UUIDS[1]).outcome).toBe('different')
  })
})

describe('applyRules', () => {
  const ignoreX = rulesOf({ name: 'x is random', at: '/x', treat: 'ignore' })

  it('keeps what it covers, marked with the rule, and counts the rest', () => {
    const result = applyRules(different(changed(1, 2), changed(1, 2, '/y')), createRuleSet(ignoreX), CONTEXT)
    expect(result.outcome).toBe('different')
    expect(result.differences).toEqual([{ ...changed(1, 2), noise: true, rule: 'x is random' }, changed(1, 2, '/y')])
  })

  it('gives a result that no rule covers back as it came', () => {
    const result = different(changed(1, 2, '/y'))
    expect(applyRules(result, createRuleSet(ignoreX), CONTEXT)).toBe(result)
  })

  it('never makes noise of what was cut or incomplete', () => {
    const apply = (patch: Partial<ComparisonResult>) =>
      applyRules({ ...different(changed(1, 2)), ...patch }, createRuleSet(ignoreX), CONTEXT).outcome
    expect(apply({ differencesCut: true })).toBe('different')
    expect(apply({ outcome: 'incomplete' })).toBe('incomplete')
  })

  it('speaks of its endpoints and kinds alone', () => {
    const scoped = createRuleSet(rulesOf({ at: '/x', treat: 'ignore', endpoint: 'GET /tickets/*', kinds: ['added'] }))
    const added: Difference = { path: '/x', kind: 'added', shadow: 1 }
    expect(applyRules(different(added), scoped, CONTEXT).outcome).toBe('noise')
    expect(applyRules(different(changed(1, 2)), scoped, CONTEXT).outcome).toBe('different')
    expect(applyRules(different(added), scoped, { ...CONTEXT, endpoint: 'POST /tickets/1' }).outcome).toBe('different')
  })

  it.each([
    ['2026-11-20', {}, 'different'],
    ['2026-11-21', {}, 'noise'],
    [{ version: '2.3' }, {}, 'noise'],
    [{ version: '2.3' }, { version: 'v2.2.9-rc.1' }, 'noise'],
    [{ version: '2.3' }, { version: '2.3.0' }, 'different'],
    [{ version: '2.3' }, { version: '2.10' }, 'different'],
    [{ version: '2.3' }, { version: 'build-77' }, 'noise'],
  ])('comes back when a rule until %j has ended (%j)', (until, context, expected) => {
    const rules = createRuleSet(rulesOf({ at: '/x', treat: 'expected', until, owner: 'me', comment: 'moved' }))
    expect(applyRules(different(changed(1, 2)), rules, { ...CONTEXT, ...context }).outcome).toBe(expected)
  })

  it('covers timestamps and UUIDs everywhere, and finds the real change among them', () => {
    const document = (n: number, price: number) =>
      JSON.stringify({
        at: `2026-01-02T03:04:0${n}Z`,
        items: [{ id: `018f2b1c-7c1e-7abc-8def-01234567890${n}`, price }],
      })
    const rules = createRuleSet(
      rulesOf({ at: ['/at', '/**/at'], treat: 'timestamp' }, { at: '/items/*/id', treat: 'uuid' }),
    )
    const apply = (price: number) =>
      applyRules(compareFull(primarySide(document(1, 5)), shadowSide(document(2, price))), rules, CONTEXT)
    expect(apply(5).outcome).toBe('noise')
    const real = apply(6)
    expect(real.outcome).toBe('different')
    expect(real.differences.filter(({ noise }) => !noise).map(({ path }) => path)).toEqual(['/items/0/price'])
  })

  it('has the comparer read an array as the rule says, and covers its order alone', () => {
    const rules = createRuleSet(
      rulesOf({ at: '/tags', treat: 'unordered' }, { at: '/l', treat: { unordered: { by: 'k' } } }),
    )
    const compare = (document: unknown) => {
      const before = primarySide(JSON.stringify({ tags: ['a', 'b', 'c'], l: [{ k: true }, { k: false, v: 1 }] }))
      const after = shadowSide(JSON.stringify(document))
      return applyRules(compareFull(before, after, undefined, rules.arraysOf(CONTEXT)), rules, CONTEXT)
    }
    expect(compare({ tags: ['c', 'a', 'b'], l: [{ k: false, v: 1 }, { k: true }] }).outcome).toBe('noise')
    const real = compare({ tags: ['c', 'a', 'x'], l: [{ k: false, v: 2 }, { k: true }] })
    expect(real.differences.filter(({ noise }) => !noise).map(({ path }) => path)).toEqual(['/tags/1', '/l/1/v'])
  })

  it('takes 200 differences through 200 rules in no time', () => {
    const rules = createRuleSet(
      rulesOf(...Array.from({ length: 200 }, (_, i) => ({ at: `/**/a/**/b/**/k${i}`, treat: 'uuid' }))),
    )
    const deep = '/a/b'.repeat(50)
    const result = different(...Array.from({ length: 200 }, (_, i) => changed(1, 2, `${deep}/${i}`)))
    const startedAt = cpuMs()
    expect(applyRules(result, rules, CONTEXT)).toBe(result)
    expect(cpuMs() - startedAt).toBeLessThan(500)
  })
})

describe('previewRule', () => {
  const pair = (exchangeId: string, ...differences: Difference[]) => ({
    exchangeId,
    endpoint: CONTEXT.endpoint,
    atMs: AT,
    result: differences.length === 0 ? { ...different(), outcome: 'match' as const } : different(...differences),
  })

  it('counts what the rule would hide and shows what looks real', () => {
    const [rule] = rulesOf({ at: '/x', treat: 'ignore' })
    const gone: Difference = { path: '/x', kind: 'removed', primary: 7 }
    const preview = previewRule(rule!, [
      pair('a', changed(UUIDS[0], UUIDS[1])),
      pair('b', changed(1, 2), changed(1, 2, '/y')),
      pair('c', gone),
      pair('d', changed(1, 2, '/y')),
      pair('e'),
    ])
    expect(preview).toMatchObject({ pairs: 5, different: 4, touched: 3, hidden: 2, differences: 3 })
    expect(preview.examples.map(({ exchangeId }) => exchangeId)).toEqual(['a', 'c', 'b'])
    expect(preview.real).toEqual([{ exchangeId: 'c', endpoint: CONTEXT.endpoint, difference: gone }])
  })

  it('keeps few examples of many', () => {
    const [rule] = rulesOf({ at: '/**', treat: 'ignore' })
    const pairs = Array.from({ length: 100 }, (_, i) =>
      pair(`${i}`, changed(i, 'x', `/items/${i}/a`), changed(i, 1, `/k${i}`)),
    )
    const preview = previewRule(rule!, pairs, 3)
    expect(preview.hidden).toBe(100)
    expect(preview.examples).toHaveLength(3)
  })
})
