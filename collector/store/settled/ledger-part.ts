// The ledger: its row decides whether a pair is new, whatever the storage policy. So a replay changes nothing.
import { plainColumn, type SettledPart, textColumn } from './settled-part.ts'

/** What every settled pair brings: its key and the class under which it is counted; −1 for what is in no roll-up. */
export type LedgerRow = { createdAtMs: number; exchangeId: string; variant: string; class: number }

export const ledgerPart: SettledPart<{ ledger: LedgerRow[] }> = {
  name: 'ledger',
  parameters: 4,
  sql: `
given AS (
  SELECT g.nr, timestamptz 'epoch' + g.ms * interval '1 millisecond' AS created_at, g.exchange_id, g.variant, g.class
  FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::int[]) WITH ORDINALITY AS g(ms, exchange_id, variant, class, nr)
), entered AS (
  INSERT INTO settled_pairs (created_at, exchange_id, variant)
  SELECT created_at, exchange_id, variant FROM given ON CONFLICT DO NOTHING
  RETURNING exchange_id, variant
), fresh AS MATERIALIZED (
  SELECT given.* FROM given JOIN entered USING (exchange_id, variant)
)`,
  values: ({ ledger }) => [
    plainColumn(ledger, (row) => row.createdAtMs),
    plainColumn(ledger, (row) => row.exchangeId),
    textColumn(ledger, (row) => row.variant),
    plainColumn(ledger, (row) => row.class),
  ],
}
