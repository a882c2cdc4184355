// Writes a batch of settled pairs in one statement, which is one transaction: the ledger row of each pair decides
// whether it is new; only new pairs become rows and counts. So a replay changes nothing, whatever the storage policy.
import type { Comparison, UnpairedReason } from '../core/comparison.ts'
import type { Side } from '../core/tap-record.ts'
import type { Pool } from './pool.ts'
import { textArray } from './text-array.ts'

/** What every settled pair brings: its key and the class under which it is counted. */
export type LedgerRow = { createdAtMs: number; exchangeId: string; variant: string; class: number }

/** One row of the roll-ups: `outcome` is a comparison's outcome, `unpaired:<reason>` or `dropped:<reason>`. */
export type CountClass = { minuteMs: number; route: string; variant: string; endpoint: string; outcome: string }

export type UnpairedRow = {
  createdAtMs: number
  exchangeId: string
  variant: string
  side: Side
  route: string
  reason: UnpairedReason
  method: string
  path: string
}

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

export type SettledBatch = {
  ledger: LedgerRow[]
  classes: CountClass[]
  comparisons: ComparisonRow[]
  unpaired: UnpairedRow[]
}

const WRITE = `
WITH given AS (
  SELECT timestamptz 'epoch' + g.ms * interval '1 millisecond' AS created_at, g.exchange_id, g.variant, g.class
  FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::int[]) AS g(ms, exchange_id, variant, class)
), fresh AS (
  INSERT INTO settled_pairs (created_at, exchange_id, variant)
  SELECT created_at, exchange_id, variant FROM given ON CONFLICT DO NOTHING
  RETURNING exchange_id, variant
), counted AS (
  SELECT given.class, count(*) AS pairs FROM given JOIN fresh USING (exchange_id, variant) GROUP BY given.class
), rolled AS (
  INSERT INTO rollups (minute, route, variant, endpoint, outcome, pairs)
  SELECT timestamptz 'epoch' + c.ms * interval '1 millisecond', c.route, c.variant, c.endpoint, c.outcome, counted.pairs
  FROM unnest($5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS c(ms, route, variant, endpoint, outcome, nr)
  JOIN counted ON counted.class = c.nr - 1
  ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (minute, route, variant, endpoint, outcome) DO UPDATE SET pairs = rollups.pairs + excluded.pairs
), kept AS (
  INSERT INTO comparisons (created_at, exchange_id, variant, route, method, path, endpoint, outcome, differences, differences_cut, notes,
    primary_status, shadow_status, primary_latency_ms, shadow_latency_ms, primary_headers, shadow_headers,
    primary_body, shadow_body, primary_body_bytes, shadow_body_bytes, request_headers, skipped)
  SELECT timestamptz 'epoch' + r.ms * interval '1 millisecond', r.exchange_id, r.variant, r.route, r.method, r.path, r.endpoint, r.outcome,
    r.differences, r.differences_cut, ARRAY(SELECT jsonb_array_elements_text(r.notes)),
    r.primary_status, r.shadow_status, r.primary_latency_ms, r.shadow_latency_ms, r.primary_headers, r.shadow_headers,
    r.primary_body, r.shadow_body, r.primary_body_bytes, r.shadow_body_bytes, r.request_headers, r.skipped
  FROM unnest($10::bigint[], $11::uuid[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::jsonb[],
    $19::boolean[], $20::jsonb[], $21::int[], $22::int[], $23::float8[], $24::float8[], $25::jsonb[], $26::jsonb[], $27::text[], $28::text[],
    $29::bigint[], $30::bigint[], $31::jsonb[], $32::text[])
    AS r(ms, exchange_id, variant, route, method, path, endpoint, outcome, differences, differences_cut, notes, primary_status, shadow_status,
      primary_latency_ms, shadow_latency_ms, primary_headers, shadow_headers, primary_body, shadow_body, primary_body_bytes, shadow_body_bytes,
      request_headers, skipped)
  JOIN fresh USING (exchange_id, variant)
  ON CONFLICT DO NOTHING
), lost AS (
  INSERT INTO unpaired (created_at, exchange_id, variant, side, route, reason, method, path)
  SELECT timestamptz 'epoch' + u.ms * interval '1 millisecond', u.exchange_id, u.variant, u.side, u.route, u.reason, u.method, u.path
  FROM unnest($33::bigint[], $34::uuid[], $35::text[], $36::text[], $37::text[], $38::text[], $39::text[], $40::text[])
    AS u(ms, exchange_id, variant, side, route, reason, method, path)
  JOIN fresh USING (exchange_id, variant)
  ON CONFLICT DO NOTHING
)
SELECT class, pairs::int AS pairs FROM counted`

/**
 * Writes the batch and returns, by class index, how many pairs were new. Keys must be unique within the batch.
 * Throws what PostgreSQL says; `isRetriable` of pool.ts tells whether trying again helps.
 */
export async function writeSettled(pool: Pick<Pool, 'query'>, batch: SettledBatch): Promise<Map<number, number>> {
  const { ledger, classes, comparisons, unpaired } = batch
  const plain = <T>(rows: T[], value: (row: T) => string | number | boolean | null) =>
    `{${rows.map((row) => value(row) ?? 'NULL').join(',')}}`
  const text = <T>(rows: T[], value: (row: T) => string | null) => textArray(rows.map(value))
  const values = [
    plain(ledger, (row) => row.createdAtMs),
    plain(ledger, (row) => row.exchangeId),
    text(ledger, (row) => row.variant),
    plain(ledger, (row) => row.class),
    plain(classes, (row) => row.minuteMs),
    text(classes, (row) => row.route),
    text(classes, (row) => row.variant),
    text(classes, (row) => row.endpoint),
    text(classes, (row) => row.outcome),
    plain(comparisons, (row) => row.createdAtMs),
    plain(comparisons, (row) => row.exchangeId),
    text(comparisons, (row) => row.variant),
    text(comparisons, (row) => row.route),
    text(comparisons, (row) => row.method),
    text(comparisons, (row) => row.path),
    text(comparisons, (row) => row.endpoint),
    text(comparisons, (row) => row.outcome),
    text(comparisons, (row) => row.differences),
    plain(comparisons, (row) => row.differencesCut),
    text(comparisons, (row) => JSON.stringify(row.notes)),
    plain(comparisons, (row) => row.primary.status),
    plain(comparisons, (row) => row.shadow.status),
    plain(comparisons, (row) => row.primary.latencyMs),
    plain(comparisons, (row) => row.shadow.latencyMs),
    text(comparisons, (row) => row.primaryHeaders),
    text(comparisons, (row) => row.shadowHeaders),
    text(comparisons, (row) => row.primary.body),
    text(comparisons, (row) => row.shadow.body),
    plain(comparisons, (row) => row.primary.bodyBytes),
    plain(comparisons, (row) => row.shadow.bodyBytes),
    text(comparisons, (row) => row.requestHeaders),
    text(comparisons, (row) => skippedOf(row)),
    plain(unpaired, (row) => row.createdAtMs),
    plain(unpaired, (row) => row.exchangeId),
    text(unpaired, (row) => row.variant),
    text(unpaired, (row) => row.side),
    text(unpaired, (row) => row.route),
    text(unpaired, (row) => row.reason),
    text(unpaired, (row) => row.method),
    text(unpaired, (row) => row.path),
  ]
  const { rows } = await pool.query<{ class: number; pairs: number }>({ name: 'write-settled', text: WRITE, values })
  return new Map(rows.map((row) => [row.class, row.pairs]))
}

function skippedOf(row: ComparisonRow): string | null {
  if (row.primary.skipped) return `primary: ${row.primary.skipped}`
  return row.shadow.skipped ? `shadow: ${row.shadow.skipped}` : null
}
