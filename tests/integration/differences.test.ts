// Rules, noise learned from control pairs, and causes, through a real collector, Kafka and PostgreSQL.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const ROUTES = `
rules:
  - { name: any request id, at: /requestId, treat: uuid }
routes:
  - name: shop
    rule: PathPrefix(\`/shop\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
    store: all
    rules:
      - { name: tags in any order, at: /tags, treat: unordered, endpoint: GET /shop/** }
      - { name: new rounding, at: /total, treat: expected, until: 2099-01-01, owner: ann, comment: agreed }
`

let collector: OwnCollector

beforeAll(async () => {
  collector = await startOwnCollector({ routes: ROUTES, env: { UNDERSTUDY_PAIR_WINDOW_MS: '5000' } })
})
afterAll(async () => collector?.end())

type Bodies = { primary: unknown; shadow?: unknown; control?: unknown; uri?: string }

/** The records of one exchange, each side with its own answer. */
function exchange({ uri = '/shop/orders/7', ...bodies }: Bodies): TapRecord[] {
  const request = { ...tapRecord().request, uri }
  const others = (['shadow', 'control'] as const).filter((side) => bodies[side] !== undefined)
  const of = (side: 'primary' | 'shadow' | 'control', id?: string): TapRecord => ({
    ...tapRecord({ side, route: 'shop', request, body: JSON.stringify(bodies[side]) }),
    ...(id === undefined ? { expects: others } : { id }),
  })
  const primary = of('primary')
  return [primary, ...others.map((side) => of(side, primary.id))]
}

const send = (exchanges: TapRecord[][]) => postRecords(collector.ingest, exchanges.flat())

const settled = async () => Number((await collector.pool.query('SELECT count(*) AS n FROM settled_pairs')).rows[0].n)

async function sendAndSettle(exchanges: TapRecord[][]): Promise<void> {
  const before = await settled()
  await send(exchanges)
  // A shadow and a control of the same exchange are joined, which is settled like a pair.
  const pairs = exchanges.reduce((sum, { length }) => sum + (length === 3 ? 3 : length - 1), 0)
  await waitUntil(async () => (await settled()) >= before + pairs)
}

const comparison = async (records: TapRecord[], variant = 'shadow') =>
  (
    await collector.pool.query('SELECT outcome, differences FROM comparisons WHERE exchange_id = $1 AND variant = $2', [
      ...[records[0]?.id, variant],
    ])
  ).rows[0]

const rows = async (sql: string) => (await collector.pool.query(sql)).rows

describe('rules of the routes file', () => {
  it('cover what they speak of, for every route and for one, and leave the rest', async () => {
    const id = (digit: string) => `0198c0de-0000-7000-8000-00000000000${digit}`
    const covered = exchange({
      primary: { requestId: id('1'), tags: ['a', 'b', 'c'], total: 10, name: 'x' },
      shadow: { requestId: id('2'), tags: ['c', 'a', 'b'], total: 11, name: 'x' },
    })
    const real = exchange({ primary: { requestId: id('1'), name: 'x' }, shadow: { requestId: 'none', name: 'y' } })
    await sendAndSettle([covered, real])
    const noise = await comparison(covered)
    expect(noise.outcome).toBe('noise')
    expect(new Set(noise.differences.map((one: { rule: string }) => one.rule))).toEqual(
      new Set(['any request id', 'tags in any order', 'new rounding']),
    )
    const found = await comparison(real)
    expect(found.outcome).toBe('different')
    expect(found.differences).toEqual([
      { path: '/requestId', kind: 'changed', primary: id('1'), shadow: 'none' },
      { path: '/name', kind: 'changed', primary: 'x', shadow: 'y' },
    ])
  })
})

describe('control pairs', () => {
  const learning = Array.from({ length: 30 }, (_, n) =>
    exchange({
      uri: `/shop/clock/${n}`,
      primary: { at: `2026-11-21T10:00:${10 + n}Z`, price: 5 },
      control: { at: `2026-11-21T10:01:${10 + n}Z`, price: 5 },
      shadow: { at: `2026-11-21T10:02:${10 + n}Z`, price: 5 },
    }),
  )
  const tally = () =>
    rows(`SELECT p.pairs::int AS of, u.path, u.kind, u.shape, u.pairs::int, u.max_skew_ms, jsonb_array_length(u.examples) AS examples
          FROM noise_pairs p JOIN noise_units u USING (route, version, endpoint) WHERE p.endpoint = 'GET /shop/clock/{id}'`)
  const taught = {
    of: 30,
    path: '/at',
    kind: 'changed',
    shape: 'timestamp',
    pairs: 30,
    max_skew_ms: 60_000,
    examples: 3,
  }

  it('teach noise, and a replay of them teaches nothing more', async () => {
    await sendAndSettle(learning)
    expect(await tally()).toEqual([taught])
    await send(learning)
    const marker = exchange({ uri: '/shop/marker', primary: 1, shadow: 2 })
    await sendAndSettle([marker])
    expect(await tally()).toEqual([taught])
    expect(await comparison(learning[0] ?? [], 'control')).toMatchObject({ outcome: 'different' })
  })

  it('make noise of what changes in the shadow alike, but not of what is gone', async () => {
    const same = exchange({
      uri: '/shop/clock/900',
      primary: { at: '2026-11-21T11:00:00Z', price: 5 },
      shadow: { at: '2026-11-21T11:00:09Z', price: 5 },
    })
    const gone = exchange({
      uri: '/shop/clock/901',
      primary: { at: '2026-11-21T11:00:00Z', price: 5 },
      shadow: { price: 5 },
    })
    const another = exchange({
      uri: '/shop/other/1',
      primary: { at: '2026-11-21T11:00:00Z' },
      shadow: { at: '2026-11-21T11:00:09Z' },
    })
    await sendAndSettle([same, gone, another])
    expect(await comparison(same)).toMatchObject({ outcome: 'noise', differences: [{ noise: true, rule: 'learned' }] })
    expect((await comparison(gone)).outcome).toBe('different')
    expect((await comparison(another)).outcome).toBe('different')
  })

  it('are known again after a restart', async () => {
    await collector.killAndRestart()
    await waitUntil(async () => (await fetch(collector.ingest).catch(() => undefined))?.status === 405)
    const same = exchange({
      uri: '/shop/clock/902',
      primary: { at: '2026-11-21T11:00:00Z', price: 5 },
      shadow: { at: '2026-11-21T11:00:09Z', price: 5 },
    })
    await sendAndSettle([same])
    expect((await comparison(same)).outcome).toBe('noise')
  })
})

describe('causes', () => {
  it('are counted once a pair, by minute and by hour, with varied samples, whatever is delivered again', async () => {
    const many = Array.from({ length: 40 }, (_, n) =>
      exchange({
        uri: `/shop/carts/${n}`,
        primary: { items: [{ price: 1 }, { price: 2 }, { price: 3 }], state: 'open' },
        shadow: { items: [{ price: 9 }, { price: 9 }, { price: 3 }], ...(n % 20 === 0 ? {} : { state: 'open' }) },
      }),
    )
    await sendAndSettle(many)
    await send(many)
    await sendAndSettle([exchange({ uri: '/shop/marker', primary: 1, shadow: 2 })])
    const counts = (table: string) =>
      rows(`SELECT c.path, c.kind, c.value_class AS of, c.noise, sum(n.pairs)::int AS pairs FROM ${table} n
            JOIN causes c ON (c.route, c.variant, c.id) = (n.route, n.variant, n.cause)
            WHERE c.endpoint = 'GET /shop/carts/{id}' GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC`)
    const expected = [
      { path: '/items/*/price', kind: 'changed', of: 'number', noise: '', pairs: 40 },
      { path: '/state', kind: 'removed', of: 'string', noise: '', pairs: 2 },
    ]
    expect(await counts('cause_counts')).toEqual(expected)
    expect(await counts('cause_hours')).toEqual(expected)
    const [gone] = await rows(`SELECT s.exchange_id AS id FROM cause_samples s
      JOIN causes c ON (c.route, c.variant, c.id) = (s.route, s.variant, s.cause) WHERE c.path = '/state'`)
    expect([many[0]?.[0]?.id, many[20]?.[0]?.id]).toContain(gone.id)
  })
})

describe('rules over REST', () => {
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${collector.api}/api/v1/routes/shop/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const moved = () => exchange({ uri: '/shop/moves/1', primary: { moved: 1 }, shadow: { moved: 2 } })
  const outcomeOfNext = async () => {
    const next = moved()
    await sendAndSettle([next])
    return (await comparison(next)).outcome
  }

  it('hold at once, are told in the audit, and hide nothing any more once they are gone', async () => {
    expect(await outcomeOfNext()).toBe('different')
    const rule = { name: 'moves', at: '/moved', treat: 'counter' }
    expect(await (await call('POST', 'rules/preview', rule)).json()).toMatchObject({ hides: 1, stillReal: [] })
    const { id } = (await (await call('POST', 'rules', rule)).json()) as { id: string }
    expect(await outcomeOfNext()).toBe('noise')
    const { items } = (await (await call('GET', 'rules')).json()) as { items: { id: string; hides: number }[] }
    expect(items.find((one) => one.id === id)).toMatchObject({ hides: 1, managedBy: 'rest', state: 'active' })
    expect(items.map((one) => one.id)).toContain('file:any request id')
    expect((await call('DELETE', `rules/${id}`)).status).toBe(204)
    expect(await outcomeOfNext()).toBe('different')
    const audit = await rows("SELECT kind, route, actor FROM events WHERE kind LIKE 'rule.%' ORDER BY id")
    expect(audit).toEqual([
      { kind: 'rule.added', route: 'shop', actor: 'rest' },
      { kind: 'rule.removed', route: 'shop', actor: 'rest' },
    ])
  })

  it('come from what the control shows, with one call', async () => {
    const { proposals } = (await (await call('GET', 'rules')).json()) as {
      proposals: { id: string; rule: { at: string; treat: unknown }; evidence: object }[]
    }
    const [proposal] = proposals
    expect(proposal).toMatchObject({
      rule: { at: '/at', treat: { timestamp: { skewMs: 120_000 } } },
      evidence: { endpoint: 'GET /shop/clock/{id}', path: '/at', kind: 'changed', pairs: 30, differing: 30 },
    })
    expect((await call('POST', `rules/proposals/${proposal?.id}/accept`)).status).toBe(201)
    const { proposals: left } = (await (await call('GET', 'rules')).json()) as { proposals: unknown[] }
    expect(left).toEqual([])
  })
})

describe('the report', () => {
  it('names each cause without noise, and with it when asked', async () => {
    const report = async (query = '') => {
      const answer = await fetch(`${collector.api}/api/v1/routes/shop/report${query}`)
      return (await answer.json()) as {
        causes: { endpoint: string; path: string; kind: string; count: number; rule: string | null }[]
        fields: { endpoint: string; path: string; shadowRate: number; controlRate: number | null; noise: boolean }[]
        latency: { primary: object | null; shadow: object | null; control: object | null }
      }
    }
    const whole = await report()
    expect(whole.causes[0]).toMatchObject({ endpoint: 'GET /shop/carts/{id}', path: '/items/*/price', count: 40 })
    // Pairs that came before the control had shown it are noise in the report too.
    const clock = (causes: { endpoint: string; path: string }[]) =>
      causes.filter(({ endpoint, path }) => endpoint === 'GET /shop/clock/{id}' && path === '/at')
    expect(clock(whole.causes)).toMatchObject([{ kind: 'removed', count: 1 }])
    const withNoise = clock((await report('?include=noise')).causes)
    expect(withNoise.map((cause) => 'rule' in cause && cause.rule)).toContain('learned')
    expect(clock(whole.fields)).toContainEqual(
      expect.objectContaining({ path: '/at', kind: 'changed', controlRate: 1, noise: true }),
    )
    expect(whole.latency).toMatchObject({ primary: { p50: expect.closeTo(2.1, 0) }, shadow: {}, control: {} })
    const before = await report('?to=2020-01-01T00:00:00Z')
    expect(before.causes).toEqual([])
  })
})

describe('a new version of the primary', () => {
  it('forgets what the control has shown of the last one', async () => {
    const clock = () =>
      exchange({
        uri: '/shop/other/5',
        primary: { at: '2026-11-21T12:00:00Z' },
        shadow: { at: '2026-11-21T12:00:04Z' },
        control: { at: '2026-11-21T12:00:02Z' },
      })
    const outcomeOfNext = async () => {
      const next = clock()
      await sendAndSettle([next])
      return (await comparison(next)).outcome
    }
    await waitUntil(async () => (await outcomeOfNext()) === 'noise')
    const begun = await fetch(`${collector.api}/api/v1/routes/shop/generation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'the primary was changed' }),
    })
    expect(begun.status).toBe(200)
    const next = () =>
      exchange({
        uri: '/shop/other/5',
        primary: { at: '2026-11-21T13:00:00Z' },
        shadow: { at: '2026-11-21T13:00:04Z' },
      })
    await waitUntil(async () => {
      const records = next()
      await sendAndSettle([records])
      return (await comparison(records)).outcome === 'different'
    })
  })
})
