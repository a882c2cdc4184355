// E2: every query of every panel, on a real Prometheus and the real PostgreSQL, under the demo's own traffic.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { allDashboards } from '../../grafana/all-dashboards.ts'
import { needCommand } from '../helpers/debian-command.ts'
import { annotationsOf, type Chosen, filledExpr, filledSql, queriesOf } from '../helpers/grafana-queries.ts'
import { runStart, type StackFolder, type StartedStack, stackFolder } from '../helpers/npm-start.ts'
import { type RunningPrometheus, startPrometheus } from '../helpers/prometheus.ts'
import { waitUntilHolds } from '../helpers/wait-until.ts'

const withPrometheus = needCommand('prometheus', 'prometheus') ? describe : describe.skip
/** Rates need two scrapes of a series, and the first of each counter comes with its first event. */
const FILLED_WITHIN_MS = 180_000

withPrometheus('the dashboards under the demo traffic', () => {
  let folder: StackFolder
  let stack: StartedStack
  let prometheus: RunningPrometheus
  let database: pg.Client
  const startedMs = Date.now()
  const chosen = (): Chosen => ({ route: 'ticketing', variant: 'shadow', fromMs: startedMs, toMs: Date.now() + 60_000 })

  beforeAll(async () => {
    folder = await stackFolder()
    stack = runStart(folder)
    await stack.says('Understudy is up')
    const { api, databaseUrl } = await stack.file()
    prometheus = await startPrometheus(new URL(api).host)
    database = new pg.Client({ connectionString: databaseUrl })
    await database.connect()
  })
  afterAll(async () => {
    await database?.end()
    await prometheus?.stop()
    await stack?.end()
    await folder?.remove()
  })

  it.each(allDashboards())(
    '$file has no empty panel',
    async ({ dashboard }) => {
      const empty = async () => {
        const left: string[] = []
        for (const { panel, expr, sql } of queriesOf(dashboard)) {
          const found =
            expr === undefined
              ? (await database.query(filledSql(sql ?? '', chosen()))).rows
              : await prometheus.query(filledExpr(expr, chosen()))
          if (found.length === 0) left.push(`${panel}: ${expr ?? sql}`)
        }
        return left
      }
      await waitUntilHolds(async () => expect(await empty()).toEqual([]), { withinMs: FILLED_WITHIN_MS, everyMs: 250 })
      for (const sql of annotationsOf(dashboard)) await database.query(filledSql(sql, chosen()))
    },
    FILLED_WITHIN_MS + 30_000,
  )

  it('offers the route and its shadow to choose from', async () => {
    expect(await prometheus.labelValues('route', 'understudy_tap_records_total')).toEqual(['ticketing'])
    const shadows = 'understudy_comparisons_total{route=~"ticketing", variant!="control"}'
    expect(await prometheus.labelValues('variant', shadows)).toEqual(['shadow'])
  })
})
