// Latency of one exchange on all three sides (statistics.md B.6). Until an endpoint is warm its exchanges are kept one by
// one; then the tail's threshold is taken from the first of them and frozen, and all later ones are counts. What was
// kept and came after the warm-up is counted by the same parameters when it is read, so the order of arrival is nothing.
import type { TapRecord } from '../tap-record.ts'
import type { FrozenLatency, LatencyCounts } from './evidence.ts'

/** Microseconds of each side of one exchange. */
export type ExchangeLatency = { id: string; primary: number; control: number; shadow: number }

/** Fewer than this tell no tail. */
export const LEAST_WARM_UP = 20

/** Undefined where a side was not captured or its time is no number. */
export function latencyOf(primary: TapRecord, shadow: TapRecord, control: TapRecord): ExchangeLatency | undefined {
  const records = [primary, control, shadow]
  if (records.some(({ skipped }) => skipped !== undefined)) return undefined
  const times = records.map(({ timing }) => timing.totalMicros)
  if (!times.every((micros) => Number.isFinite(micros) && micros >= 0)) return undefined
  const [p = 0, c = 0, x = 0] = times.map((micros) => Math.round(micros))
  return { id: primary.id, primary: p, control: c, shadow: x }
}

/** One exchange as the detail of a count; sorts by time. */
export function latencySample({ id, primary, control, shadow }: ExchangeLatency): string {
  return `${id} ${primary} ${control} ${shadow}`
}

export function readLatencySample(text: string): ExchangeLatency {
  const [id = '', ...micros] = text.split(' ')
  const [primary = 0, control = 0, shadow = 0] = micros.map(Number)
  return { id, primary, control, shadow }
}

export type LatencySettings = Pick<FrozenLatency, 'ratio' | 'peer' | 'tailQuantile' | 'warmUpRequests'>

/** The parameters of an endpoint from its kept exchanges, in any order; undefined while there are too few. */
export function freezeLatency(samples: readonly string[], settings: LatencySettings): FrozenLatency | undefined {
  const needed = Math.max(settings.warmUpRequests, LEAST_WARM_UP)
  if (samples.length < needed) return undefined
  const first = samples.toSorted().slice(0, needed).map(readLatencySample)
  const controls = first.map(({ control }) => control).sort((one, two) => one - two)
  const place = Math.min(needed - 1, Math.ceil(settings.tailQuantile * needed) - 1)
  return { ...settings, tailMicros: controls[Math.max(0, place)] ?? 0, after: first.at(-1)?.id ?? '' }
}

/** What an exchange counts for; nothing when it belongs to the warm-up. Ties are not slower. */
export function latencyMetrics(of: ExchangeLatency, frozen: FrozenLatency): (keyof LatencyCounts)[] {
  if (of.id <= frozen.after) return []
  const peer = frozen.peer === 'max' ? Math.max(of.primary, of.control) : of.control
  const metrics: (keyof LatencyCounts)[] = [of.shadow > frozen.ratio * peer ? 'slower' : 'notSlower']
  const [shadow, control] = [of.shadow > frozen.tailMicros, of.control > frozen.tailMicros]
  if (shadow && !control) metrics.push('tailShadow')
  if (control && !shadow) metrics.push('tailControl')
  return metrics
}
