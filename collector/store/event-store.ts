// The audit: who did what, when, with what before and after. Rows are only ever added.
import { storableJson, storableText } from '../core/storable.ts'
import { CHANGES_CHANNEL } from './change-feed.ts'
import type { Pool } from './pool.ts'
import { inTransaction } from './transaction.ts'

/** `kind` is `<noun>.<what happened>`, such as `route.changed`; `details` hold `before` and `after` where there are any. */
export type NewEvent = { kind: string; route: string | null; actor: string; details: unknown }
/** `at` as RFC 3339. Ids grow in the order of commits. */
export type StoredEvent = NewEvent & { id: number; at: string }

export type Queryable = Pick<Pool, 'query'>

/** Held until the transaction ends, so that ids become visible in their order and a reader misses none. */
const EVENTS_LOCK = 7_306_815_016n
const PUBLISH_LOCK = 7_306_815_017n
const MAX_DETAILS_BYTES = 256 * 1024

type Row = { id: string; at: Date; kind: string; route: string | null; actor: string; details: unknown }

/** Adds an event, in the transaction that `on` is in, if it is in one. */
export async function insertEvent(on: Queryable, event: NewEvent): Promise<StoredEvent> {
  const details = storableJson(event.details ?? {})
  const kept = Buffer.byteLength(details) <= MAX_DETAILS_BYTES ? details : '{"cut":"more than 256 KiB"}'
  const values = [event.kind, event.route, storableText(event.actor).slice(0, 200), kept, EVENTS_LOCK, CHANGES_CHANNEL]
  const { rows } = await on.query<Row>(
    `WITH added AS (
       INSERT INTO events (at, kind, route, actor, details)
       SELECT clock_timestamp(), $1, $2, $3, $4::jsonb FROM (SELECT pg_advisory_xact_lock($5)) AS turn
       RETURNING id, at, kind, route, actor, details)
     SELECT added.*, pg_notify($6, 'events') FROM added`,
    values,
  )
  return storedEvent(rows[0] as Row)
}

/** The newest event's id; 0 without any. */
export async function newestEventId(on: Queryable): Promise<number> {
  const { rows } = await on.query<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM events')
  return Number(rows[0]?.id ?? 0)
}

/** Events after `id`, oldest first. */
export async function eventsAfter(on: Queryable, id: number, limit: number): Promise<StoredEvent[]> {
  const { rows } = await on.query<Row>(
    'SELECT id, at, kind, route, actor, details FROM events WHERE id > $1 ORDER BY id LIMIT $2',
    [id, limit],
  )
  return rows.map(storedEvent)
}

/**
 * Hands events that are not in the topic yet to `publish`, oldest first, and marks them. One process at a time does it;
 * after a crash in between an event is published again. Returns how many.
 */
export async function publishEvents(
  pool: Pool,
  publish: (events: StoredEvent[]) => Promise<void>,
  limit: number,
): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows: turn } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      PUBLISH_LOCK,
    ])
    const { rows } = turn[0]?.mine
      ? await client.query<Row>(
          'SELECT id, at, kind, route, actor, details FROM events WHERE NOT published ORDER BY id LIMIT $1',
          [limit],
        )
      : { rows: [] }
    if (rows.length > 0) {
      await publish(rows.map(storedEvent))
      await client.query('UPDATE events SET published = true WHERE id = ANY($1)', [rows.map((row) => row.id)])
    }
    return rows.length
  })
}

export type EventReadModel = {
  /** Newest first; `beforeId` is the last one of the page before. */
  list(filters: { route?: string | undefined; limit: number; beforeId?: number | undefined }): Promise<StoredEvent[]>
}

export function createEventReadModel(pool: Queryable): EventReadModel {
  return {
    async list({ route, limit, beforeId }) {
      const { rows } = await pool.query<Row>(
        `SELECT id, at, kind, route, actor, details FROM events
         WHERE ($1::text IS NULL OR route = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
        [route ?? null, beforeId ?? null, limit],
      )
      return rows.map(storedEvent)
    },
  }
}

function storedEvent({ id, at, kind, route, actor, details }: Row): StoredEvent {
  return { id: Number(id), at: at.toISOString(), kind, route, actor, details }
}
