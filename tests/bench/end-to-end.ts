// Everything on one machine: clients → Traefik with both taps → two answers → ingest → Kafka → pairs → PostgreSQL.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { startCollectorProcess } from '../helpers/collector-process.ts'
import { cpuMicros } from '../helpers/process-cost.ts'
import { freshDatabase, startSharedParts } from '../helpers/real-parts.ts'
import { type Lane, load, startTapBench } from '../helpers/tap-bench.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench } from './bench.ts'

const REQUESTS = 60_000
const RATE = 3_200

export const bench: Bench = {
  name: 'end-to-end',
  title: 'Requests through Traefik at 100 % share until their comparison is stored',
  async run(report) {
    const parts = await startSharedParts()
    process.env.UNDERSTUDY_TEST_KAFKA = parts.kafka
    process.env.UNDERSTUDY_TEST_POSTGRES = parts.postgres
    const database = await freshDatabase()
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const collector = await startCollectorProcess({
      databaseUrl: database.url,
      kafka: parts.kafka,
      topicPrefix: `e2e-${randomBytes(4).toString('hex')}`,
      env: { UNDERSTUDY_LOG_LEVEL: 'warn' },
    })
    const taps = await startTapBench(['tap'], { ingestUrl: collector.ingest })
    try {
      const lane = taps.lanes[0] as Lane
      const ends = async () =>
        (
          await pool.query<{ end: string; pairs: number }>(
            `SELECT split_part(outcome, ':', 1) AS end, sum(pairs)::int AS pairs FROM rollups GROUP BY 1`,
          )
        ).rows
      const settled = async () => (await ends()).reduce((sum, row) => sum + row.pairs, 0)
      const warm = await settled()
      const cpuBefore = { traefik: await lane.traefik.cpuMicros(), collector: cpuMicros(collector.pid()) }
      const started = performance.now()
      await load(lane, { amount: REQUESTS, rate: RATE })
      const answered = performance.now()
      await waitUntil(async () => (await settled()) >= warm + REQUESTS, {
        withinMs: 90_000,
        everyMs: 100,
        what: `${REQUESTS} pairs`,
      })
      const seconds = (performance.now() - started) / 1000
      const compared = (await ends())
        .filter((row) => ['match', 'different'].includes(row.end))
        .reduce((sum, row) => sum + row.pairs, 0)
      report.figure({ name: 'pairs stored', value: REQUESTS / seconds, unit: 'pairs/s', bar: { atLeast: 3_000 } })
      report.figure({
        name: 'of them not compared',
        value: warm + REQUESTS - compared,
        unit: 'pairs',
        bar: { atMost: 0 },
      })
      report.figure({
        name: 'requests answered meanwhile',
        value: REQUESTS / ((answered - started) / 1000),
        unit: 'requests/s',
      })
      report.figure({
        name: "Traefik's CPU",
        value: ((await lane.traefik.cpuMicros()) - cpuBefore.traefik) / REQUESTS,
        unit: 'µs CPU/request',
      })
      report.figure({
        name: "collector's CPU",
        value: (cpuMicros(collector.pid()) - cpuBefore.collector) / REQUESTS,
        unit: 'µs CPU/pair',
      })
      report.method(
        `${REQUESTS} requests offered at ${RATE}/s over 32 connections, 1 KiB JSON from a Node server that plays both versions; every comparison stored with both bodies`,
      )
    } finally {
      await taps.stop()
      await collector.stop()
      await pool.end()
      await database.drop()
      await parts.stop()
    }
  },
}
