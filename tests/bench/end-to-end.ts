// Everything on one machine: clients → Traefik with both taps → two answers → ingest → Kafka → pairs → PostgreSQL.
import { startOwnCollector, withSharedParts } from '../helpers/own-collector.ts'
import { cpuMicros } from '../helpers/process-cost.ts'
import { laneConfiguration } from '../helpers/tap-bench.ts'
import { startTapTraefik } from '../helpers/tap-traefik.ts'
import { buildTraffic, type Traffic } from '../helpers/traffic.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench, Report } from './bench.ts'

const REQUESTS = 60_000
const RATE = 3_300
/** The lanes' route with the defaults of a routes file: what differs and 1 % of the rest is stored. */
const ROUTES = `routes:
  - name: bench
    rule: PathPrefix(\`/\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
`

export const bench: Bench = {
  name: 'end-to-end',
  title: 'Requests through Traefik at 100 % share until their pair is counted in PostgreSQL',
  async run(report) {
    const traffic = await buildTraffic()
    await withSharedParts(async () => {
      await measure(report, traffic, 'differing and 1 % stored', ROUTES)
      await measure(report, traffic, 'all stored with both bodies')
      report.method(
        `${REQUESTS} requests offered at ${RATE}/s over 32 connections, 1 KiB of JSON; clients and both versions are one small Go program; Traefik's mirroring leaves out a request or two after each change of its configuration, because its counters race`,
      )
    })
  },
}

async function measure(report: Report, traffic: Traffic, name: string, routes?: string): Promise<void> {
  report.progress(name)
  const collector = await startOwnCollector({
    ...(routes !== undefined && { routes }),
    env: { UNDERSTUDY_LOG_LEVEL: 'warn' },
  })
  const { pool } = collector
  const server = await traffic.serve()
  const traefik = await startTapTraefik({ dynamic: laneConfiguration('tap', server.url, collector.ingest) })
  try {
    const pairs = async (where: string) =>
      Number(
        (await pool.query<{ n: string }>(`SELECT coalesce(sum(pairs), 0) AS n FROM rollups WHERE ${where}`)).rows[0]?.n,
      )
    await traffic.load({ url: `${traefik.url}/items`, requests: 3_000 })
    await waitUntil(async () => (await pairs('true')) >= 3_000, 60_000)
    const before = { traefik: await traefik.cpuMicros(), collector: cpuMicros(collector.pid()) }
    const started = performance.now()
    const loading = traffic.load({ url: `${traefik.url}/items`, requests: REQUESTS, rate: RATE })
    const compared = () => pairs("outcome IN ('match', 'different')")
    const nearlyAll = 3_000 + REQUESTS * 0.999
    // Looked at beside the load, which takes its time to end: its clients stay for a while, as Traefik mirrors nothing
    // for one that is gone.
    const counting = waitUntil(async () => (await compared()) >= nearlyAll, {
      ...{ withinMs: 120_000, everyMs: 100, what: 'the pairs' },
    }).then(() => (performance.now() - started) / 1000)
    const [{ seconds, failed }, total] = await Promise.all([loading, counting])
    // What is left waits for a shadow that Traefik did not ask: it becomes unpaired once the window has passed.
    const settled = async () => (await pairs('true')) >= 3_000 + REQUESTS
    await waitUntil(settled, { withinMs: 70_000, everyMs: 250 }).catch(() => undefined)
    const lost = 3_000 + REQUESTS - (await pairs('true')) + failed
    const rate = Math.round((REQUESTS * 0.999) / total)
    report.figure({ name: `pairs, ${name}`, value: rate, unit: 'pairs/s', bar: { atLeast: 3_000 } })
    report.figure({ name: `lost or failed, ${name}`, value: lost, unit: 'pairs', bar: { atMost: 0 } })
    const left = await pairs("outcome LIKE 'unpaired:%'")
    report.figure({ name: `never mirrored by Traefik, ${name}`, value: left, unit: 'pairs' })
    report.figure({
      name: `requests answered meanwhile, ${name}`,
      value: Math.round(REQUESTS / seconds),
      unit: 'requests/s',
    })
    report.figure({
      name: `Traefik's CPU, ${name}`,
      value: ((await traefik.cpuMicros()) - before.traefik) / REQUESTS,
      unit: 'µs CPU/request',
    })
    report.figure({
      name: `collector's CPU, ${name}`,
      value: (cpuMicros(collector.pid()) - before.collector) / REQUESTS,
      unit: 'µs CPU/pair',
    })
  } finally {
    await traefik.stop()
    server.stop()
    await collector.end()
  }
}
