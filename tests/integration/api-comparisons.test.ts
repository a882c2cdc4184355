import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type ComparisonReadModel, createComparisonReadModel } from '../../collector/store/comparison-read-model.ts'
import { createReportReadModel } from '../../collector/store/report-read-model.ts'
import type { ComparisonRow } from '../../collector/store/settled/comparisons-part.ts'
import { type SettledBatch, writeSettled } from '../../collector/store/settled-store.ts'
import type { StoredComparison } from '../../collector/store/stored-comparison.ts'
import { endSilentTaps, writeTapReport } from '../../collector/store/tap-report-store.ts'
import { startApi } from '../api/api-server.ts'
import { contractStore, describeReader } from '../api/comparison-reader-contract.ts'
import type { FakeStore } from '../api/fake-comparison-reader.ts'
import { baseMs, exchangeIdAt, storedComparison } from '../api/stored-rows.ts'
import { batchHeader } from '../helpers/tap-batches.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

let database: FreshDatabase
let reader: ComparisonReadModel

beforeAll(async () => {
  database = await freshDatabase()
  reader = createComparisonReadModel(database.pool)
  await writeSettled(database.pool, batchOf(contractStore()))
})
afterAll(() => database?.drop())

/** The rows as the pipeline would hand them to the store. */
function batchOf({ comparisons, unpaired, settled }: FakeStore): SettledBatch {
  const classes = [...comparisons, ...unpaired].map((row) => ({
    minuteMs: Math.floor(row.createdAtMs / 60_000) * 60_000,
    route: row.route,
    variant: row.variant,
    endpoint: 'endpoint' in row ? row.endpoint : 'GET /x',
    outcome: 'outcome' in row ? row.outcome : `unpaired:${row.reason}`,
  }))
  const keyOf = (each: (typeof classes)[number]) => JSON.stringify(each)
  const unique = [...new Map(classes.map((each) => [keyOf(each), each])).values()]
  const ledger = [...comparisons, ...unpaired].map((row, index) => ({
    createdAtMs: row.createdAtMs,
    exchangeId: row.exchangeId,
    variant: row.variant,
    class: unique.findIndex((each) => keyOf(each) === keyOf(classes[index]!)),
  }))
  const bare = settled
    .filter((row) => !ledger.some((each) => each.exchangeId === row.exchangeId))
    .map((row) => ({
      ...row,
      createdAtMs: Number.parseInt(row.exchangeId.replace('-', '').slice(0, 12), 16),
      class: 0,
    }))
  return {
    ledger: [...ledger, ...bare],
    classes: unique,
    comparisons: comparisons.map(rowOf),
    unpaired: unpaired.map((row) => ({ ...row, side: 'shadow', reason: 'no-shadow', method: 'GET', path: '/x' })),
    ...{ latencies: [], control: [], noise: [], causes: [], sightings: [] },
  }
}

function rowOf(stored: StoredComparison): ComparisonRow {
  const side = ({ status, headers, body, latencyMs, bodyBytes }: StoredComparison['primary']) => ({
    status,
    headers: headers ?? {},
    body,
    latencyMs,
    bodyBytes: bodyBytes ?? 0,
    truncated: false,
    skipped: null,
  })
  const { differences, requestHeaders, primary, shadow, ...rest } = stored
  return {
    ...rest,
    differences: JSON.stringify(differences),
    requestHeaders: JSON.stringify(requestHeaders),
    primaryHeaders: JSON.stringify(primary.headers),
    shadowHeaders: JSON.stringify(shadow.headers),
    primary: side(primary),
    shadow: { ...side(shadow), skipped: stored.skipped ? 'timeout' : null },
  }
}

describe('the comparison read model on PostgreSQL', () => {
  describeReader(() => reader)

  it('reads every page by an index, whatever the filters', async () => {
    const filters = [
      {},
      { route: 'ticketing' },
      { outcome: 'different' as const },
      { route: 'ticketing', variant: 'shadow' },
    ]
    const after = { exchangeId: exchangeIdAt(baseMs + 9000), variant: 'shadow' }
    const client = await database.pool.connect()
    try {
      await client.query('SET enable_seqscan = off')
      for (const each of filters) {
        const plans: string[] = []
        const explaining = createComparisonReadModel({
          query: async (text: string, values: unknown[]) => {
            const { rows } = await client.query(`EXPLAIN ${text}`, values)
            plans.push(rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n'))
            return { rows: [] }
          },
        } as unknown as Parameters<typeof createComparisonReadModel>[0])
        await explaining.list(each, { limit: 50, after })
        expect(plans[0]).toMatch(/Index Cond: .*created_at/)
        expect(plans[0]).not.toMatch(/Seq Scan/)
      }
    } finally {
      client.release()
    }
  })

  it('serves the API end to end, newest first', async () => {
    const api = await startApi({ reader, reports: createReportReadModel(database.pool) })
    try {
      const { json } = await api.get('/api/v1/comparisons?limit=3')
      expect(json).toMatchObject({
        items: [{ exchangeId: exchangeIdAt(baseMs + 20_000) }, {}, {}],
        nextCursor: expect.any(String),
      })
      expect((await api.get(`/api/v1/exchanges/${exchangeIdAt(baseMs + 30_000)}`)).json).toMatchObject({
        unpaired: [{ reason: 'no-shadow' }],
      })
    } finally {
      await api.close()
    }
  })

  it('is 503 once the database is away', async () => {
    const api = await startApi({
      reader: createComparisonReadModel({
        query: () => Promise.reject(Object.assign(new Error('x'), { code: '57P03' })),
      } as never),
    })
    try {
      expect(await api.get('/api/v1/comparisons')).toMatchObject({ status: 503 })
    } finally {
      await api.close()
    }
  })
})

describe('the report read model on PostgreSQL', () => {
  it('counts every pair once, by outcome and endpoint', async () => {
    const counts = await createReportReadModel(database.pool).counts('ticketing', {})
    expect(counts).toMatchObject({
      firstMinuteMs: baseMs,
      lastMinuteMs: baseMs,
      unpaired: { 'no-shadow': 1 },
      variants: { shadow: { unpaired: 1 }, control: { compared: 4, unpaired: 0 } },
    })
    const stored = contractStore().comparisons.filter((row) => row.route === 'ticketing').length
    expect(counts.compared).toBeGreaterThanOrEqual(stored)
    expect(counts.endpoints.reduce((sum, each) => sum + each.pairs, 0)).toBe(counts.compared)
  })

  it('counts nothing outside its window and on no route', async () => {
    const reports = createReportReadModel(database.pool)
    expect(await reports.counts('ticketing', { toMs: baseMs })).toMatchObject({
      compared: 0,
      endpoints: [],
      firstMinuteMs: null,
    })
    expect(await reports.counts("' OR 1=1 --", {})).toMatchObject({ compared: 0 })
  })

  it("adds the taps' own counters up over all proxies", async () => {
    for (const instance of ['a', 'b']) {
      const totals = { seen: 10, shipped: 8, queued: 0, dropped: { 'queue-full': 2 } }
      const routes = {
        ticketing: { tapped: 5, queued: 0, dropped: { 'queue-full': 1 } },
        pg$1: { tapped: 1, queued: 0, dropped: {} },
      }
      await writeTapReport(database.pool, batchHeader(0, { instance, totals, routes }), baseMs)
    }
    const reports = createReportReadModel(database.pool)
    expect(await reports.taps('ticketing')).toEqual({
      tapped: 10,
      dropped: { 'queue-full': 2 },
      shed: {},
      instances: 2,
      reportedAtMs: baseMs,
    })
    expect(await reports.taps('nobody')).toEqual({ tapped: 0, dropped: {}, shed: {}, instances: 0, reportedAtMs: null })
  })

  it('counts what a silent tap held as dropped, once, until it is heard again', async () => {
    const reports = createReportReadModel(database.pool)
    const report = (seen: number, queued: number, atMs: number) =>
      writeTapReport(
        database.pool,
        batchHeader(0, {
          instance: 'killed',
          firstSequence: seen,
          totals: { seen, shipped: seen - queued, queued, dropped: {} },
          routes: { held: { tapped: seen, queued, dropped: {} } },
        }),
        atMs,
      )
    const end = (nowMs: number) => endSilentTaps(database.pool, nowMs - 60_000, nowMs)
    await report(9, 4, baseMs)
    expect(await end(baseMs + 60_000)).toEqual([])
    expect(await end(baseMs + 60_001)).toEqual([{ instance: 'killed', pairs: 4 }])
    expect(await end(baseMs + 90_000)).toEqual([])
    expect(await reports.taps('held')).toMatchObject({ tapped: 9, dropped: { 'proxy-ended': 4 } })
    await report(12, 5, baseMs + 100_000)
    expect(await reports.taps('held')).toMatchObject({ tapped: 12, dropped: {} })
    // What was told of it before is not told again.
    expect(await end(baseMs + 200_000)).toEqual([{ instance: 'killed', pairs: 1 }])
    expect(await reports.taps('held')).toMatchObject({ dropped: { 'proxy-ended': 5 } })
  })
})

describe('a stored row of any kind', () => {
  it('comes back whole with hostile text in it', async () => {
    const text = '<img onerror=x> \u001b[31m \u202e "\\ \u2028 \ud83d\ude00'
    const exchangeId = exchangeIdAt(baseMs + 100_000)
    const row = storedComparison({
      exchangeId,
      path: text,
      notes: [text, 'a,b{}"'],
      differences: [{ path: `/${text}`, kind: 'type', primary: text, shadow: null }],
    })
    await writeSettled(database.pool, batchOf({ comparisons: [row], unpaired: [], settled: [] }))
    expect(await reader.pairsOf(exchangeId)).toEqual([row])
  })
})
