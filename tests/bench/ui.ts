// How long people wait for the admin UI: from the address typed to the content drawn, in a real Chromium, on a server
// with a past.
import type pg from 'pg'
import { type Browser, chromium, type Page } from 'playwright-core'
import { buildUi } from '../../collector/local-stack/ui-build.ts'
import { needChromium } from '../helpers/chromium.ts'
import { startOwnCollector, withSharedParts } from '../helpers/own-collector.ts'
import { exchangeId } from '../helpers/tap-batches.ts'
import type { Bench } from './bench.ts'

const ROUTES = 10
const COMPARISONS = 100_000
const FIELDS = 1_000
const ENDPOINTS = 20
const TIMES = 7
const BODY_BYTES = 1_000_000
const HOURS = 2
/** Two frames of a display: what is slower stutters. */
const SMOOTH_FRAME_MS = 34
const FRAMES = 120

const route = (n: number) =>
  `  - { name: route-${n}, rule: "PathPrefix(\`/r${n}\`)", primary: { url: "http://127.0.0.1:9" }, shadows: [{ name: shadow, url: "http://127.0.0.1:9" }] }\n`

export const bench: Bench = {
  name: 'ui',
  title: `Time to content of the UI with ${COMPARISONS.toLocaleString('en')} comparisons, ${ROUTES} routes, ${FIELDS} fields`,
  run: (report) =>
    withSharedParts(async () => {
      const [executablePath] = await Promise.all([needChromium(), buildUi()])
      const collector = await startOwnCollector({
        routes: `routes:\n${Array.from({ length: ROUTES }, (_, n) => route(n)).join('')}`,
        env: { UNDERSTUDY_LOG_LEVEL: 'warn' },
      })
      const { pool } = collector
      let browser: Browser | undefined
      try {
        const nowMs = Date.now()
        report.progress('loading')
        await load(pool, nowMs)
        const large = await insertLarge(pool, nowMs)
        browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
        const pages: [string, string, (page: Page) => Promise<unknown>, number][] = [
          [
            'routes',
            '/routes',
            (page) =>
              page
                .getByText(/^of [\d,]+ pairs$/)
                .nth(ROUTES - 1)
                .waitFor(),
            1000,
          ],
          ['comparisons', '/comparisons', (page) => page.locator('tbody tr').nth(49).waitFor(), 1000],
          [
            'a route report',
            '/routes/route-0',
            (page) => page.getByRole('heading', { name: 'Latency' }).waitFor(),
            1000,
          ],
          [
            'a pair of 1 MB of JSON',
            `/comparisons/${large}`,
            (page) => page.locator('.cm-changedLine').first().waitFor(),
            1500,
          ],
        ]
        for (const [name, path, isThere, atMost] of pages) {
          report.progress(name)
          const { first, median } = await timesOf(browser, `${collector.api}${path}`, isThere)
          report.figure({ name: `${name}, again`, value: median, unit: 'ms', bar: { atMost } })
          report.figure({ name: `${name}, for the first time`, value: first, unit: 'ms', bar: { atMost } })
        }
        report.progress('scrolling')
        const smooth = await frameTimes(browser, `${collector.api}/comparisons/${large}`)
        report.figure({
          ...{ name: 'frames while 1 MB of JSON scrolls, 95 % within', value: smooth, unit: 'ms' },
          bar: { atMost: SMOOTH_FRAME_MS },
        })
        report.method(
          `median of ${TIMES} pages each, from the request to the content drawn; "first": nothing in the browser's cache; scrolling: ${FRAMES} frames of 400 px each, with the first unchanged lines unfolded`,
        )
      } finally {
        await browser?.close()
        await collector.end()
      }
    }),
}

async function timesOf(browser: Browser, url: string, isThere: (page: Page) => Promise<unknown>) {
  const [cold, warm]: [number[], number[]] = [[], []]
  for (let n = 0; n < TIMES; n += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    for (const times of [cold, warm]) {
      const page = await context.newPage()
      const started = performance.now()
      await page.goto(url, { waitUntil: 'commit' })
      await isThere(page)
      times.push(performance.now() - started)
      await page.close()
    }
    await context.close()
  }
  const middle = (times: number[]) => times.sort((one, two) => one - two)[TIMES >> 1] ?? 0
  return { first: middle(cold), median: middle(warm) }
}

/** Scrolls both bodies, thousands of lines unfolded, by most of a screen for each frame. */
async function frameTimes(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(url)
  const folded = page.locator('.cm-collapsedLines')
  await folded.first().waitFor()
  await page.locator('.u-editor').scrollIntoViewIfNeeded()
  await folded.first().click()
  const times = (await page.evaluate(`new Promise((done) => {
    const place = document.querySelector('.u-editor')
    const times = []
    let last
    const step = (now) => {
      if (last !== undefined) times.push(now - last)
      last = now
      place.scrollTop += 400
      if (times.length < ${FRAMES}) requestAnimationFrame(step)
      else done(place.scrollTop > ${FRAMES * 100} ? times : [])
    }
    requestAnimationFrame(step)
  })`)) as number[]
  await page.close()
  if (times.length === 0) throw new Error('the bodies do not scroll')
  return times.sort((one, two) => one - two)[Math.floor(times.length * 0.95)] ?? 0
}

async function load(pool: pg.Pool, nowMs: number): Promise<void> {
  const minutes = HOURS * 60
  const since = `date_bin('1 minute', to_timestamp(${nowMs / 1000}), 'epoch') - interval '${HOURS} hours'`
  const pairs = Math.round(COMPARISONS / ROUTES / minutes / ENDPOINTS)
  await pool.query(
    `INSERT INTO rollups SELECT ${since} + m * interval '1 minute', 'route-' || r, 'shadow', 'GET /e' || e || '/{id}', o.outcome, o.pairs
     FROM generate_series(0, ${minutes - 1}) AS m, generate_series(0, ${ROUTES - 1}) AS r, generate_series(0, ${ENDPOINTS - 1}) AS e,
       (VALUES ('match', ${pairs}), ('different', 1)) AS o(outcome, pairs);
     INSERT INTO rollup_hours SELECT date_bin('1 hour', minute, 'epoch'), route, variant, endpoint, outcome, sum(pairs)
     FROM rollups GROUP BY 1, 2, 3, 4, 5;
     INSERT INTO causes SELECT 'route-0', 'shadow', 'cause' || c, 'GET /e' || c % ${ENDPOINTS} || '/{id}', '/items/*/f' || c,
       'changed', 'string', '' FROM generate_series(0, ${FIELDS - 1}) AS c;
     INSERT INTO cause_counts SELECT ${since} + m * interval '1 minute', 'route-0', 'shadow', 'cause' || c, 1, ${since}, ${since} + m * interval '1 minute'
     FROM generate_series(0, ${minutes - 1}, 10) AS m, generate_series(0, ${FIELDS - 1}) AS c;
     INSERT INTO cause_hours SELECT date_bin('1 hour', minute, 'epoch'), route, variant, cause, sum(pairs), min(first_seen), max(last_seen)
     FROM cause_counts GROUP BY 1, 2, 3, 4;
     INSERT INTO latency_hours (route, hour, variant, side, bucket, pairs) SELECT 'route-0', date_bin('1 hour', ${since}, 'epoch') + h * interval '1 hour', 'shadow', s, b, 100
     FROM generate_series(0, ${HOURS}) AS h, generate_series(60, 120) AS b, (VALUES ('primary'), ('other')) AS sides(s)`,
  )
  const step = Math.floor((HOURS * 3_600_000 - 60_000) / COMPARISONS)
  await pool.query(
    `INSERT INTO comparisons (created_at, exchange_id, variant, route, method, path, endpoint, outcome, differences,
       primary_status, shadow_status, primary_latency_ms, shadow_latency_ms)
     SELECT to_timestamp(ms / 1000.0), (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid,
       'shadow', 'route-' || n % ${ROUTES}, 'GET', '/e/' || n, 'GET /e' || n % ${ENDPOINTS} || '/{id}',
       CASE WHEN n % 4 = 0 THEN 'different' ELSE 'match' END,
       CASE WHEN n % 4 = 0 THEN '[{"path":"/items/0/f1","kind":"changed","primary":"a","shadow":"b"}]'::jsonb ELSE '[]' END,
       200, 200, 1.5, 2.5
     FROM (SELECT n, ${nowMs}::bigint - n::bigint * ${step} AS ms FROM generate_series(0, ${COMPARISONS - 1}) AS n) AS rows`,
  )
  await pool.query('VACUUM ANALYZE')
}

/** A pair whose bodies differ in a few places; the part of its address that names it. */
async function insertLarge(pool: pg.Pool, nowMs: number): Promise<string> {
  const primary = largeBody()
  const shadow = primary.replaceAll(/"name":"item (\d+)777"/g, '"name":"other $1"')
  const id = exchangeId(nowMs)
  const headers = JSON.stringify({ 'Content-Type': ['application/json'] })
  await pool.query(
    `INSERT INTO comparisons (created_at, exchange_id, variant, route, method, path, endpoint, outcome, differences,
       primary_status, shadow_status, primary_latency_ms, shadow_latency_ms, primary_headers, shadow_headers,
       primary_body, shadow_body, primary_body_bytes, shadow_body_bytes)
     VALUES (to_timestamp($1 / 1000.0), $2, 'shadow', 'route-0', 'GET', '/large', 'GET /large', 'different',
       '[{"path":"/items/777/name","kind":"changed","primary":"item 777","shadow":"other"}]', 200, 200, 1, 1, $3, $3, $4, $5, $6, $7)`,
    [nowMs, id, headers, primary, shadow, Buffer.byteLength(primary), Buffer.byteLength(shadow)],
  )
  return encodeURIComponent(`${id}:shadow`)
}

function largeBody(): string {
  const item = (id: number) => ({ id, name: `item ${id}`, price: id * 1.25, tags: ['a', 'b'], isOpen: id % 2 === 0 })
  const count = Math.floor(BODY_BYTES / JSON.stringify(item(12_345)).length)
  return JSON.stringify({ items: Array.from({ length: count }, (_, id) => item(id)) })
}
