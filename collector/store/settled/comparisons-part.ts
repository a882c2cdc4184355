// The rows of compared pairs that the storage policy keeps.
import type { Comparison } from '../../core/comparison.ts'
import { jsonColumn, plainColumn, type SettledPart, textColumn } from './settled-part.ts'

/** A comparison as text ready for its columns; bodies and headers null where the policy keeps none. */
export type ComparisonRow = Omit<Comparison, 'result'> & {
  outcome: string
  differences: string
  differencesCut: boolean
  notes: string[]
  requestHeaders: string
  primaryHeaders: string
  shadowHeaders: string
}

export const comparisonsPart: SettledPart<{ comparisons: ComparisonRow[] }> = {
  name: 'comparisons',
  parameters: 23,
  sql: `
kept AS (
  INSERT INTO comparisons (created_at, exchange_id, variant, route, method, path, endpoint, outcome, differences, differences_cut, notes,
    primary_status, shadow_status, primary_latency_ms, shadow_latency_ms, primary_headers, shadow_headers,
    primary_body, shadow_body, primary_body_bytes, shadow_body_bytes, request_headers, skipped)
  SELECT timestamptz 'epoch' + r.ms * interval '1 millisecond', r.exchange_id, r.variant, r.route, r.method, r.path, r.endpoint, r.outcome,
    r.differences, r.differences_cut, ARRAY(SELECT jsonb_array_elements_text(r.notes)),
    r.primary_status, r.shadow_status, r.primary_latency_ms, r.shadow_latency_ms, r.primary_headers, r.shadow_headers,
    r.primary_body, r.shadow_body, r.primary_body_bytes, r.shadow_body_bytes, r.request_headers, r.skipped
  FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::jsonb[],
    $10::boolean[], $11::jsonb[], $12::int[], $13::int[], $14::float8[], $15::float8[], $16::jsonb[], $17::jsonb[], $18::text[], $19::text[],
    $20::bigint[], $21::bigint[], $22::jsonb[], $23::text[])
    AS r(ms, exchange_id, variant, route, method, path, endpoint, outcome, differences, differences_cut, notes, primary_status, shadow_status,
      primary_latency_ms, shadow_latency_ms, primary_headers, shadow_headers, primary_body, shadow_body, primary_body_bytes, shadow_body_bytes,
      request_headers, skipped)
  JOIN fresh USING (exchange_id, variant)
  ON CONFLICT DO NOTHING
)`,
  values: ({ comparisons: rows }) => [
    plainColumn(rows, (row) => row.createdAtMs),
    plainColumn(rows, (row) => row.exchangeId),
    textColumn(rows, (row) => row.variant),
    textColumn(rows, (row) => row.route),
    textColumn(rows, (row) => row.method),
    textColumn(rows, (row) => row.path),
    textColumn(rows, (row) => row.endpoint),
    textColumn(rows, (row) => row.outcome),
    jsonColumn(rows, (row) => row.differences),
    plainColumn(rows, (row) => row.differencesCut),
    jsonColumn(rows, (row) => JSON.stringify(row.notes)),
    plainColumn(rows, (row) => row.primary.status),
    plainColumn(rows, (row) => row.shadow.status),
    plainColumn(rows, (row) => row.primary.latencyMs),
    plainColumn(rows, (row) => row.shadow.latencyMs),
    jsonColumn(rows, (row) => row.primaryHeaders),
    jsonColumn(rows, (row) => row.shadowHeaders),
    textColumn(rows, (row) => row.primary.body),
    textColumn(rows, (row) => row.shadow.body),
    plainColumn(rows, (row) => row.primary.bodyBytes),
    plainColumn(rows, (row) => row.shadow.bodyBytes),
    jsonColumn(rows, (row) => row.requestHeaders),
    textColumn(rows, (row) => skippedOf(row)),
  ],
}

function skippedOf(row: ComparisonRow): string | null {
  if (row.primary.skipped) return `primary: ${row.primary.skipped}`
  return row.shadow.skipped ? `shadow: ${row.shadow.skipped}` : null
}
