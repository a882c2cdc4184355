import { describe, expect, it } from '@jest/globals'
import { type Cause, causesOf } from '../../../collector/core/cause/cause.ts'
import { type Causes, MAX_CAUSES } from '../../../collector/core/cause/cause-tally.ts'
import { rankCauses } from '../../../collector/core/cause/rank-causes.ts'
import { SAMPLE_SLOTS } from '../../../collector/core/cause/sample.ts'
import type { Difference } from '../../../collector/core/comparison.ts'
import { type CountedPair, causesOfPairs, tallyOfPairs } from '../../helpers/difference-counts.ts'

const ENDPOINT = 'GET /tickets'
const changed = (path: string, primary: Difference['primary'], shadow: Difference['shadow']): Difference =>
  ({ path, kind: 'changed', primary, shadow }) as Difference

const told = (...differences: Difference[]) =>
  causesOf(ENDPOINT, differences).map(({ cause: c }) => `${c.path} ${c.kind} ${c.valueClass}`)

function tallyOf(pairs: Partial<CountedPair>[]): Causes {
  return causesOfPairs(
    pairs.map((pair, n) => ({ exchangeId: `x${n}`, atMs: n, endpoint: ENDPOINT, differences: [], ...pair })),
  )
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

  it('holds no more than its limit and counts the rest as one', () => {
    const causes = tallyOf(Array.from({ length: 2_100 }, (_, n) => ({ differences: [changed(`/k${n}x`, 1, 2)] })))
    expect(causes.byId.size).toBe(MAX_CAUSES + 1)
    const [first] = rankCauses(causes)
    expect([first?.cause.endpoint, first?.count]).toEqual(['* other', 100])
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
    const differences = [changed('/noisy', 1, 2), changed('line:3', 'a', 'b')]
    const control = tallyOfPairs([
      { exchangeId: 'c', atMs: 0, endpoint: ENDPOINT, differences },
      { exchangeId: 'd', atMs: 1, endpoint: ENDPOINT, differences: [] },
    ])
    expect(names({ control })).toEqual(['/often', '/seldom'])
    const all = rankCauses(causes, { control, includeNoise: true, pairs: new Map([[ENDPOINT, 4]]) })
    expect(all.find(({ cause }) => cause.path === '/noisy')).toMatchObject({
      rate: 0.5,
      controlRate: 0.5,
      noise: 'learned',
    })
  })
})
