// One comparison as the topic `understudy.comparisons` has it: all but headers and bodies.
import type { TapRecord } from '../core/tap-record.ts'
import type { SettledPair } from './settled.ts'

export type PublishedComparison = ReturnType<typeof publishedComparison>

export function publishedComparison(pair: Extract<SettledPair, { end: 'compared' }>) {
  const { exchange, variant, primary, other, result } = pair
  return {
    id: `${exchange.id}:${variant}`,
    exchangeId: exchange.id,
    createdAt: new Date(pair.createdAtMs).toISOString(),
    route: pair.route,
    variant,
    method: primary.request.method,
    path: primary.request.uri,
    endpoint: pair.endpoint,
    outcome: result.outcome,
    differences: result.differences,
    differencesCut: result.differencesCut,
    notes: result.notes,
    primary: sideOf(primary),
    shadow: sideOf(other),
  }
}

/** Undefined for what is none: anybody who reaches Kafka may write into a topic. */
export function readPublished(value: Buffer): PublishedComparison | undefined {
  try {
    const read: PublishedComparison = JSON.parse(value.toString())
    const texts = [read.exchangeId, read.createdAt, read.route, read.variant, read.outcome]
    const objects = [read.differences, read.notes, read.primary, read.shadow]
    const isOne = texts.every((text) => typeof text === 'string') && objects.every((each) => each instanceof Object)
    return isOne && Array.isArray(read.differences) && Date.parse(read.createdAt) > 0 ? read : undefined
  } catch {
    return undefined
  }
}

function sideOf({ response, timing, skipped }: TapRecord) {
  return {
    status: response?.status ?? null,
    latencyMs: skipped ? null : timing.totalMicros / 1000,
    bodyBytes: response?.bodyBytes ?? 0,
    ...(skipped && { skipped }),
  }
}
