// What the evidence of verdicts adds to the writing of settled pairs: the same batches with and without it, in turns.
import { createEvidenceBook } from '../../collector/pipeline/evidence-book.ts'
import type { SettledPair } from '../../collector/pipeline/settled.ts'
import { buildBatch } from '../../collector/pipeline/settled-batch.ts'
import { createEvidenceStore } from '../../collector/store/evidence-store.ts'
import { migrate } from '../../collector/store/migrate.ts'
import { createPool } from '../../collector/store/pool.ts'
import { writeSettled } from '../../collector/store/settled-store.ts'
import { freshDatabase } from '../helpers/real-parts.ts'
import { exchangeId, tapRecord } from '../helpers/tap-batches.ts'

const PAIRS = 1_000
const BATCHES = 150
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const ports = {
  policyOf: () => 'differing' as const,
  admitCause: () => true,
  primaryVersionOf: () => '1',
  admitUnit: () => true,
}

/** Microseconds of this process's CPU a pair: deciding, building the rows, sending them. */
export async function evidenceCost(differingPercent: number): Promise<{ without: number; evidence: number }> {
  const database = await freshDatabase()
  const pool = createPool({
    ...{ databaseUrl: database.url, name: 'bench', max: 1, statementTimeoutMs: 30_000, log: quiet as never },
  })
  try {
    await migrate(pool)
    const book = createEvidenceBook({
      store: createEvidenceStore(pool),
      latencyOf: () => ({ ratio: 1.1, peer: 'max', tailQuantile: 0.95, warmUpRequests: 20 }),
      now: () => Date.now(),
      leftOut: () => undefined,
    })
    const spent = { without: 0, evidence: 0 }
    for (let turn = 0; turn < 2 * BATCHES + 20; turn += 1) {
      const pairs = settledPairs(differingPercent)
      const hasEvidence = turn % 2 === 1
      const before = process.cpuUsage()
      if (hasEvidence) await book.prepare(pairs)
      await writeSettled(pool, buildBatch(pairs, ports, hasEvidence ? book.rowsOf : undefined))
      const { user, system } = process.cpuUsage(before)
      // The first ones compile code and plans.
      if (turn >= 20) spent[hasEvidence ? 'evidence' : 'without'] += user + system
    }
    const pairs = BATCHES * PAIRS
    return { without: spent.without / pairs, evidence: (spent.evidence - spent.without) / pairs }
  } finally {
    await pool.end()
    await database.drop()
  }
}

function settledPairs(differingPercent: number): SettledPair[] {
  const now = Date.now()
  return Array.from({ length: PAIRS }, (_, n): SettledPair => {
    const id = exchangeId(now)
    const primary = { ...tapRecord(), id }
    const exchange = {
      ...{ id, firstSeenMs: 0, primary: undefined, others: [], awaited: [], places: [], bytes: 0 },
      ...{ unsettled: 1, ended: true },
    }
    const differs = n % 100 < differingPercent
    const differences = differs
      ? [{ path: `/items/${n % 7}/price`, kind: 'changed' as const, primary: 1, shadow: 2 }]
      : []
    return {
      ...{ exchange, createdAtMs: now, route: 'bench', variant: 'shadow', endpoint: n % 3 ? 'GET /a' : 'GET /b' },
      ...{ end: 'compared', primary, other: { ...primary, side: 'shadow', variant: 'shadow' } },
      result: { outcome: differs ? 'different' : 'match', differences, differencesCut: false, notes: [] },
    }
  })
}
