// Writes a batch of settled pairs in one statement, which is one transaction, put together from parts (settled/): the
// ledger says which pairs are new, and only these become rows and counts in the others. So a replay changes nothing.
import type { Pool } from './pool.ts'
import { type CauseRow, causesPart, type SightingRow } from './settled/causes-part.ts'
import { type ComparisonRow, comparisonsPart } from './settled/comparisons-part.ts'
import { type EvidenceRows, evidencePart } from './settled/evidence-part.ts'
import { type LatencyRow, latencyPart } from './settled/latency-part.ts'
import { type LedgerRow, ledgerPart } from './settled/ledger-part.ts'
import { type ControlRow, type NoiseRow, noisePart } from './settled/noise-part.ts'
import { type CountClass, rollupsPart } from './settled/rollups-part.ts'
import { composeParts } from './settled/settled-part.ts'
import { type UnpairedRow, unpairedPart } from './settled/unpaired-part.ts'

export type SettledBatch = {
  ledger: LedgerRow[]
  classes: CountClass[]
  comparisons: ComparisonRow[]
  unpaired: UnpairedRow[]
  /** One for each ledger row. */
  latencies: LatencyRow[]
  control: ControlRow[]
  noise: NoiseRow[]
  causes: CauseRow[]
  sightings: SightingRow[]
  evidence?: EvidenceRows
}

/** The ledger first: the others join its `fresh` rows. */
const statement = composeParts<SettledBatch>(
  [ledgerPart, rollupsPart, comparisonsPart, unpairedPart, latencyPart, noisePart, causesPart, evidencePart],
  'SELECT class, pairs::int AS pairs FROM counted',
)

/**
 * Writes the batch and returns, by class index, how many pairs were new. Keys must be unique within the batch.
 * Throws what PostgreSQL says; `isRetriable` of pool.ts tells whether trying again helps.
 */
export async function writeSettled(pool: Pick<Pool, 'query'>, batch: SettledBatch): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ class: number; pairs: number }>({
    name: 'write-settled',
    text: statement.text,
    values: statement.values(batch),
  })
  return new Map(rows.map((row) => [row.class, row.pairs]))
}
