// Counts a written batch. Only pairs that were new count, so a replay moves no counter.
import type { Metrics } from '../metrics/metrics.ts'
import type { BuiltBatch } from './settled-batch.ts'

export function countSettled(metrics: Metrics, batch: BuiltBatch, fresh: Map<number, number>, seconds: number): void {
  metrics.storeSeconds.observe(seconds)
  for (const [index, pairs] of fresh) {
    const counted = batch.classes[index]
    if (!counted) continue
    const { route, variant } = metrics.boundVariant(counted.route, counted.variant)
    const [end, reason] = counted.outcome.split(':')
    if (end === 'unpaired') metrics.unpaired.inc({ route, reason: reason ?? '' }, pairs)
    else if (end === 'dropped') metrics.dropped.inc({ stage: 'pairing', reason: reason ?? '' }, pairs)
    else metrics.comparisons.inc({ route, variant, outcome: counted.outcome }, pairs)
  }
  // A batch that was written before tells nothing new about times and kinds either; a mixed one is rare and counts whole.
  if (fresh.size > 0) observe(metrics, batch)
}

function observe(metrics: Metrics, batch: BuiltBatch): void {
  for (const pair of batch.pairs) {
    if (pair.end !== 'compared') continue
    const { route, variant } = metrics.boundVariant(pair.route, pair.variant)
    if (!pair.primary.skipped)
      metrics.responseSeconds.observe({ route, side: 'primary' }, pair.primary.timing.totalMicros / 1e6)
    if (!pair.other.skipped)
      metrics.responseSeconds.observe({ route, side: pair.other.side }, pair.other.timing.totalMicros / 1e6)
    for (const difference of pair.result.differences) {
      if (!difference.noise) metrics.differences.inc({ route, variant, kind: difference.kind })
    }
  }
}
