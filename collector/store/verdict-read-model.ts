// What verdicts are made from, as it is stored: the counts of the newest generation, its frozen parameters, today's pace.
import type { Difference } from '../core/comparison.ts'
import type { EvidenceRow, Pace } from '../core/verdict/assemble-evidence.ts'
import type { MetricName } from '../core/verdict/pair-metrics.ts'
import { type Frozen, type Generation, type GenerationKey, generationOf } from './evidence-store.ts'
import type { Pool } from './pool.ts'

export type CurrentGeneration = Generation & { frozen: Frozen }

export type DifferingPair = { endpoint: string; id: string; differences: Difference[]; isCut: boolean }

export type VerdictReadModel = {
  /** Every route and variant that has evidence, control left out; at most 1,000. */
  judged(): Promise<{ route: string; variant: string }[]>
  /** The control's newest generation by route, where it is not the first. */
  controlGenerations(): Promise<Record<string, string>>
  /** The newest generation of each of the route's variants, control among them. */
  current(route: string): Promise<CurrentGeneration[]>
  counts(of: GenerationKey, controlGeneration: number): Promise<EvidenceRow[]>
  /** Compared pairs a second in the last minutes, by endpoint. */
  pace(route: string, variant: string, nowMs: number): Promise<(endpoint: string) => Pace>
  /** Endpoints seen in earlier generations, or whose pairs never came. */
  knownEndpoints(route: string, variant: string): Promise<string[]>
  /** The newest kept comparisons that differ, of each endpoint the newest first. */
  differing(of: GenerationKey & { sinceMs: number }, endpoints: readonly string[]): Promise<DifferingPair[]>
}

const MAX_JUDGED = 1_000
const PACE_MINUTES = 10
const MAX_KNOWN = 1_000
/** Of these a few are samples: where noise is not learned yet, most that differ differ by it alone. */
const LOOKED_AT = 40

export function createVerdictReadModel(pool: Pick<Pool, 'query'>): VerdictReadModel {
  return {
    async judged() {
      const { rows } = await pool.query<{ route: string; variant: string }>(
        `SELECT DISTINCT route, variant FROM evidence_generations WHERE variant <> 'control' ORDER BY 1, 2 LIMIT $1`,
        [MAX_JUDGED],
      )
      return rows
    },
    async controlGenerations() {
      const { rows } = await pool.query<{ route: string; generation: number }>(
        `SELECT route, max(generation) AS generation FROM evidence_generations WHERE variant = 'control'
         GROUP BY route HAVING max(generation) > 1 LIMIT $1`,
        [MAX_JUDGED],
      )
      return Object.fromEntries(rows.map(({ route, generation }) => [route, String(generation)]))
    },
    async current(route) {
      const { rows } = await pool.query<Omit<CurrentGeneration, 'beganAtMs'> & { began_at: Date }>(
        `SELECT DISTINCT ON (variant) route, variant, generation, began_at, reason, actor, versions, frozen
         FROM evidence_generations WHERE route = $1 ORDER BY variant, generation DESC`,
        [route],
      )
      return rows.map((row) => ({ ...generationOf(row), frozen: row.frozen }))
    },
    async counts({ route, variant, generation }, controlGeneration) {
      const { rows } = await pool.query<[boolean, string, MetricName, string, string, string]>({
        // As arrays: thousands of endpoints have tens of thousands of rows.
        rowMode: 'array',
        text: `SELECT variant = 'control', endpoint, metric, detail, count, first_seen FROM evidence
          WHERE route = $1 AND ((variant = $2 AND generation = $3)
            OR (variant = 'control' AND generation = $4 AND metric IN ('pairs', 'differing', 'unit')))`,
        values: [route, variant, generation, controlGeneration],
      })
      return rows.map(([isControl, endpoint, metric, detail, count, firstSeen]) => ({
        ...{ isControl, endpoint, metric, detail, firstSeen },
        count: Number(count),
      }))
    },
    async pace(route, variant, nowMs) {
      const from = new Date(nowMs - PACE_MINUTES * 60_000)
      const { rows } = await pool.query<{ endpoint: string; shadow: number; control: number; first: Date }>(
        `SELECT endpoint, sum(pairs) FILTER (WHERE variant = $2)::float8 AS shadow,
           sum(pairs) FILTER (WHERE variant = 'control')::float8 AS control, min(minute) AS first
         FROM rollups WHERE route = $1 AND minute >= $3 AND variant IN ($2, 'control')
           AND outcome IN ('match', 'noise', 'different', 'incomplete')
         GROUP BY endpoint`,
        [route, variant, from],
      )
      const first = Math.min(...rows.map((row) => row.first.getTime()), nowMs)
      const seconds = Math.min(PACE_MINUTES * 60, Math.max(60, (nowMs - first) / 1000))
      const paces = new Map(
        rows.map((row) => [
          row.endpoint,
          { shadow: (row.shadow ?? 0) / seconds, control: (row.control ?? 0) / seconds },
        ]),
      )
      return (endpoint) => paces.get(endpoint) ?? { shadow: 0, control: 0 }
    },
    async knownEndpoints(route, variant) {
      const { rows } = await pool.query<{ endpoint: string }>(
        'SELECT DISTINCT endpoint FROM evidence WHERE route = $1 AND variant = $2 ORDER BY endpoint LIMIT $3',
        [route, variant, MAX_KNOWN],
      )
      return rows.map((row) => row.endpoint)
    },
    async differing({ route, variant, sinceMs }, endpoints) {
      const { rows } = await pool.query<DifferingPair>(
        `SELECT wanted.endpoint, found.exchange_id || ':' || $2::text AS id, found.differences, found.differences_cut AS "isCut"
         FROM unnest($3::text[]) AS wanted(endpoint), LATERAL (
           SELECT exchange_id, differences, differences_cut FROM comparisons
           WHERE route = $1 AND variant = $2 AND endpoint = wanted.endpoint AND outcome = 'different' AND created_at >= $4
           ORDER BY created_at DESC LIMIT $5
         ) AS found`,
        [route, variant, endpoints, new Date(sinceMs), LOOKED_AT],
      )
      return rows
    },
  }
}
