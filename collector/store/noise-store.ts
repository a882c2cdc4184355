// What control pairs have shown, read back: as noise for judging pairs, as a tally for proposals and the report.
import type pg from 'pg'
import type { DifferenceKind } from '../core/comparison.ts'
import type { ChangeShape } from '../core/noise/change-shape.ts'
import { type ControlTally, tallyFromRows, tallyLimits, type UnitExample } from '../core/noise/control-tally.ts'
import type { NoiseUnit } from '../core/noise/noise-unit.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'

/** A unit with its place in the order in which units were first stored. */
export type StoredUnit = { nr: bigint; route: string; version: string; unit: NoiseUnit }

export type NoiseStore = {
  /** Units that were stored after the one with that number, at most `limit`, in order. */
  unitsAfter(nr: bigint, limit: number): Promise<StoredUnit[]>
  /**
   * The version of each route's primary whose noise counts: the generation of the control's evidence, which begins anew
   * with a version of the primary, or by hand. A route without evidence so far has `FIRST_VERSION`.
   */
  versions(): Promise<Map<string, string>>
  /** All that the control pairs of one version of a route's primary have shown. */
  tallyOf(route: string, version: string): Promise<ControlTally>
}

export const FIRST_VERSION = '1'

export function createNoiseStore(pool: Pick<pg.Pool, 'query'>): NoiseStore {
  return {
    async unitsAfter(nr, limit) {
      const { rows } = await pool.query<UnitRow>(
        'SELECT nr, route, version, endpoint, path, kind FROM noise_units WHERE nr > $1 ORDER BY nr LIMIT $2',
        [String(nr), limit],
      )
      return rows.map(({ nr: at, route, version, ...unit }) => ({ nr: BigInt(at), route, version, unit }))
    },
    async versions() {
      const { rows } = await pool.query<{ route: string; version: string }>(
        `SELECT route, max(generation)::text AS version FROM evidence_generations
         WHERE variant = '${CONTROL_VARIANT}' AND began_at <= now() GROUP BY route`,
      )
      return new Map(rows.map(({ route, version }) => [route, version]))
    },
    async tallyOf(route, version) {
      const [pairs, units] = await Promise.all([
        pool.query<{ endpoint: string; pairs: number }>(
          `SELECT endpoint, pairs::float8 AS pairs FROM noise_pairs WHERE route = $1 AND version = $2
           ORDER BY pairs DESC LIMIT ${tallyLimits.endpoints}`,
          [route, version],
        ),
        pool.query<TallyRow>(
          `SELECT endpoint, path, kind, shape, pairs::float8 AS pairs, max_skew_ms, examples FROM noise_units
           WHERE route = $1 AND version = $2 ORDER BY nr LIMIT ${tallyLimits.units * 2}`,
          [route, version],
        ),
      ])
      return tallyFromRows(
        pairs.rows.map((row) => [row.endpoint, row.pairs]),
        units.rows.map(({ endpoint, path, kind, shape, pairs: seen, max_skew_ms, examples }) => ({
          unit: { endpoint, path, kind },
          pairs: seen,
          shapes: { [shape]: seen },
          maxSkewMs: max_skew_ms,
          examples,
        })),
      )
    },
  }
}

type UnitRow = { nr: string; route: string; version: string; endpoint: string; path: string; kind: DifferenceKind }
type TallyRow = {
  endpoint: string
  path: string
  kind: DifferenceKind
  shape: ChangeShape
  pairs: number
  max_skew_ms: number
  examples: UnitExample[]
}
