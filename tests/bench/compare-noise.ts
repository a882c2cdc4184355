// Whether a real change is found among noise, over many seeds: by the pure parts, and by a running collector's report.
import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Report as RouteReport } from '../../collector/api/schemas.ts'
import { compareNoisyService, noisyExchanges, REAL_CHANGE } from '../core/noise/noisy-service.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { freshDatabase, startSharedParts } from '../helpers/real-parts.ts'
import { batchHeader, ndjson, tapRecord } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench, Report } from './bench.ts'

const SEEDS = 20
const EXCHANGES_PER_BATCH = 100

export const bench: Bench = {
  name: 'noise',
  title: 'A change in one field at 1 % of 4,000 requests, among ids, times, tokens, a counter and shuffled arrays',
  async run(report) {
    judge(report, '', (seed) => compareNoisyService(seed).causes)
    const byRoute = await reported(report)
    judge(report, ', in the report of a running collector', (seed) => byRoute.get(seed) ?? [])
    report.method(`${SEEDS} seeds; control on the first 250 requests, then on 5 %; no rule written by hand`)
    report.method('the collector: real Kafka and PostgreSQL, tap records posted to ingest, one route a seed')
  },
}

function judge(report: Report, where: string, causesOf: (seed: number) => string[]): void {
  let found = 0
  let noisy = 0
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const causes = causesOf(seed)
    if (causes[0] === REAL_CHANGE) found += 1
    const others = causes.filter((cause) => cause !== REAL_CHANGE)
    if (others.length > 0) report.progress(`seed ${seed}${where}: ${others.join(', ')}`)
    noisy += others.length
  }
  const bar = { atLeast: SEEDS }
  report.figure({ name: `seeds with the change ranked first${where}`, value: found, unit: 'seeds', bar })
  report.figure({ name: `noisy fields reported, all seeds${where}`, value: noisy, unit: 'fields', bar: { atMost: 0 } })
}

async function reported(report: Report): Promise<Map<number, string[]>> {
  const parts = await startSharedParts()
  process.env.UNDERSTUDY_TEST_KAFKA = parts.kafka
  process.env.UNDERSTUDY_TEST_POSTGRES = parts.postgres
  try {
    const database = await freshDatabase()
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const collector = await startCollectorProcess({
      databaseUrl: database.url,
      kafka: parts.kafka,
      topicPrefix: `bench-${randomBytes(4).toString('hex')}`,
      env: {
        UNDERSTUDY_ROUTES_FILE: await routesFile(),
        UNDERSTUDY_LOG_LEVEL: 'warn',
      },
    })
    try {
      let pairs = 0
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        report.progress(`seed ${seed} through the collector`)
        pairs += await send(collector, seed)
      }
      const settled = async () =>
        Number((await pool.query<{ n: string }>('SELECT coalesce(sum(pairs), 0) AS n FROM rollups')).rows[0]?.n)
      await waitUntil(async () => (await settled()) >= pairs, { withinMs: 180_000, everyMs: 100 })
      return new Map(await Promise.all(Array.from({ length: SEEDS }, (_, n) => causesOf(collector, n + 1))))
    } finally {
      await pool.end()
      await collector.stop()
      await database.drop()
    }
  } finally {
    await parts.stop()
  }
}

async function causesOf(collector: CollectorProcess, seed: number): Promise<[number, string[]]> {
  const answer = await fetch(`${collector.api}/api/v1/routes/seed-${seed}/report`)
  if (!answer.ok) throw new Error(`the report answered ${answer.status}: ${await answer.text()}`)
  const { causes } = (await answer.json()) as RouteReport
  return [seed, causes.map(({ path, kind }) => `${path} ${kind}`)]
}

/** Sends the exchanges of a seed and returns how many pairs they are. */
async function send(collector: CollectorProcess, seed: number): Promise<number> {
  let batch: unknown[] = []
  let pairs = 0
  const flush = async () => {
    const body = new Uint8Array(ndjson([batchHeader(batch.length), ...batch]))
    batch = []
    await waitUntil(
      async () => {
        const headers = { 'content-type': 'application/x-ndjson' }
        return (await fetch(collector.ingest, { method: 'POST', headers, body })).status === 202
      },
      { withinMs: 60_000, what: 'ingest to take a batch' },
    )
  }
  for (const [n, { primary, ...others }] of [...noisyExchanges(seed)].entries()) {
    const common = { route: `seed-${seed}`, request: { ...tapRecord().request, uri: `/orders/${n}` } }
    const record = tapRecord({ ...common, expects: Object.keys(others), body: JSON.stringify(primary) })
    batch.push(record)
    for (const [side, body] of Object.entries(others)) {
      const of = { ...common, id: record.id, side: side as 'shadow' | 'control', body: JSON.stringify(body) }
      batch.push(tapRecord(of))
      pairs += 1
    }
    if ((n + 1) % EXCHANGES_PER_BATCH === 0) await flush()
  }
  if (batch.length > 0) await flush()
  return pairs
}

async function routesFile(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'understudy-bench-')), 'understudy.yaml')
  const routes = Array.from(
    { length: SEEDS },
    (_, n) => `  - name: seed-${n + 1}
    rule: PathPrefix(\`/seed-${n + 1}\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
    control: 5
`,
  )
  await writeFile(path, `routes:\n${routes.join('')}`)
  return path
}
