// The history of verdicts: a row for each change, and an event with it.
import { insertEvent } from './event-store.ts'
import type { Pool } from './pool.ts'
import { inTransaction } from './transaction.ts'

export type VerdictChange = {
  at: string
  route: string
  variant: string
  generation: number
  verdict: 'pass' | 'fail' | 'inconclusive' | 'invalid'
  reason: string
}

export type VerdictChangeStore = {
  /** Notes the verdict where it differs from the last one noted; tells whether it did. Any number of processes may. */
  note(now: VerdictChange): Promise<boolean>
  /** Newest first. */
  list(of: { route: string; variant?: string; limit: number; beforeId?: number }): Promise<NotedChange[]>
}

export type NotedChange = VerdictChange & { id: number }

/** First half of the lock's number; the second is a hash of route and variant. */
const LOCK = 730_681_501

type Row = Omit<NotedChange, 'id' | 'at'> & { id: string; at: Date }

export function createVerdictChangeStore(pool: Pool): VerdictChangeStore {
  const list: VerdictChangeStore['list'] = async ({ route, variant, limit, beforeId }) => {
    const { rows } = await pool.query<Row>(
      `SELECT id, at, route, variant, generation, verdict, reason FROM verdict_changes
       WHERE route = $1 AND ($2::text IS NULL OR variant = $2) AND ($3::bigint IS NULL OR id < $3)
       ORDER BY id DESC LIMIT $4`,
      [route, variant ?? null, beforeId ?? null, limit],
    )
    return rows.map((row) => ({ ...row, id: Number(row.id), at: row.at.toISOString() }))
  }
  return {
    list,
    async note({ at, route, variant, generation, verdict, reason }) {
      const [last] = await list({ route, variant, limit: 1 })
      const isSame = (one: VerdictChange | undefined) => one?.verdict === verdict && one.generation === generation
      if (isSame(last) || (last && last.generation > generation)) return false
      return inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, `${route}\n${variant}`])
        const { rows } = await client.query<{ verdict: VerdictChange['verdict']; generation: number; reason: string }>(
          'SELECT verdict, generation, reason FROM verdict_changes WHERE route = $1 AND variant = $2 ORDER BY id DESC LIMIT 1',
          [route, variant],
        )
        const before = rows[0] ?? null
        const isNew = !(before && (before.generation > generation || isSame(before as VerdictChange)))
        if (isNew) {
          await client.query(
            'INSERT INTO verdict_changes (at, route, variant, generation, verdict, reason) VALUES ($1, $2, $3, $4, $5, $6)',
            [at, route, variant, generation, verdict, reason],
          )
          const details = { variant, before, after: { verdict, generation, reason } }
          await insertEvent(client, { kind: 'verdict.changed', route, actor: 'understudy', details })
        }
        return isNew
      })
    },
  }
}
