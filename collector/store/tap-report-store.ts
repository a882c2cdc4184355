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
       seen = excluded.seen, shipped = excluded.shipped, queued = excluded.queued, dropped = excluded.dropped,
       routes = excluded.routes, ended_at = NULL
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

/**
 * Marks the taps that were last heard before `silentSinceMs` with pairs in their queue: what a killed proxy held is lost,
 * and counts as dropped from then on. A tap that is heard again takes its mark away. Gives the pairs that were not told
 * before, whichever process marks them.
 */
export async function endSilentTaps(
  pool: Pick<Pool, 'query'>,
  silentSinceMs: number,
  nowMs: number,
): Promise<{ instance: string; pairs: number }[]> {
  const { rows } = await pool.query<{ instance: string; pairs: number }>(
    `WITH silent AS (
       SELECT instance, started_at, ended_pairs,
         (SELECT coalesce(sum((counts ->> 'queued')::bigint), 0) FROM jsonb_each(routes) AS each (route, counts)) AS pairs
       FROM tap_instances WHERE ended_at IS NULL AND queued > 0 AND reported_at < $1 FOR UPDATE SKIP LOCKED)
     UPDATE tap_instances AS tap SET ended_at = $2, ended_pairs = greatest(silent.ended_pairs, silent.pairs)
     FROM silent WHERE (tap.instance, tap.started_at) = (silent.instance, silent.started_at)
     RETURNING tap.instance, greatest(silent.pairs - silent.ended_pairs, 0)::float8 AS pairs`,
    [new Date(silentSinceMs), new Date(nowMs)],
  )
  return rows
}
