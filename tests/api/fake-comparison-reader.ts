// A reader over an array, that keeps the real read model's promises (comparison-reader-contract.ts holds both to them).
import type { ComparisonReadModel, StoredUnpaired } from '../../collector/store/comparison-read-model.ts'
import type { StoredComparison } from '../../collector/store/stored-comparison.ts'

export type FakeStore = {
  comparisons: StoredComparison[]
  unpaired: StoredUnpaired[]
  settled: { exchangeId: string; variant: string }[]
}

export function createFakeReader(store: FakeStore): ComparisonReadModel {
  const pairsOf = async (exchangeId: string, variant?: string) =>
    store.comparisons
      .filter((row) => row.exchangeId === exchangeId && (variant === undefined || row.variant === variant))
      .sort(
        (a, b) => Number(a.variant === 'control') - Number(b.variant === 'control') || (a.variant < b.variant ? -1 : 1),
      )

  const listInFull: ComparisonReadModel['listInFull'] = async (filters, { limit, after }) => {
    const key = (row: { exchangeId: string; variant: string }) => `${row.exchangeId} ${row.variant}`
    const rows = store.comparisons
      .filter(
        (row) =>
          (filters.variant === undefined ? row.variant !== 'control' : row.variant === filters.variant) &&
          (filters.route === undefined || row.route === filters.route) &&
          (filters.outcome === undefined || row.outcome === filters.outcome) &&
          (filters.endpoint === undefined || row.endpoint === filters.endpoint) &&
          (filters.fromMs === undefined || row.createdAtMs >= filters.fromMs) &&
          (filters.toMs === undefined || row.createdAtMs < filters.toMs) &&
          (after === undefined || key(row) < key(after)),
      )
      .sort((a, b) => (key(a) < key(b) ? 1 : -1))
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    return {
      items,
      next: last && rows.length > limit ? { exchangeId: last.exchangeId, variant: last.variant } : null,
    }
  }

  return {
    async list(filters, page) {
      const { items, next } = await listInFull(filters, page)
      const summaries = items.map(({ requestHeaders: _, primary, shadow, ...rest }) => ({
        ...rest,
        differences: rest.differences.slice(0, 50),
        differencesCut: rest.differencesCut || rest.differences.length > 50,
        primary: { status: primary.status, latencyMs: primary.latencyMs, bodyBytes: primary.bodyBytes },
        shadow: { status: shadow.status, latencyMs: shadow.latencyMs, bodyBytes: shadow.bodyBytes },
      }))
      return { items: summaries, next }
    },
    listInFull,
    pairsOf,
    async exchange(exchangeId) {
      return {
        pairs: await pairsOf(exchangeId),
        unpaired: store.unpaired.filter((row) => row.exchangeId === exchangeId),
        settled: store.settled.filter((row) => row.exchangeId === exchangeId).map((row) => row.variant),
      }
    },
  }
}
