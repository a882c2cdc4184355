// What every comparison reader promises. The fake and the real read model both run it.
import { expect, it } from '@jest/globals'
import type { ComparisonPosition, ComparisonReadModel } from '../../collector/store/comparison-read-model.ts'
import type { FakeStore } from './fake-comparison-reader.ts'
import { baseMs, exchangeIdAt, storedComparison } from './stored-rows.ts'

const at = (seconds: number, n = 0) => exchangeIdAt(baseMs + seconds * 1000, n)

/** Twelve exchanges, one every second; each third has a control pair, two share a millisecond, one is on another route. */
export function contractStore(): FakeStore {
  const comparisons = Array.from({ length: 12 }, (_, second) =>
    storedComparison({
      exchangeId: at(second),
      outcome: second % 2 === 0 ? 'different' : 'match',
      ...(second === 7 ? { route: 'billing', endpoint: 'POST /bills' } : {}),
    }),
  )
  comparisons.push(storedComparison({ exchangeId: at(5, 1), variant: 'shadow' }))
  comparisons.push(
    storedComparison({
      exchangeId: at(5, 1),
      variant: 'shadow-next',
      outcome: 'incomplete',
      skipped: 'shadow: timeout',
    }),
  )
  for (const second of [0, 3, 6, 9])
    comparisons.push(storedComparison({ exchangeId: at(second), variant: 'control', outcome: 'noise' }))
  const many = Array.from({ length: 60 }, (_, index) => ({
    path: `/items/${index}`,
    kind: 'added' as const,
    shadow: index,
  }))
  comparisons.push(storedComparison({ exchangeId: at(20), differences: many, differenceCount: 60 }))
  return {
    comparisons,
    unpaired: [
      {
        exchangeId: at(30),
        createdAtMs: baseMs + 30_000,
        variant: 'shadow',
        side: 'shadow',
        route: 'ticketing',
        reason: 'no-shadow',
        method: 'GET',
        path: '/x',
      },
    ],
    settled: [
      { exchangeId: at(30), variant: 'shadow' },
      { exchangeId: at(31), variant: 'shadow' },
    ],
  }
}

export function describeReader(reader: () => ComparisonReadModel): void {
  const keys = (items: { exchangeId: string; variant: string }[]) =>
    items.map((item) => `${item.exchangeId}:${item.variant}`)

  it('lists newest first and leaves control pairs out', async () => {
    const { items, next } = await reader().list({}, { limit: 200 })
    expect(items).toHaveLength(15)
    expect(next).toBeNull()
    expect(items.map((item) => item.variant)).not.toContain('control')
    expect(keys(items)).toEqual(keys(items).sort().reverse())
  })

  it('lists the same in full, as each pair is shown by itself', async () => {
    const short = await reader().list({}, { limit: 5 })
    const { items, next } = await reader().listInFull({}, { limit: 5 })
    expect(keys(items)).toEqual(keys(short.items))
    expect(next).toEqual(short.next)
    for (const item of items) expect([item]).toEqual(await reader().pairsOf(item.exchangeId, item.variant))
  })

  it('lists control pairs when they are asked for', async () => {
    const { items } = await reader().list({ variant: 'control' }, { limit: 200 })
    expect(items).toHaveLength(4)
  })

  it.each([1, 2, 4, 14])('walks every row once with pages of %i', async (limit) => {
    const seen: string[] = []
    let after: ComparisonPosition | null = null
    do {
      const page: Awaited<ReturnType<ComparisonReadModel['list']>> = await reader().list(
        {},
        after ? { limit, after } : { limit },
      )
      seen.push(...keys(page.items))
      after = page.next
    } while (after)
    expect(seen).toHaveLength(15)
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
  })

  it.each([
    ['route', { route: 'billing' }, 1],
    ['endpoint', { endpoint: 'POST /bills' }, 1],
    ['outcome', { outcome: 'incomplete' as const }, 1],
    ['outcome match', { outcome: 'match' as const }, 6],
    ['variant', { variant: 'shadow-next' }, 1],
    ['a half-open range', { fromMs: baseMs + 2000, toMs: baseMs + 4000 }, 2],
    [
      'all of them',
      { route: 'ticketing', outcome: 'different' as const, fromMs: baseMs + 4000, toMs: baseMs + 9000 },
      4,
    ],
    ['a value with SQL in it', { route: "x' OR '1'='1" }, 0],
    ['a wildcard, which means itself', { endpoint: '%' }, 0],
    ['the year 9999', { fromMs: Date.parse('9999-12-31T23:59:59Z') }, 0],
    [
      'a range before our time',
      { fromMs: Date.parse('0001-01-01T00:00:00Z'), toMs: Date.parse('1900-01-01T00:00:00Z') },
      0,
    ],
  ])('narrows by %s', async (_name, filters, expected) => {
    const { items } = await reader().list(filters, { limit: 200 })
    expect(items).toHaveLength(expected)
  })

  it('leaves headers and bodies out of lists', async () => {
    const [item] = (await reader().list({}, { limit: 1 })).items
    expect(item).not.toHaveProperty('requestHeaders')
    expect(Object.keys(item?.primary ?? {}).sort()).toEqual(['bodyBytes', 'latencyMs', 'status'])
  })

  it('shows at most 50 differences of a row in lists, all of them in full', async () => {
    const [item] = (await reader().list({}, { limit: 1 })).items
    expect(item).toMatchObject({ exchangeId: at(20), differenceCount: 60, differencesCut: true })
    expect(item?.differences).toHaveLength(50)
    expect(item?.differences[49]).toEqual({ path: '/items/49', kind: 'added', shadow: 49 })
    const [pair] = await reader().pairsOf(at(20))
    expect(pair).toMatchObject({ differenceCount: 60, differencesCut: false })
    expect(pair?.differences).toHaveLength(60)
  })

  it('gives a pair back as it was stored', async () => {
    const [pair, ...others] = await reader().pairsOf(at(5, 1), 'shadow-next')
    expect(others).toEqual([])
    expect(pair).toEqual(
      storedComparison({
        exchangeId: at(5, 1),
        variant: 'shadow-next',
        outcome: 'incomplete',
        skipped: 'shadow: timeout',
      }),
    )
  })

  it('gives all pairs of an exchange, control last', async () => {
    expect((await reader().pairsOf(at(3))).map((pair) => pair.variant)).toEqual(['shadow', 'control'])
    expect((await reader().pairsOf(at(5, 1))).map((pair) => pair.variant)).toEqual(['shadow', 'shadow-next'])
    expect(await reader().pairsOf(at(3), 'nobody')).toEqual([])
  })

  it('tells of an exchange what never came and what was not kept', async () => {
    expect(await reader().exchange(at(30))).toEqual({
      pairs: [],
      unpaired: contractStore().unpaired,
      settled: ['shadow'],
    })
    expect(await reader().exchange(at(31))).toEqual({ pairs: [], unpaired: [], settled: ['shadow'] })
    expect(await reader().exchange(at(99))).toEqual({ pairs: [], unpaired: [], settled: [] })
  })
}
