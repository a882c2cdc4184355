// The sides that never came, each with its reason.
import type { UnpairedReason } from '../../core/comparison.ts'
import type { Side } from '../../core/tap-record.ts'
import { plainColumn, type SettledPart, textColumn } from './settled-part.ts'

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

export const unpairedPart: SettledPart<{ unpaired: UnpairedRow[] }> = {
  name: 'unpaired',
  parameters: 8,
  sql: `
lost AS (
  INSERT INTO unpaired (created_at, exchange_id, variant, side, route, reason, method, path)
  SELECT timestamptz 'epoch' + u.ms * interval '1 millisecond', u.exchange_id, u.variant, u.side, u.route, u.reason, u.method, u.path
  FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS u(ms, exchange_id, variant, side, route, reason, method, path)
  JOIN fresh USING (exchange_id, variant)
  ON CONFLICT DO NOTHING
)`,
  values: ({ unpaired: rows }) => [
    plainColumn(rows, (row) => row.createdAtMs),
    plainColumn(rows, (row) => row.exchangeId),
    textColumn(rows, (row) => row.variant),
    textColumn(rows, (row) => row.side),
    textColumn(rows, (row) => row.route),
    textColumn(rows, (row) => row.reason),
    textColumn(rows, (row) => row.method),
    textColumn(rows, (row) => row.path),
  ],
}
