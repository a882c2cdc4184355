// Whether a real change is found among noise, over many seeds: by the pure parts, and by a running collector's report.
import type { Report as RouteReport } from '../../collector/api/schemas.ts'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { compareNoisyService, noisyExchanges, REAL_CHANGE } from '../core/noise/noisy-service.ts'
import type { CollectorProcess } from '../helpers/collector-process.ts'
import { startOwnCollector, withSharedParts } from '../helpers/own-collector.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench, Report } from './bench.ts'

const SEEDS = 20

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
  return withSharedParts(async () => {
    const collector = await startOwnCollector({ routes: routesText(), env: { UNDERSTUDY_LOG_LEVEL: 'warn' } })
    try {
      let pairs = 0
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        report.progress(`seed ${seed} through the collector`)
        pairs += await send(collector, seed)
      }
      const settled = async () =>
        Number(
          (await collector.pool.query<{ n: string }>('SELECT coalesce(sum(pairs), 0) AS n FROM rollups')).rows[0]?.n,
        )
      await waitUntil(async () => (await settled()) >= pairs, { withinMs: 180_000, everyMs: 100 })
      return new Map(await Promise.all(Array.from({ length: SEEDS }, (_, n) => causesOf(collector, n + 1))))
    } finally {
      await collector.end()
    }
  })
}

async function causesOf(collector: CollectorProcess, seed: number): Promise<[number, string[]]> {
  const answer = await fetch(`${collector.api}/api/v1/routes/seed-${seed}/report`)
  if (!answer.ok) throw new Error(`the report answered ${answer.status}: ${await answer.text()}`)
  const { causes } = (await answer.json()) as RouteReport
  return [seed, causes.map(({ path, kind }) => `${path} ${kind}`)]
}

/** Sends the exchanges of a seed and returns how many pairs they are. */
async function send(collector: CollectorProcess, seed: number): Promise<number> {
  const records: TapRecord[] = []
  let pairs = 0
  for (const [n, { primary, ...others }] of [...noisyExchanges(seed)].entries()) {
    const common = { route: `seed-${seed}`, request: { ...tapRecord().request, uri: `/orders/${n}` } }
    const record = tapRecord({ ...common, expects: Object.keys(others), body: JSON.stringify(primary) })
    records.push(record)
    for (const [side, body] of Object.entries(others)) {
      const of = { ...common, id: record.id, side: side as 'shadow' | 'control', body: JSON.stringify(body) }
      records.push(tapRecord(of))
      pairs += 1
    }
  }
  await postRecords(collector.ingest, records)
  return pairs
}

function routesText(): string {
  const routes = Array.from(
    { length: SEEDS },
    (_, n) => `  - name: seed-${n + 1}
    rule: PathPrefix(\`/seed-${n + 1}\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
    control: 5
`,
  )
  return `routes:\n${routes.join('')}`
}
