// A route's counts for its report: from the roll-ups (exact, kept when rows are dropped) and the taps' own counters.
import type pg from 'pg'
import type { Outcome } from '../core/comparison.ts'
import { inWindow, type ReportWindow, windowBounds } from './report-window.ts'

export type EndpointCounts = { endpoint: string; variant: string; pairs: number; outcomes: Record<Outcome, number> }

export type RouteCounts = {
  /** First and last minute that anything was counted in; null when nothing was. */
  firstMinuteMs: number | null
  lastMinuteMs: number | null
  /** Expected pairs that came to an end, by how. */
  compared: number
  unpaired: Record<string, number>
  dropped: Record<string, number>
  /** The same pairs by variant, control among them. */
  variants: Record<string, { compared: number; unpaired: number }>
  /** Most different first; compared pairs only. At most `endpointLimit`. */
  endpoints: EndpointCounts[]
  endpointsCut: boolean
}

/** What the taps say of a route since each of them started: in expected pairs. */
export type TapCounts = {
  tapped: number
  dropped: Record<string, number>
  /** What the guard did not send to a shadow or the control: among the compared, as `incomplete`. */
  shed?: Record<string, number>
  instances: number
  reportedAtMs: number | null
}

export type ReportReadModel = {
  counts(route: string, window: ReportWindow): Promise<RouteCounts>
  taps(route: string): Promise<TapCounts>
}

const endpointLimit = 200

const counted = inWindow({
  hours: 'rollup_hours',
  minutes: 'rollups',
  columns: 'variant, endpoint, outcome, pairs',
})
const byVariant = `SELECT variant, outcome, sum(pairs)::float8 AS pairs FROM (${counted}) AS counted GROUP BY variant, outcome`
const byEndpoint = `SELECT endpoint, variant, sum(pairs)::float8 AS pairs,
    coalesce(sum(pairs) FILTER (WHERE outcome = 'match'), 0)::float8 AS match,
    coalesce(sum(pairs) FILTER (WHERE outcome = 'noise'), 0)::float8 AS noise,
    coalesce(sum(pairs) FILTER (WHERE outcome = 'different'), 0)::float8 AS different,
    coalesce(sum(pairs) FILTER (WHERE outcome = 'incomplete'), 0)::float8 AS incomplete
  FROM (${counted}) AS counted WHERE outcome IN ('match', 'noise', 'different', 'incomplete')
  GROUP BY endpoint, variant ORDER BY different DESC, pairs DESC, endpoint, variant LIMIT ${endpointLimit + 1}`
const ends = `SELECT min(minute) AS first, max(minute) AS last FROM rollups
  WHERE route = $1 AND minute >= $2 AND minute < $3`

export function createReportReadModel(pool: Pick<pg.Pool, 'query'>): ReportReadModel {
  return {
    async counts(route, window) {
      const values = [route, ...windowBounds(window)]
      const [variants, endpoints, times] = await Promise.all([
        pool.query<VariantRow>(byVariant, values),
        pool.query<EndpointRow>(byEndpoint, values),
        pool.query<EndsRow>(ends, [
          ...[route, minuteOf(window.fromMs, '-infinity'), minuteOf(window.toMs, 'infinity')],
        ]),
      ])
      return countsOf(variants.rows, endpoints.rows, times.rows[0])
    },
    async taps(route) {
      const { rows } = await pool.query<TapRow>(
        `SELECT routes -> $1 AS counts, reported_at, ended_at IS NOT NULL AS "isEnded"
         FROM tap_instances WHERE jsonb_exists(routes, $1)`,
        [route],
      )
      return tapCountsOf(rows)
    },
  }
}

type VariantRow = { variant: string; outcome: string; pairs: number }
type EndsRow = { first: Date | null; last: Date | null }
type EndpointRow = { endpoint: string; variant: string; pairs: number } & Record<Outcome, number>
type Counts = Record<string, number>
type TapRow = {
  counts: { tapped?: number; queued?: number; dropped?: Counts; shed?: Counts } | null
  reported_at: Date
  isEnded: boolean
}

/** What became of pairs, by outcome (`match`, `unpaired:no-shadow`) and variant. */
export function endedOf(
  rows: readonly VariantRow[],
): Pick<RouteCounts, 'compared' | 'unpaired' | 'dropped' | 'variants'> {
  const unpaired = new Map<string, number>()
  const dropped = new Map<string, number>()
  const variants = new Map<string, { compared: number; unpaired: number }>()
  let compared = 0
  for (const { variant, outcome, pairs } of rows) {
    const counted = variants.get(variant) ?? { compared: 0, unpaired: 0 }
    variants.set(variant, counted)
    const [kind, reason = 'unknown'] = outcome.split(':', 2)
    if (kind === 'unpaired') {
      add(unpaired, reason, pairs)
      counted.unpaired += pairs
    } else if (kind === 'dropped') add(dropped, reason, pairs)
    else {
      compared += pairs
      counted.compared += pairs
    }
  }
  return {
    compared,
    unpaired: Object.fromEntries(unpaired),
    dropped: Object.fromEntries(dropped),
    variants: Object.fromEntries(variants),
  }
}

function countsOf(rows: VariantRow[], endpoints: EndpointRow[], ends: EndsRow | undefined): RouteCounts {
  return {
    ...endedOf(rows),
    firstMinuteMs: ends?.first?.getTime() ?? null,
    lastMinuteMs: ends?.last?.getTime() ?? null,
    endpoints: endpoints
      .slice(0, endpointLimit)
      .map(({ endpoint, variant, pairs, match, noise, different, incomplete }) => ({
        endpoint,
        variant,
        pairs,
        outcomes: { match, noise, different, incomplete },
      })),
    endpointsCut: endpoints.length > endpointLimit,
  }
}

/** Of one route, a row for each tap. */
export function tapCountsOf(rows: readonly TapRow[]): TapCounts {
  const dropped = new Map<string, number>()
  const shed = new Map<string, number>()
  let tapped = 0
  for (const { counts, isEnded } of rows) {
    tapped += Number(counts?.tapped ?? 0)
    if (isEnded && Number(counts?.queued ?? 0) > 0) add(dropped, 'proxy-ended', Number(counts?.queued))
    for (const [reason, pairs] of Object.entries(counts?.dropped ?? {})) add(dropped, reason, Number(pairs))
    for (const [reason, pairs] of Object.entries(counts?.shed ?? {})) add(shed, reason, Number(pairs))
  }
  const reported = rows.map((row) => row.reported_at.getTime())
  return {
    tapped,
    dropped: Object.fromEntries(dropped),
    shed: Object.fromEntries(shed),
    instances: rows.length,
    reportedAtMs: reported.length === 0 ? null : Math.max(...reported),
  }
}

function add(counts: Map<string, number>, reason: string, pairs: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + pairs)
}

function minuteOf(ms: number | undefined, otherwise: string): Date | string {
  return ms === undefined ? otherwise : new Date(Math.floor(ms / 60_000) * 60_000)
}
