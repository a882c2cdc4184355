// The answer of comparing many pairs again, as it grows.
import type { Recomparison } from '../api/history-schemas.ts'
import type { ComparisonResult, Outcome } from '../core/comparison.ts'

const MAX_CHANGED = 200

export function emptyRecomparison(route: string, source: Recomparison['source']): Recomparison {
  return {
    ...{ route, source, of: 0, leftOut: {}, isCut: false, changed: [] },
    before: { match: 0, noise: 0, different: 0, incomplete: 0 },
    after: { match: 0, noise: 0, different: 0, incomplete: 0 },
  }
}

export function addCompared(
  answer: Recomparison,
  { exchangeId, variant, endpoint }: { exchangeId: string; variant: string; endpoint: string },
  before: Outcome,
  { outcome, differences }: ComparisonResult,
): void {
  answer.before[before] += 1
  answer.after[outcome] += 1
  if (outcome === before || answer.changed.length >= MAX_CHANGED) return
  const id = `${exchangeId}:${variant}`
  answer.changed.push({ id, endpoint, before, after: outcome, differences: differences.length })
}
