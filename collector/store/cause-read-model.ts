// Causes and response times of a route as its report tells them, from counts alone.
import type pg from 'pg'
import type { Causes } from '../core/cause/cause-tally.ts'
import { emptyCauses, MAX_CAUSES } from '../core/cause/cause-tally.ts'
import type { DifferenceKind } from '../core/comparison.ts'
import { inWindow, type ReportWindow, windowBounds } from './report-window.ts'

/** Buckets of core/latency-bucket.ts with how many pairs are in each. */
export type Histogram = Map<number, number>

export type RouteLatency = { variant: string; side: 'primary' | 'other'; histogram: Histogram }

export type CauseReadModel = {
  /** By variant, control left out: it has noise, and no causes. */
  causes(route: string, window: ReportWindow): Promise<Map<string, Causes>>
  /** Whole hours that the window touches. */
  latencies(route: string, window: ReportWindow): Promise<RouteLatency[]>
}

/** Causes that are read: those that touch most pairs. */
const MAX_READ = 500

const counted = inWindow({
  hours: 'cause_hours',
  minutes: 'cause_counts',
  columns: 'variant, cause, pairs, first_seen, last_seen',
})
const CAUSES = `SELECT sums.*, c.endpoint, c.path, c.kind, c.value_class, c.noise, s.samples FROM (
    SELECT variant, cause, sum(pairs)::float8 AS pairs, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM (${counted}) AS counted GROUP BY variant, cause ORDER BY pairs DESC, cause LIMIT ${MAX_READ}
  ) AS sums
  JOIN causes AS c ON c.route = $1 AND c.variant = sums.variant AND c.id = sums.cause
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(slot, exchange_id, (extract(epoch FROM at) * 1000)::bigint, difference ->> 'path')) AS samples
    FROM cause_samples WHERE route = $1 AND variant = sums.variant AND cause = sums.cause
  ) AS s ON true`

export function createCauseReadModel(pool: Pick<pg.Pool, 'query'>): CauseReadModel {
  return {
    async causes(route, window) {
      const { rows } = await pool.query<CauseRow>(CAUSES, [route, ...windowBounds(window)])
      const byVariant = new Map<string, Causes>()
      for (const row of rows) {
        const causes = byVariant.get(row.variant) ?? emptyCauses()
        byVariant.set(row.variant, causes)
        addRow(causes, row, window)
      }
      return byVariant
    },
    async latencies(route, { fromMs, toMs }) {
      const { rows } = await pool.query<LatencyRow>(
        `SELECT variant, side, bucket, sum(pairs)::float8 AS pairs FROM latency_hours
         WHERE route = $1 AND hour > $2::timestamptz - interval '1 hour' AND hour < $3 GROUP BY variant, side, bucket`,
        [route, time(fromMs, '-infinity'), time(toMs, 'infinity')],
      )
      const found = new Map<string, RouteLatency>()
      for (const { variant, side, bucket, pairs } of rows) {
        const key = `${side} ${variant}`
        const latency = found.get(key) ?? { variant, side, histogram: new Map() }
        found.set(key, latency)
        latency.histogram.set(bucket, pairs)
      }
      return [...found.values()]
    },
  }
}

/** Every cause that is known, so that a restart goes on with the same bound. */
export async function readCauseIds(
  pool: Pick<pg.Pool, 'query'>,
): Promise<{ route: string; variant: string; id: string }[]> {
  const { rows } = await pool.query<{ route: string; variant: string; id: string }>(
    `SELECT route, variant, id FROM causes LIMIT ${MAX_CAUSES * 100}`,
  )
  return rows
}

type Sample = [slot: number, exchangeId: string, atMs: number, path: string]
type CauseRow = {
  variant: string
  cause: string
  pairs: number
  first_seen: Date
  last_seen: Date
  endpoint: string
  path: string
  kind: DifferenceKind
  value_class: string
  noise: string
  samples: Sample[] | null
}
type LatencyRow = { variant: string; side: 'primary' | 'other'; bucket: number; pairs: number }

function addRow({ byId }: Causes, row: CauseRow, { fromMs = -Infinity, toMs = Infinity }: ReportWindow): void {
  const { cause: id, endpoint, path, kind, value_class: valueClass, noise } = row
  const samples = (row.samples ?? []).filter(([, , atMs]) => atMs >= fromMs && atMs < toMs)
  byId.set(id, {
    cause: { id, endpoint, path, kind, valueClass, noise },
    pairs: row.pairs,
    firstSeenMs: row.first_seen.getTime(),
    lastSeenMs: row.last_seen.getTime(),
    // Of the difference only its path is asked for here; the comparison has the rest.
    samples: new Map(
      samples.map(([slot, exchangeId, atMs, at]) => [slot, { exchangeId, atMs, difference: { path: at, kind } }]),
    ),
  })
}

function time(ms: number | undefined, otherwise: string): Date | string {
  return ms === undefined ? otherwise : new Date(ms)
}
