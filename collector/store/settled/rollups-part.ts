// Counts of the new pairs per minute of exchange time, and per hour for reports of long windows.
import { plainColumn, type SettledPart, textColumn } from './settled-part.ts'

/** One row of the roll-ups: `outcome` is a comparison's outcome, `unpaired:<reason>` or `dropped:<reason>`. */
export type CountClass = { minuteMs: number; route: string; variant: string; endpoint: string; outcome: string }

export const rollupsPart: SettledPart<{ classes: CountClass[] }> = {
  name: 'rollups',
  parameters: 5,
  sql: `
class_names AS MATERIALIZED (
  SELECT (c.nr - 1)::int AS class, timestamptz 'epoch' + c.ms * interval '1 millisecond' AS minute,
    c.route, c.variant, c.endpoint, c.outcome
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS c(ms, route, variant, endpoint, outcome, nr)
), counted AS (
  SELECT class, count(*) AS pairs FROM fresh WHERE class >= 0 GROUP BY class
), rolled AS (
  INSERT INTO rollups (minute, route, variant, endpoint, outcome, pairs)
  SELECT minute, route, variant, endpoint, outcome, pairs FROM class_names JOIN counted USING (class)
  ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (minute, route, variant, endpoint, outcome) DO UPDATE SET pairs = rollups.pairs + excluded.pairs
), rolled_by_hour AS (
  INSERT INTO rollup_hours (hour, route, variant, endpoint, outcome, pairs)
  SELECT date_bin('1 hour', minute, 'epoch'), route, variant, endpoint, outcome, sum(pairs)
  FROM class_names JOIN counted USING (class) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (hour, route, variant, endpoint, outcome) DO UPDATE SET pairs = rollup_hours.pairs + excluded.pairs
)`,
  values: ({ classes }) => [
    plainColumn(classes, (row) => row.minuteMs),
    textColumn(classes, (row) => row.route),
    textColumn(classes, (row) => row.variant),
    textColumn(classes, (row) => row.endpoint),
    textColumn(classes, (row) => row.outcome),
  ],
}
