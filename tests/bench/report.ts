// How fast a report and a page of comparisons answer on a route with a long past, loaded by SQL as the pipeline would
// have left it.
import type pg from 'pg'
import { startOwnCollector, withSharedParts } from '../helpers/own-collector.ts'
import type { Bench } from './bench.ts'

const COMPARED = 10_000_000
/** Rows that are kept of them; the report reads none. */
const KEPT = Number(process.env.UNDERSTUDY_BENCH_COMPARISONS ?? 1_000_000)
const DAYS = 7
const ENDPOINTS = 20
const CAUSES = 40
const TIMES = 15

const ROUTES = `routes:
  - { name: bench, rule: "PathPrefix(\`/\`)", primary: { url: "http://127.0.0.1:9" }, shadows: [{ name: shadow, url: "http://127.0.0.1:9" }] }
`

export const bench: Bench = {
  name: 'report',
  title: `The report of a route with ${COMPARED / 1e6} million comparisons, and filtered pages of comparisons`,
  run: (report) =>
    withSharedParts(async () => {
      const collector = await startOwnCollector({ routes: ROUTES, env: { UNDERSTUDY_LOG_LEVEL: 'warn' } })
      const { pool } = collector
      try {
        const nowMs = Date.now()
        await load(pool, nowMs, report.progress)
        const median = async (path: string) => medianMs(`${collector.api}/api/v1/${path}`)
        const day = encodeURIComponent(new Date(nowMs - 26 * 3_600_000 - 600_000).toISOString())
        for (const [name, path] of [
          ['report, everything', 'routes/bench/report'],
          ['report, noise too', 'routes/bench/report?include=noise'],
          ['report, the last 26 hours', `routes/bench/report?from=${day}`],
        ] as const) {
          report.figure({ name, value: await median(path), unit: 'ms', bar: { atMost: 200 } })
        }
        const rare = encodeURIComponent('GET /e19/{id}')
        for (const [name, path] of [
          ['page, route', 'route=bench'],
          ['page, route and outcome', 'route=bench&outcome=different'],
          ['page, a rare outcome', 'route=bench&outcome=incomplete'],
          ['page, a rare endpoint', `route=bench&endpoint=${rare}`],
          ['page, a rare endpoint and an outcome', `route=bench&endpoint=${rare}&outcome=different`],
          ['page, control', 'route=bench&variant=control'],
          ['page, a window and an outcome', `route=bench&outcome=different&from=${day}`],
        ] as const) {
          report.figure({ name, value: await median(`comparisons?${path}`), unit: 'ms', bar: { atMost: 100 } })
        }
        report.method(
          `median of ${TIMES} calls over HTTP after 2 to warm up; ${DAYS} days, ${ENDPOINTS} endpoints, ${CAUSES} causes a minute, ${KEPT} rows kept in comparisons`,
        )
      } finally {
        await collector.end()
      }
    }),
}

async function medianMs(url: string): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < TIMES + 2; n += 1) {
    const started = performance.now()
    const answer = await fetch(url)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
    if (n >= 2) times.push(performance.now() - started)
  }
  return times.sort((one, two) => one - two)[TIMES >> 1] ?? 0
}

async function load(pool: pg.Pool, nowMs: number, progress: (text: string) => void): Promise<void> {
  const minutes = DAYS * 24 * 60
  const since = `date_bin('1 minute', to_timestamp(${nowMs / 1000}), 'epoch') - interval '${DAYS} days'`
  const each = `${since} + m * interval '1 minute'`
  const a = (share: number) => Math.max(1, Math.round((COMPARED * share) / minutes / ENDPOINTS))
  const run = async (what: string, sql: string) => {
    progress(what)
    await pool.query(sql)
  }
  await run(
    'roll-ups',
    `INSERT INTO rollups SELECT ${each}, 'bench', 'shadow', 'GET /e' || e || '/{id}', o.outcome, o.pairs
     FROM generate_series(0, ${minutes - 1}) AS m, generate_series(0, ${ENDPOINTS - 1}) AS e,
       (VALUES ('match', ${a(0.94)}), ('different', ${a(0.05)}), ('noise', ${a(0.01)})) AS o(outcome, pairs)`,
  )
  await run(
    'roll-ups by hour',
    `INSERT INTO rollup_hours SELECT date_bin('1 hour', minute, 'epoch'), route, variant, endpoint, outcome, sum(pairs)
     FROM rollups GROUP BY 1, 2, 3, 4, 5`,
  )
  await run(
    'causes',
    `INSERT INTO causes SELECT 'bench', 'shadow', 'cause' || c, 'GET /e' || c % ${ENDPOINTS} || '/{id}', '/items/*/f' || c,
       'changed', 'string', CASE WHEN c % 4 = 0 THEN 'learned' ELSE '' END FROM generate_series(0, ${CAUSES - 1}) AS c;
     INSERT INTO cause_counts SELECT ${each}, 'bench', 'shadow', 'cause' || c, 10, ${each}, ${each}
     FROM generate_series(0, ${minutes - 1}) AS m, generate_series(0, ${CAUSES - 1}) AS c;
     INSERT INTO cause_hours SELECT date_bin('1 hour', minute, 'epoch'), route, variant, cause, sum(pairs), min(first_seen), max(last_seen)
     FROM cause_counts GROUP BY 1, 2, 3, 4;
     INSERT INTO cause_samples SELECT 'bench', 'shadow', 'cause' || c, s, now(), gen_random_uuid(),
       jsonb_build_object('path', '/items/7/f' || c, 'kind', 'changed', 'primary', repeat('x', 200), 'shadow', repeat('y', 200))
     FROM generate_series(0, ${CAUSES - 1}) AS c, generate_series(0, 4) AS s`,
  )
  await run(
    'control and response times',
    `INSERT INTO noise_pairs SELECT 'bench', '1', 'GET /e' || e || '/{id}', 5000 FROM generate_series(0, ${ENDPOINTS - 1}) AS e;
     INSERT INTO noise_units (route, version, unit, shape, endpoint, path, kind, pairs, max_skew_ms, examples)
     SELECT 'bench', '1', 'unit' || u, 'timestamp', 'GET /e' || u % ${ENDPOINTS} || '/{id}', '/at' || u, 'changed', 4000, 900, '[]'
     FROM generate_series(0, 199) AS u;
     INSERT INTO latency_hours (route, hour, variant, side, bucket, pairs) SELECT 'bench', date_bin('1 hour', ${since}, 'epoch') + h * interval '1 hour', 'shadow', s, b, 1000
     FROM generate_series(0, ${DAYS * 24}) AS h, generate_series(60, 120) AS b, (VALUES ('primary'), ('other')) AS sides(s)`,
  )
  for (let day = 0; day <= DAYS; day += 1) {
    const from = new Date(Math.floor(nowMs / 86_400_000 - day) * 86_400_000)
    const name = `comparisons_p${from.toISOString().slice(0, 10).replaceAll('-', '')}`
    const to = new Date(from.getTime() + 86_400_000).toISOString()
    await pool.query(
      `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF comparisons FOR VALUES FROM ('${from.toISOString()}') TO ('${to}')`,
    )
  }
  const chunk = 100_000
  for (let done = 0; done < KEPT; done += chunk) await run(`comparisons ${done}`, comparisonsSql(nowMs, done, chunk))
  await run('statistics', 'VACUUM ANALYZE')
}

/** Endpoint 0 has half of the rows, 1 a quarter, and so on; one row in 20 differs, one in 100,000 is incomplete. */
function comparisonsSql(nowMs: number, from: number, count: number): string {
  const step = Math.floor((DAYS * 86_400_000 - 60_000) / KEPT)
  return `INSERT INTO comparisons (created_at, exchange_id, variant, route, method, path, endpoint, outcome, differences,
      primary_status, shadow_status, primary_latency_ms, shadow_latency_ms)
    SELECT to_timestamp(ms / 1000.0), (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid,
      CASE WHEN n % 50 = 7 THEN 'control' ELSE 'shadow' END, CASE WHEN n % 10 = 3 THEN 'another' ELSE 'bench' END,
      'GET', '/e/' || n, 'GET /e' || least(${ENDPOINTS - 1}, floor(-log(2, (1 - random())::numeric)))::int || '/{id}',
      CASE WHEN n % 100000 = 1 THEN 'incomplete' WHEN n % 20 = 0 THEN 'different' ELSE 'match' END,
      CASE WHEN n % 20 = 0 THEN jsonb_build_array(jsonb_build_object('path', '/total', 'kind', 'changed', 'primary', n, 'shadow', n + 1)) ELSE '[]' END,
      200, 200, 3, 4
    FROM (SELECT n, ${nowMs} - 1000 - n * ${step}::bigint AS ms FROM generate_series(${from}, ${from + count - 1}) AS n) AS numbered`
}
