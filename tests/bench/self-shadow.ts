// The primary behind itself: a service whose answers differ from one to the next, in everything but what matters, through
// the real pipeline. Whatever the verdict says against it is a false alarm.
import { randomUUID } from 'node:crypto'
import type { VerdictView } from '../../collector/api/verdict-schemas.ts'
import { startOwnCollector, withSharedParts } from '../helpers/own-collector.ts'
import { postRecords, type Service, tappedExchanges } from '../helpers/tapped-exchanges.ts'
import { seeded } from '../helpers/verdict-evidence.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench } from './bench.ts'

const RUNS = 20
const REQUESTS = 4_000
/** As a route with `control: 5` does it. */
const LEARNING = 250
const CONTROL = 0.05
const NOISY = ['changed /at', 'changed /id', 'reordered /tags']

export const bench: Bench = {
  name: 'self-shadow',
  title: 'the primary behind itself as the shadow',
  run: (report) =>
    withSharedParts(async () => {
      const collector = await startOwnCollector({ env: { UNDERSTUDY_LOG_LEVEL: 'warn' } })
      const { pool } = collector
      const get = async <T>(path: string) => (await (await fetch(`${collector.api}/api/v1/routes/${path}`)).json()) as T
      try {
        const ended: VerdictView[] = []
        let falseFails = 0
        for (let run = 1; run <= RUNS; run += 1) {
          report.progress(`run ${run} of ${RUNS}`)
          const route = `self-${run}`
          const random = seeded(run)
          const service = noisyService(random)
          const exchanges = tappedExchanges({
            ...{ route, paths: ['/tickets', '/projects'], primary: service, shadow: service, requests: REQUESTS },
            control: (n) => n < LEARNING || random() < CONTROL,
            fromMs: Date.now() - REQUESTS,
          })
          await postRecords(collector.ingest, exchanges.flat())
          const last = await waitUntil(
            async () => {
              const verdict = await get<VerdictView>(`${route}/verdict`)
              const { rows } = await pool.query<{ pairs: string }>(
                'SELECT sum(pairs) AS pairs FROM rollups WHERE route = $1',
                [route],
              )
              const isWhole = Number(rows[0]?.pairs) === exchanges.flat().length - REQUESTS
              const isWarm = verdict.endpoints.every(({ reason }) => !reason.includes('still warming up'))
              return isWhole && isWarm && verdict
            },
            { withinMs: 90_000, everyMs: 100 },
          )
          ended.push(last)
          const { items } = await get<{ items: { verdict: string }[] }>(`${route}/verdict/history`)
          if (last.verdict === 'fail' || items.some(({ verdict }) => verdict === 'fail')) falseFails += 1
        }
        const named = ended.filter(({ endpoints }) =>
          endpoints.every(({ noisyFields }) => JSON.stringify(noisyFields) === JSON.stringify(NOISY)),
        )
        const bar = { atLeast: RUNS }
        report.figure({ name: 'runs that said FAIL at any look', value: falseFails, unit: 'of 20', bar: { atMost: 0 } })
        const passed = ended.filter(({ verdict }) => verdict === 'pass').length
        report.figure({ name: 'runs that ended PASS', value: passed, unit: 'of 20', bar })
        report.figure({ name: 'runs with all noisy fields named', value: named.length, unit: 'of 20', bar })
        for (const { reason } of ended.filter(({ verdict }) => verdict !== 'pass')) report.progress(reason)
        report.method(
          `${RUNS} routes of ${REQUESTS} requests over two endpoints, posted to ingest as tap records: timestamps, ids and shuffled arrays in each answer, times of one log-normal distribution; the first ${LEARNING} requests and 5 % of the rest with a control; looked at every 0.1 s`,
        )
      } finally {
        await collector.end()
      }
    }),
}

/** Answers differ in time, id and order of tags; what they say does not. */
function noisyService(random: () => number): Service {
  return (path) => ({
    micros: Math.round(2_000 * Math.exp(0.5 * normal(random))),
    body: {
      path,
      at: new Date(1_790_000_000_000 + Math.floor(random() * 1e9)).toISOString(),
      id: randomUUID(),
      tags: random() < 0.5 ? ['billing', 'open', 'urgent'] : ['urgent', 'billing', 'open'],
      total: 42,
    },
  })
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
