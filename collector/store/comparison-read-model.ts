// Stored comparisons as screens ask for them: newest first by keyset, one pair, one whole exchange.
import type pg from 'pg'
import type { Outcome } from '../core/comparison.ts'
import { exchangeTimeMs } from '../core/exchange-id.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import {
  type FullRow,
  fullColumns,
  fullOf,
  type StoredComparison,
  type StoredSummary,
  type SummaryRow,
  summaryColumns,
  summaryOf,
} from './stored-comparison.ts'

/** What a list may be narrowed by. Times are Unix milliseconds, half-open: `fromMs` ≤ exchange < `toMs`. */
export type ComparisonFilters = {
  route?: string
  /** Control pairs are left out unless this is `control`. */
  variant?: string
  outcome?: Outcome
  endpoint?: string
  fromMs?: number
  toMs?: number
}

/** Where a page ended; the next one begins after it. */
export type ComparisonPosition = { exchangeId: string; variant: string }

export type StoredUnpaired = {
  exchangeId: string
  createdAtMs: number
  variant: string
  side: string
  route: string
  reason: string
  method: string | null
  path: string | null
}

export type StoredExchange = {
  pairs: StoredComparison[]
  unpaired: StoredUnpaired[]
  /** Variants whose pair reached its end, stored or not. */
  settled: string[]
}

export type ComparisonReadModel = {
  /** At most `limit` summaries after the position, newest first; `next` is set when there are more. */
  list(
    filters: ComparisonFilters,
    page: { limit: number; after?: ComparisonPosition },
  ): Promise<{ items: StoredSummary[]; next: ComparisonPosition | null }>
  /** The same with headers, bodies and all differences. */
  listInFull(
    filters: ComparisonFilters,
    page: { limit: number; after?: ComparisonPosition },
  ): Promise<{ items: StoredComparison[]; next: ComparisonPosition | null }>
  /** The exchange's stored pairs in full, control last, else by variant; of one variant where it is given. */
  pairsOf(exchangeId: string, variant?: string): Promise<StoredComparison[]>
  exchange(exchangeId: string): Promise<StoredExchange>
}

export function createComparisonReadModel(pool: Pick<pg.Pool, 'query'>): ComparisonReadModel {
  async function pairsOf(exchangeId: string, variant?: string): Promise<StoredComparison[]> {
    const { rows } = await pool.query<FullRow>(
      `SELECT ${fullColumns} FROM comparisons
       WHERE created_at = $1 AND exchange_id = $2 AND ($3::text IS NULL OR variant = $3)
       ORDER BY variant = '${CONTROL_VARIANT}', variant`,
      [new Date(exchangeTimeMs(exchangeId)), exchangeId, variant ?? null],
    )
    return rows.map(fullOf)
  }

  async function page<Row extends SummaryRow, Item extends ComparisonPosition>(
    columns: string,
    itemOf: (row: Row) => Item,
    filters: ComparisonFilters,
    { limit, after }: { limit: number; after?: ComparisonPosition },
  ): Promise<{ items: Item[]; next: ComparisonPosition | null }> {
    const { where, values } = conditions(filters, after)
    const { rows } = await pool.query<Row>(
      `SELECT ${columns} FROM comparisons WHERE ${where.join(' AND ')}
       ORDER BY created_at DESC, exchange_id DESC, variant DESC LIMIT ${Math.trunc(limit) + 1}`,
      values,
    )
    const items = rows.slice(0, limit).map(itemOf)
    const last = items.at(-1)
    return {
      items,
      next: last && rows.length > limit ? { exchangeId: last.exchangeId, variant: last.variant } : null,
    }
  }

  return {
    list: (filters, of) => page(summaryColumns, summaryOf, filters, of),
    listInFull: (filters, of) => page(fullColumns, fullOf, filters, of),
    pairsOf,
    async exchange(exchangeId) {
      const at = new Date(exchangeTimeMs(exchangeId))
      const [pairs, unpaired, settled] = await Promise.all([
        pairsOf(exchangeId),
        pool.query<UnpairedRow>(
          `SELECT created_at, exchange_id, variant, side, route, reason, method, path FROM unpaired
           WHERE created_at = $1 AND exchange_id = $2 ORDER BY variant`,
          [at, exchangeId],
        ),
        pool.query<{ variant: string }>(
          "SELECT variant FROM settled_pairs WHERE created_at = $1 AND exchange_id = $2 AND variant NOT LIKE '%+%' ORDER BY variant",
          [at, exchangeId],
        ),
      ])
      return { pairs, unpaired: unpaired.rows.map(unpairedOf), settled: settled.rows.map((row) => row.variant) }
    },
  }
}

function conditions(
  filters: ComparisonFilters,
  after: ComparisonPosition | undefined,
): { where: string[]; values: unknown[] } {
  const where: string[] = []
  const values: unknown[] = []
  const add = (value: unknown): string => `$${values.push(value)}`
  if (filters.route !== undefined) where.push(`route = ${add(filters.route)}`)
  if (filters.variant !== undefined) where.push(`variant = ${add(filters.variant)}`)
  else where.push(`variant <> '${CONTROL_VARIANT}'`)
  if (filters.outcome !== undefined) {
    where.push(`outcome = ${add(filters.outcome)}`)
    // A constant lets the planner see that the partial index applies whatever the parameter is.
    if (filters.outcome !== 'match') where.push("outcome <> 'match'")
  }
  if (filters.endpoint !== undefined) where.push(`endpoint = ${add(filters.endpoint)}`)
  if (filters.fromMs !== undefined) where.push(`created_at >= ${add(new Date(filters.fromMs))}`)
  if (filters.toMs !== undefined) where.push(`created_at < ${add(new Date(filters.toMs))}`)
  if (after) {
    const place = [add(new Date(exchangeTimeMs(after.exchangeId))), add(after.exchangeId), add(after.variant)]
    where.push(`(created_at, exchange_id, variant) < (${place[0]}::timestamptz, ${place[1]}::uuid, ${place[2]}::text)`)
  }
  return { where, values }
}

type UnpairedRow = Omit<StoredUnpaired, 'exchangeId' | 'createdAtMs'> & { created_at: Date; exchange_id: string }

function unpairedOf(row: UnpairedRow): StoredUnpaired {
  const { created_at, exchange_id, ...rest } = row
  return { exchangeId: exchange_id, createdAtMs: created_at.getTime(), ...rest }
}
