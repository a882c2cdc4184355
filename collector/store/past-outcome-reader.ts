// What became of pairs when they came: asked for many at once, when they are compared again from the topic.
import type pg from 'pg'
import type { Outcome } from '../core/comparison.ts'
import { exchangeTimeMs } from '../core/exchange-id.ts'

export type PairKey = { exchangeId: string; variant: string }

/** `unpaired`: a side was missing then. Null: nothing is kept of it, as of a match that the storage policy leaves out. */
export type PastOutcome = Outcome | 'unpaired' | null

/** In the order of the keys. */
export type ReadPastOutcomes = (keys: readonly PairKey[]) => Promise<PastOutcome[]>

export function createPastOutcomeReader(pool: Pick<pg.Pool, 'query'>): ReadPastOutcomes {
  return async (keys) => {
    const times = keys.map(({ exchangeId }) => exchangeTimeMs(exchangeId))
    const { rows } = await pool.query<{ exchange_id: string; variant: string; outcome: PastOutcome }>(
      `SELECT exchange_id, variant, outcome FROM comparisons
       WHERE created_at BETWEEN $1 AND $2 AND exchange_id = ANY($3::uuid[])
       UNION ALL SELECT exchange_id, variant, 'unpaired' FROM unpaired
       WHERE created_at BETWEEN $1 AND $2 AND exchange_id = ANY($3::uuid[])`,
      [new Date(Math.min(...times)), new Date(Math.max(...times)), keys.map(({ exchangeId }) => exchangeId)],
    )
    const found = new Map(rows.map((row) => [`${row.exchange_id}:${row.variant}`, row.outcome]))
    return keys.map(({ exchangeId, variant }) => found.get(`${exchangeId}:${variant}`) ?? null)
  }
}
