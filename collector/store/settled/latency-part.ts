// Response times of the new pairs as a histogram per hour: few rows whatever the traffic, and enough for percentiles.
import { plainColumn, type SettledPart } from './settled-part.ts'

/** Buckets of both sides' times; null where a side has none. In the order of the ledger, one for each pair. */
export type LatencyRow = { primary: number | null; other: number | null }

export const latencyPart: SettledPart<{ latencies: LatencyRow[] }> = {
  name: 'latency',
  parameters: 2,
  sql: `
timed AS (
  SELECT date_bin('1 hour', fresh.created_at, 'epoch') AS hour, c.route, c.variant, t.side, t.bucket, count(*) AS pairs
  FROM (
    SELECT l.nr, s.side, s.bucket
    FROM unnest($1::smallint[], $2::smallint[]) WITH ORDINALITY AS l(at_primary, at_other, nr)
    CROSS JOIN LATERAL (VALUES ('primary', l.at_primary), ('other', l.at_other)) AS s(side, bucket)
    WHERE s.bucket IS NOT NULL
  ) AS t
  JOIN fresh ON fresh.nr = t.nr
  JOIN class_names AS c ON c.class = fresh.class
  GROUP BY 1, 2, 3, 4, 5
), timed_by_hour AS (
  INSERT INTO latency_hours (route, hour, variant, side, bucket, pairs)
  SELECT route, hour, variant, side, bucket, pairs FROM timed ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (route, hour, variant, side, bucket) DO UPDATE SET pairs = latency_hours.pairs + excluded.pairs
)`,
  values: ({ latencies }) => [plainColumn(latencies, (row) => row.primary), plainColumn(latencies, (row) => row.other)],
}
