// What control pairs show: how many there were of an endpoint, and in which units they differed.
import { jsonColumn, plainColumn, type SettledPart, textColumn } from './settled-part.ts'

/** A control pair that was compared in full; `nr` is its place in the batch, from 1. */
export type ControlRow = { nr: number; route: string; version: string; endpoint: string }

/** A unit of noise that a control pair shows. `unit` names endpoint, path and kind; `example` is JSON. */
export type NoiseRow = ControlRow & {
  unit: string
  path: string
  kind: string
  shape: string
  skewMs: number
  example: string
}

const EXAMPLES = 3

export const noisePart: SettledPart<{ control: ControlRow[]; noise: NoiseRow[] }> = {
  name: 'noise',
  parameters: 14,
  sql: `
control_counted AS (
  INSERT INTO noise_pairs (route, version, endpoint, pairs)
  SELECT c.route, c.version, c.endpoint, count(*)
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[]) AS c(nr, route, version, endpoint)
  JOIN fresh ON fresh.nr = c.nr
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (route, version, endpoint) DO UPDATE SET pairs = noise_pairs.pairs + excluded.pairs
), noise_counted AS (
  INSERT INTO noise_units (route, version, unit, shape, endpoint, path, kind, pairs, max_skew_ms, examples)
  SELECT n.route, n.version, n.unit, n.shape, min(n.endpoint), min(n.path), min(n.kind), count(*), max(n.skew_ms),
    jsonb_path_query_array(jsonb_agg(n.example ORDER BY n.nr), '$[0 to ${EXAMPLES - 1}]')
  FROM unnest($5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::float8[], $14::jsonb[])
    AS n(nr, route, version, endpoint, unit, path, kind, shape, skew_ms, example)
  JOIN fresh ON fresh.nr = n.nr
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (route, version, unit, shape) DO UPDATE SET pairs = noise_units.pairs + excluded.pairs,
    max_skew_ms = greatest(noise_units.max_skew_ms, excluded.max_skew_ms),
    examples = CASE WHEN jsonb_array_length(noise_units.examples) >= ${EXAMPLES} THEN noise_units.examples
      ELSE jsonb_path_query_array(noise_units.examples || excluded.examples, '$[0 to ${EXAMPLES - 1}]') END
)`,
  values: ({ control, noise }) => [
    plainColumn(control, (row) => row.nr),
    textColumn(control, (row) => row.route),
    textColumn(control, (row) => row.version),
    textColumn(control, (row) => row.endpoint),
    plainColumn(noise, (row) => row.nr),
    textColumn(noise, (row) => row.route),
    textColumn(noise, (row) => row.version),
    textColumn(noise, (row) => row.endpoint),
    textColumn(noise, (row) => row.unit),
    textColumn(noise, (row) => row.path),
    textColumn(noise, (row) => row.kind),
    textColumn(noise, (row) => row.shape),
    plainColumn(noise, (row) => row.skewMs),
    jsonColumn(noise, (row) => row.example),
  ],
}
