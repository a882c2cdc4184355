// The taps' own running counters: the independent side of "tapped = compared + unpaired + dropped".

import { storableJson, storableText } from '../core/storable.ts'
import type { BatchHeader } from '../core/tap-record.ts'
import type { Pool } from './pool.ts'

/** Keeps the highest report of each tap; counters only grow, so writing one twice or out of order changes nothing. */
export async function writeTapReport(pool: Pick<Pool, 'query'>, header: BatchHeader, nowMs: number): Promise<void> {
  const { instance, startedAt, firstSequence, records, totals, routes } = header.batch
  await pool.query(
    `INSERT INTO tap_instances (instance, started_at, reported_at, last_sequence, seen, shipped, queued, dropped, routes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (instance, started_at) DO UPDATE SET reported_at = excluded.reported_at, last_sequence = excluded.last_sequence,
       seen = excluded.seen, shipped = excluded.shipped, queued = excluded.queued, dropped = excluded.dropped, routes = excluded.routes
     WHERE tap_instances.seen <= excluded.seen AND tap_instances.last_sequence <= excluded.last_sequence`,
    [
      storableText(instance),
      startedAt,
      new Date(nowMs),
      firstSequence + records,
      totals.seen,
      totals.shipped,
      totals.queued,
      storableJson(totals.dropped),
      storableJson(routes),
    ],
  )
}
