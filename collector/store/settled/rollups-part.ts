// Counts of the new pairs per minute of exchange time.
import { plainColumn, type SettledPart, textColumn } from './settled-part.ts'

/** One row of the roll-ups: `outcome` is a comparison's outcome, `unpaired:<reason>` or `dropped:<reason>`. */
export type CountClass = { minuteMs: number; route: string; variant: string; endpoint: string; outcome: string }

export const rollupsPart: SettledPart<{ classes: CountClass[] }> = {
  name: 'rollups',
  parameters: 5,
  sql: `
counted AS (
  SELECT class, count(*) AS pairs FROM fresh GROUP BY class
), rolled AS (
  INSERT INTO rollups (minute, route, variant, endpoint, outcome, pairs)
  SELECT timestamptz 'epoch' + c.ms * interval '1 millisecond', c.route, c.variant, c.endpoint, c.outcome, counted.pairs
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS c(ms, route, variant, endpoint, outcome, nr)
  JOIN counted ON counted.class = c.nr - 1
  ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (minute, route, variant, endpoint, outcome) DO UPDATE SET pairs = rollups.pairs + excluded.pairs
)`,
  values: ({ classes }) => [
    plainColumn(classes, (row) => row.minuteMs),
    textColumn(classes, (row) => row.route),
    textColumn(classes, (row) => row.variant),
    textColumn(classes, (row) => row.endpoint),
    textColumn(classes, (row) => row.outcome),
  ],
}
