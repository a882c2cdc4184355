// What the role `control` knows and other roles show: one row a thing, written when it changes.
import { storableText } from '../core/storable.ts'
import { CHANGES_CHANNEL } from './change-feed.ts'
import type { Queryable } from './event-store.ts'

export type ControlStateStore = {
  /** `body` as JSON; written only where it is another than the last one written here. */
  write(key: string, body: unknown): Promise<void>
  /** The body as it was written, or undefined where there is none or it is the one that `known` names. */
  read(key: string, known?: string): Promise<{ at: string; body: unknown } | undefined>
}

const MAX_BYTES = 32 * 1024 * 1024

export function createControlStateStore(pool: Queryable): ControlStateStore {
  const last = new Map<string, string>()
  return {
    async write(key, body) {
      const text = storableText(JSON.stringify(body))
      if (last.get(key) === text || text.length > MAX_BYTES) return
      await pool.query(
        `WITH written AS (
           INSERT INTO control_state (key, at, body) VALUES ($1, clock_timestamp(), $2)
           ON CONFLICT (key) DO UPDATE SET at = excluded.at, body = excluded.body RETURNING key)
         SELECT pg_notify($3, 'control') FROM written`,
        [key, text, CHANGES_CHANNEL],
      )
      last.set(key, text)
    },
    async read(key, known) {
      const { rows } = await pool.query<{ at: string; body: string }>(
        `SELECT at::text, body FROM control_state WHERE key = $1 AND at::text IS DISTINCT FROM $2`,
        [key, known ?? null],
      )
      const [row] = rows
      return row && { at: row.at, body: JSON.parse(row.body) }
    },
  }
}
