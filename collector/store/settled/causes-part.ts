// Differences by cause: counted by minute and by hour, with the newest pair of each of a cause's slots.
import { jsonColumn, plainColumn, type SettledPart, textColumn } from './settled-part.ts'

/** A cause that the batch shows, once. */
export type CauseRow = {
  route: string
  variant: string
  id: string
  endpoint: string
  path: string
  kind: string
  valueClass: string
  noise: string
}

/**
 * A pair that shows a cause: `nr` is its place in the batch, `cause` the cause's in `causes`, both from 1. `difference` is
 * JSON; null for a pair that a newer one of the batch stands for among the samples.
 */
export type SightingRow = { nr: number; cause: number; slot: number; difference: string | null }

export const causesPart: SettledPart<{ causes: CauseRow[]; sightings: SightingRow[] }> = {
  name: 'causes',
  parameters: 12,
  sql: `
cause_seen AS MATERIALIZED (
  SELECT c.*, fresh.created_at, fresh.exchange_id, s.slot, s.difference
  FROM unnest($9::int[], $10::int[], $11::smallint[], $12::jsonb[]) AS s(nr, cause, slot, difference)
  JOIN fresh ON fresh.nr = s.nr
  JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    WITH ORDINALITY AS c(route, variant, id, endpoint, path, kind, value_class, noise, place) ON c.place = s.cause
), cause_named AS (
  INSERT INTO causes (route, variant, id, endpoint, path, kind, value_class, noise)
  SELECT DISTINCT route, variant, id, endpoint, path, kind, value_class, noise FROM cause_seen ORDER BY 1, 2, 3
  ON CONFLICT DO NOTHING
), cause_by_minute AS (
  INSERT INTO cause_counts (route, variant, cause, minute, pairs, first_seen, last_seen)
  SELECT route, variant, id, date_bin('1 minute', created_at, 'epoch'), count(*), min(created_at), max(created_at)
  FROM cause_seen GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 2, 3
  ON CONFLICT (route, minute, variant, cause) DO UPDATE SET pairs = cause_counts.pairs + excluded.pairs,
    first_seen = least(cause_counts.first_seen, excluded.first_seen),
    last_seen = greatest(cause_counts.last_seen, excluded.last_seen)
), cause_by_hour AS (
  INSERT INTO cause_hours (route, variant, cause, hour, pairs, first_seen, last_seen)
  SELECT route, variant, id, date_bin('1 hour', created_at, 'epoch'), count(*), min(created_at), max(created_at)
  FROM cause_seen GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 2, 3
  ON CONFLICT (route, hour, variant, cause) DO UPDATE SET pairs = cause_hours.pairs + excluded.pairs,
    first_seen = least(cause_hours.first_seen, excluded.first_seen),
    last_seen = greatest(cause_hours.last_seen, excluded.last_seen)
), cause_shown AS (
  INSERT INTO cause_samples (route, variant, cause, slot, at, exchange_id, difference)
  SELECT DISTINCT ON (route, variant, id, slot) route, variant, id, slot, created_at, exchange_id, difference
  FROM cause_seen WHERE difference IS NOT NULL ORDER BY route, variant, id, slot, created_at DESC, exchange_id DESC
  ON CONFLICT (route, variant, cause, slot) DO UPDATE
    SET at = excluded.at, exchange_id = excluded.exchange_id, difference = excluded.difference
    WHERE (cause_samples.at, cause_samples.exchange_id) < (excluded.at, excluded.exchange_id)
)`,
  values: ({ causes, sightings }) => [
    textColumn(causes, (row) => row.route),
    textColumn(causes, (row) => row.variant),
    textColumn(causes, (row) => row.id),
    textColumn(causes, (row) => row.endpoint),
    textColumn(causes, (row) => row.path),
    textColumn(causes, (row) => row.kind),
    textColumn(causes, (row) => row.valueClass),
    textColumn(causes, (row) => row.noise),
    plainColumn(sightings, (row) => row.nr),
    plainColumn(sightings, (row) => row.cause),
    plainColumn(sightings, (row) => row.slot),
    jsonColumn(sightings, (row) => row.difference),
  ],
}
