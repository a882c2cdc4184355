// What the evidence of verdicts adds to a settled pair on the collector's main thread: what it is counted as, the rows of
// the batch and their parameters.
import { createEvidenceBook } from '../../collector/pipeline/evidence-book.ts'
import type { SettledPair } from '../../collector/pipeline/settled.ts'
import type { EvidenceStore, Generation } from '../../collector/store/evidence-store.ts'
import { evidencePart } from '../../collector/store/settled/evidence-part.ts'
import { exchangeId, tapRecord } from '../helpers/tap-batches.ts'

const PAIRS = 1_000
const BATCHES = 1_000

/** Microseconds of CPU a pair. */
export async function evidenceCost(differingPercent: number): Promise<number> {
  const pairs = settledPairs(differingPercent)
  const book = createEvidenceBook({
    store: storeOfOne(),
    latencyOf: () => ({ ratio: 1.1, peer: 'max', tailQuantile: 0.95, warmUpRequests: 20 }),
    now: () => Date.now(),
    leftOut: () => undefined,
    counted: () => undefined,
  })
  await book.prepare(pairs)
  const run = (batches: number) => {
    for (let n = 0; n < batches; n += 1) evidencePart.values({ evidence: book.rowsOf(pairs) })
  }
  run(100)
  const before = process.threadCpuUsage()
  run(BATCHES)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / BATCHES / PAIRS
}

function storeOfOne(): EvidenceStore {
  const generations: Generation[] = []
  return {
    generations: async () => generations,
    async open(route, variant, beganAtMs) {
      generations.push({ route, variant, generation: 1, beganAtMs, reason: '', actor: '', versions: {} })
    },
    begin: async () => [],
    adopt: async () => undefined,
    latencySamples: async () => new Map(),
    freeze: async () => ({}),
    frozen: async () => ({}),
    memory: async () => [],
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
      isKept: differs,
    }
  })
}
