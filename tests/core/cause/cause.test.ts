import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Cause, causesOf } from '../../../collector/core/cause/cause.ts'
import {
  addCauses,
  type CausePair,
  type Causes,
  emptyCauses,
  MAX_CAUSES,
  mergeCauses,
} from '../../../collector/core/cause/cause-tally.ts'
import { rankCauses } from '../../../collector/core/cause/rank-causes.ts'
import { SAMPLE_SLOTS } from '../../../collector/core/cause/sample.ts'
import type { Difference } from '../../../collector/core/comparison.ts'
import { addControlPair, emptyTally } from '../../../collector/core/noise/control-tally.ts'

const ENDPOINT = 'GET /tickets'
const changed = (path: string, primary: Difference['primary'], shadow: Difference['shadow']): Difference =>
  ({ path, kind: 'changed', primary, shadow }) as Difference

const told = (...differences: Difference[]) =>
  causesOf(ENDPOINT, differences).map(({ cause: c }) => `${c.path} ${c.kind} ${c.valueClass}`)

function tallyOf(pairs: Iterable<Partial<CausePair>>): Causes {
  const causes = emptyCauses()
  let n = 0
  for (const pair of pairs) {
    addCauses(causes, { exchangeId: `x${n}`, atMs: n, endpoint: ENDPOINT, differences: [], ...pair })
    n += 1
  }
  return causes
}

describe('causesOf', () => {
  it('names added items once', () => {
    const added = Array.from(
      { length: 7 },
      (_, n): Difference => ({ path: `/items/${n + 5}`, kind: 'added', shadow: { id: n } }),
    )
    expect(told(...added)).toEqual(['/items/* added object'])
  })

  it.each<[string, Difference[], string[]]>([
    ['lines of a stack', [changed('line:8', 'a', 'b'), changed('line:9', 'a', 'c')], ['line:* changed string']],
    ['a text in markup', [changed('/html/body/pre/0/text/0', 'a', 'b')], ['/html/body/pre/*/text/* changed string']],
    ['statuses by number', [changed('status', 200, 404)], ['status changed 200 → 404']],
    ['a type', [{ path: '/a', kind: 'type', primary: 1, shadow: '1' }], ['/a type number → string']],
    ['a value gone empty', [changed('/a', 'x', '')], ['/a changed string → empty']],
    ['booleans', [changed('/a', true, false)], ['/a changed true → false']],
    [
      'random tokens as one',
      [changed('/0/a', 'abc', 'x1'), changed('/1/a', 'a9Z', 'zzzzzzzzz0')],
      ['/*/a changed string'],
    ],
    ['a moved list', [{ path: '/l', kind: 'reordered', primary: [1, 2], shadow: [2, 1] }], ['/l reordered array']],
  ])('names %s', (_, differences, expected) => {
    expect(told(...differences)).toEqual(expected)
  })

  it('gives a cause the same id everywhere, and another to what is noise', () => {
    const [one] = causesOf(ENDPOINT, [changed('/items/1/a', 1, 2)])
    const [two] = causesOf(ENDPOINT, [changed('/items/2/a', 3, 4)])
    const [noise] = causesOf(ENDPOINT, [{ ...changed('/items/2/a', 3, 4), noise: true, rule: 'n' }])
    expect(one?.cause.id).toMatch(/^[0-9a-f]{16}$/)
    expect(two?.cause).toEqual(one?.cause)
    expect(noise?.cause).toMatchObject({ noise: 'n' })
    expect(noise?.cause.id).not.toBe(one?.cause.id)
  })
})

describe('a tally of causes', () => {
  const place = fc.constantFrom('/a', '/items/1', '/items/2', 'status', 'line:3')
  const difference = fc.tuple(place, fc.nat(3), fc.nat(3)).map(([path, one, two]) => changed(path, one, two))
  const pair = fc.record({
    atMs: fc.nat(5),
    exchangeId: fc.constantFrom('a', 'b', 'c'),
    differences: fc.array(difference, { maxLength: 4 }),
  })

  it('is the same however its pairs were split and in whatever order they were merged', () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), fc.array(pair), (a, b, c) => {
        const whole = canonical(tallyOf([...a, ...b, ...c]))
        const [x, y, z] = [tallyOf(a), tallyOf(b), tallyOf(c)]
        expect(canonical(mergeCauses(mergeCauses(x, y), z))).toEqual(whole)
        expect(canonical(mergeCauses(z, mergeCauses(y, x)))).toEqual(whole)
      }),
    )
  })

  it('keeps the newest sample of each look, and a rare one however many come after it', () => {
    const rare = { atMs: 3, exchangeId: 'rare', differences: [changed('/a', 'never again', 'x')] }
    const common = Array.from({ length: 1_000 }, (_, n) => ({
      atMs: 10 + n,
      exchangeId: `c${n}`,
      differences: [changed('/a', 'same', 'x')],
    }))
    const [cause] = rankCauses(tallyOf([rare, ...common]))
    expect(cause?.count).toBe(1_001)
    expect(cause?.samples.map(({ exchangeId }) => exchangeId)).toEqual(['c999', 'rare'])
    expect([cause?.firstSeenMs, cause?.lastSeenMs]).toEqual([3, 1_009])
  })

  it('keeps few samples of varied values', () => {
    const varied = Array.from({ length: 500 }, (_, n) => ({ differences: [changed('/a', n, -n)] }))
    expect(rankCauses(tallyOf(varied))[0]?.samples).toHaveLength(SAMPLE_SLOTS)
  })

  it('holds no more than its limit and counts the rest', () => {
    const causes = tallyOf(Array.from({ length: 2_100 }, (_, n) => ({ differences: [changed(`/k${n}x`, 1, 2)] })))
    expect(causes.byId.size).toBe(MAX_CAUSES)
    expect(causes.leftOut).toBe(100)
  })
})

describe('rankCauses', () => {
  const causes = tallyOf([
    { differences: [changed('/often', 1, 2), { ...changed('/ruled', 1, 2), noise: true, rule: 'r' }] },
    { differences: [changed('/often', 1, 2), changed('/noisy', 1, 2), changed('line:3', 'a', 'b')] },
    { differences: [changed('/seldom', 1, 2), changed('/noisy', 1, 2)] },
  ])
  const names = (options: Parameters<typeof rankCauses>[1]) =>
    rankCauses(causes, options).map(({ cause }: { cause: Cause }) => cause.path)

  it('puts what touches most requests first, without noise', () => {
    expect(names({})).toEqual(['/noisy', '/often', '/seldom', 'line:*'])
    expect(names({ limit: 1 })).toEqual(['/noisy'])
    expect(names({ includeNoise: true })).toContain('/ruled')
  })

  it('takes for noise what the control shows, however late it was learned', () => {
    const control = emptyTally()
    const differences = [changed('/noisy', 1, 2), changed('line:3', 'a', 'b')]
    addControlPair(control, { exchangeId: 'c', endpoint: ENDPOINT, differences })
    addControlPair(control, { exchangeId: 'd', endpoint: ENDPOINT, differences: [] })
    expect(names({ control })).toEqual(['/often', '/seldom'])
    const all = rankCauses(causes, { control, includeNoise: true, pairs: new Map([[ENDPOINT, 4]]) })
    expect(all.find(({ cause }) => cause.path === '/noisy')).toMatchObject({
      rate: 0.5,
      controlRate: 0.5,
      noise: 'learned',
    })
  })
})

function canonical({ byId }: Causes): unknown {
  return [...byId.values()]
    .map(({ samples, ...rest }) => ({ ...rest, samples: [...samples].sort(([one], [two]) => one - two) }))
    .map(({ samples, ...rest }) => ({
      ...rest,
      samples: samples.map(([slot, { exchangeId, atMs }]) => [slot, exchangeId, atMs]),
    }))
    .sort((one, two) => (one.cause.id < two.cause.id ? -1 : 1))
}
