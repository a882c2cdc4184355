import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { VerdictView } from '../../collector/api/verdict-schemas.ts'
import { understudy } from '../cli/run-understudy.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { postRecords, type Service, shuffled, tappedExchanges } from '../helpers/tapped-exchanges.ts'
import { seeded } from '../helpers/verdict-evidence.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

/** Each answer has another time and id, and its list in another order. */
const noisy = (change: (path: string, n: number) => Record<string, unknown> = () => ({})): Service => {
  return (path, n) => ({
    micros: 1_900 + ((n * 7) % 300),
    body: {
      path,
      at: new Date(1_790_000_000_000 + Math.floor(Math.random() * 1e9)).toISOString(),
      id: randomUUID(),
      tags: Math.random() < 0.5 ? ['a', 'b', 'c'] : ['c', 'a', 'b'],
      total: 10,
      ...change(path, n),
    },
  })
}

/** Pairs of shadow and control, and their joints, of one route. */
const EACH = 1_600 + 2 * 600

describe('the verdict of a running collector', () => {
  let collector: OwnCollector

  beforeAll(async () => {
    collector = await startOwnCollector({ env: { UNDERSTUDY_PAIR_WINDOW_MS: '2000' } })
  })

  afterAll(async () => {
    await collector?.end()
  })

  const exchanges = (route: string, shadow: Service, fromMs = Date.now()) =>
    tappedExchanges({
      ...{ route, shadow, fromMs, paths: ['/a', '/b'], primary: noisy(), requests: 1_600 },
      control: (n) => n < 600,
    })

  const verdictOf = async (route: string): Promise<VerdictView> =>
    (await (await fetch(`${collector.api}/api/v1/routes/${route}/verdict`)).json()) as VerdictView

  /** Waits until every pair is counted, and every joint of shadow and control. */
  const settled = (all: number) =>
    waitUntil(async () => {
      const { rows } = await collector.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM settled_pairs')
      return (rows[0]?.n ?? 0) >= all
    })

  /** The verdict once the parameters of its latency are frozen. */
  const warm = (route: string) =>
    waitUntil(async () => {
      const verdict = await verdictOf(route)
      return verdict.endpoints.every(({ reason }) => !reason.includes('still warming up')) && verdict
    })

  const countsOf = async (route: string) =>
    (
      await collector.pool.query(
        `SELECT variant, generation, endpoint, metric, detail, count, first_seen FROM evidence WHERE route = $1
         AND metric NOT IN ('set', 'latency', 'slower', 'notSlower', 'tailShadow', 'tailControl') ORDER BY 1, 2, 3, 4, 5`,
        [route],
      )
    ).rows

  it('passes the same service and names what is noisy, fails a changed one and names where', async () => {
    await postRecords(collector.ingest, exchanges('same', noisy()).flat())
    const change = (path: string, n: number) => (path === '/b' && n % 5 === 1 ? { total: 11 } : {})
    await postRecords(collector.ingest, exchanges('changed', noisy(change)).flat())
    await settled(2 * EACH)
    const same = await waitUntil(async () => {
      const verdict = await verdictOf('same')
      return verdict.verdict === 'pass' && verdict
    })
    expect(same.reason).toBe('shadow of same passes: equal on endpoints with 100 % of the requests')
    expect(same.endpoints[0]).toMatchObject({ endpoint: 'GET /a', n: 800, different: 0, controlN: 300, controlRate: 1 })
    expect(same.endpoints[0]?.noisyFields).toEqual(['changed /at', 'changed /id', expect.stringMatching(/\/tags/)])
    const changed = await warm('changed')
    expect(changed).toMatchObject({ verdict: 'fail', action: 'rollback', generation: 1 })
    const [a, b] = changed.endpoints
    expect(a).toMatchObject({ verdict: 'pass', different: 0 })
    expect(b).toMatchObject({ endpoint: 'GET /b', verdict: 'fail', different: 160, rate: 0.2 })
    expect(b?.reason).toContain('changed /total in 160 of 800 answers, in 0 of 300 of the control')
    const shown = await fetch(`${collector.api}/api/v1/comparisons/${b?.samples[0]}`)
    expect(((await shown.json()) as { differences: unknown[] }).differences).toContainEqual(
      expect.objectContaining({ path: '/total', primary: 10, shadow: 11 }),
    )
  })

  it('tells each change: history, an event, the metric, the command line', async () => {
    const history = await waitUntil(async () => {
      const page = await (await fetch(`${collector.api}/api/v1/routes/changed/verdict/history`)).json()
      const { items } = page as { items: { verdict: string; reason: string }[] }
      return items[0]?.verdict === 'fail' && items
    })
    expect(history[0]?.reason).toBe('shadow of changed fails: it differs on GET /b')
    await waitUntilHolds(async () => {
      const audit = await (await fetch(`${collector.api}/api/v1/audit?route=changed`)).json()
      expect((audit as { items: unknown[] }).items).toContainEqual(
        expect.objectContaining({ kind: 'verdict.changed', details: expect.objectContaining({ variant: 'shadow' }) }),
      )
      const metrics = await (await fetch(`${collector.api}/metrics`)).text()
      expect(metrics).toContain('understudy_verdict{route="changed",variant="shadow"} -1')
    })
    const env = { UNDERSTUDY_API: collector.api }
    expect((await understudy(['verdict', 'changed'], env)).code).toBe(0)
    const checked = await understudy(['verdict', 'changed', '--fail-on', 'fail'], env)
    expect(checked.code).toBe(3)
    expect(checked.out).toMatch(/^FAIL {2}shadow of changed fails: it differs on GET \/b/)
    expect((await understudy(['verdict', 'nobody'], env)).code).toBe(1)
  })

  it('counts the same whatever the order and however often the records come', async () => {
    const given = exchanges(
      'again',
      noisy((_path, n) => (n % 10 === 0 ? { total: 11 } : {})),
    )
    await postRecords(collector.ingest, given.flat())
    await settled(3 * EACH)
    const [counts, verdict] = [await countsOf('again'), await warm('again')]
    const random = seeded(3)
    await postRecords(collector.ingest, shuffled(given, random).flat())
    const other = given.map((records) => shuffled(records, random).map((record) => ({ ...record, route: 'other' })))
    // The other route's ids are new, in the same order.
    const renamed = other.map((records) =>
      records.map((record) => ({ ...record, id: `${record.id.slice(0, -1)}${record.id.at(-1) === '0' ? '1' : '0'}` })),
    )
    await postRecords(collector.ingest, shuffled(renamed, random).flat())
    await settled(4 * EACH)
    expect(await countsOf('again')).toEqual(counts)
    const plain = (rows: { first_seen?: string }[]) => rows.map(({ first_seen: _first, ...row }) => row)
    expect(plain(await countsOf('other'))).toEqual(plain(counts))
    // What an endpoint's first exchanges are depends on what came first: latency is held to in the pure tests.
    const judged = ({ verdict: state, endpoints }: VerdictView) => ({
      state,
      endpoints: endpoints.map(({ tests, verdict: of, n, different, rate, eValue, noisyFields, controlRate }) => ({
        ...{ of, n, different, rate, eValue, noisyFields, controlRate },
        tests: tests.filter(({ name }) => !name.startsWith('latency')),
      })),
    })
    expect(judged(await warm('other'))).toEqual(judged(verdict))
    expect((await verdictOf('again')).endpoints.map(({ missingSeconds: _s, ...one }) => one)).toEqual(
      verdict.endpoints.map(({ missingSeconds: _s, ...one }) => one),
    )
  })

  it('starts anew by hand and keeps what was', async () => {
    const before = await countsOf('same')
    const begun = await fetch(`${collector.api}/api/v1/routes/same/generation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'a new image' }),
    })
    const { items } = (await begun.json()) as { items: { variant: string; generation: number; beganAt: string }[] }
    expect(items.map(({ variant, generation }) => ({ variant, generation }))).toEqual([
      { variant: 'shadow', generation: 2 },
      { variant: 'control', generation: 2 },
    ])
    expect(await verdictOf('same')).toMatchObject({
      verdict: 'inconclusive',
      generation: 2,
      generationReason: 'a new image',
    })
    expect((await verdictOf('same')).unverified).toEqual(['GET /a', 'GET /b'])
    const began = Date.parse(items[0]?.beganAt ?? '')
    await waitUntil(() => Date.now() > began + 200)
    await postRecords(collector.ingest, exchanges('same', noisy()).flat().slice(0, 6))
    await waitUntil(async () => (await verdictOf('same')).endpoints.reduce((sum, { n }) => sum + n, 0) === 2)
    expect((await countsOf('same')).filter(({ generation }) => generation === 1)).toEqual(before)
  })

  it('knows after a kill what it knew before', async () => {
    const before = await verdictOf('changed')
    await collector.killAndRestart()
    await waitUntilHolds(async () => {
      const after = await verdictOf('changed')
      expect({ ...after, since: null }).toEqual({ ...before, since: null, endpoints: expect.any(Array) })
      expect(after.endpoints.map(({ missingSeconds: _s, ...one }) => one)).toEqual(
        before.endpoints.map(({ missingSeconds: _s, ...one }) => one),
      )
    })
  })
})
