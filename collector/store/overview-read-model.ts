// All routes at a glance, from the roll-ups: their size depends on minutes and endpoints, not on how many pairs there are.
import type pg from 'pg'
import type { Outcome } from '../core/comparison.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'

export type RouteTrend = {
  route: string
  outcomes: Record<Outcome, number>
  unpaired: number
  dropped: number
  /** The last minute with a compared pair. */
  lastPairAtMs: number | null
  trend: { atMs: number; pairs: number; different: number }[]
}

export type OverviewReadModel = {
  trends(window: { fromMs: number; toMs: number; bucketSeconds: number }): Promise<RouteTrend[]>
}

/** Routes that are shown at most: as many as there may be. */
const routeLimit = 2_000

const byBucket = `SELECT route, date_bin(make_interval(secs => $3), minute, $1) AS bucket, split_part(outcome, ':', 1) AS outcome,
    sum(pairs)::float8 AS pairs, max(minute) AS last
  FROM rollups WHERE minute >= $1 AND minute < $2 AND variant <> '${CONTROL_VARIANT}'
  GROUP BY 1, 2, 3 ORDER BY 1, 2`

type Row = { route: string; bucket: Date; outcome: string; pairs: number; last: Date }

export function createOverviewReadModel(pool: Pick<pg.Pool, 'query'>): OverviewReadModel {
  return {
    async trends({ fromMs, toMs, bucketSeconds }) {
      const { rows } = await pool.query<Row>(byBucket, [new Date(fromMs), new Date(toMs), bucketSeconds])
      const routes = new Map<string, RouteTrend>()
      for (const row of rows) {
        const route = routes.get(row.route) ?? emptyTrend(row.route)
        if (routes.size >= routeLimit && !routes.has(row.route)) continue
        routes.set(row.route, route)
        addRow(route, row)
      }
      return [...routes.values()]
    },
  }
}

function emptyTrend(route: string): RouteTrend {
  const outcomes = { match: 0, noise: 0, different: 0, incomplete: 0 }
  return { route, outcomes, unpaired: 0, dropped: 0, lastPairAtMs: null, trend: [] }
}

function addRow(route: RouteTrend, { bucket, outcome, pairs, last }: Row): void {
  if (outcome === 'unpaired' || outcome === 'dropped') {
    route[outcome] += pairs
    return
  }
  if (!(outcome in route.outcomes)) return
  route.outcomes[outcome as Outcome] += pairs
  route.lastPairAtMs = Math.max(route.lastPairAtMs ?? 0, last.getTime())
  const atMs = bucket.getTime()
  let step = route.trend.at(-1)
  if (step?.atMs !== atMs) {
    step = { atMs, pairs: 0, different: 0 }
    route.trend.push(step)
  }
  step.pairs += pairs
  if (outcome === 'different') step.different += pairs
}
