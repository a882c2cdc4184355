// From compared sides to the counts of evidence: which metrics one pair, or one exchange with shadow and control, adds
// one to. Nothing here depends on what was counted before, but for the bounds and for what is known as noisy.
import type { ComparisonResult } from '../comparison.ts'
import type { TapRecord } from '../tap-record.ts'
import { MAX_SETS_PER_ENDPOINT, MAX_UNITS_PER_ENDPOINT, MORE, reducedSet, setKey, unitsOf } from './difference-set.ts'
import type { FrozenLatency } from './evidence.ts'
import { latencyMetrics, latencyOf, latencySample } from './latency.ts'

/** What evidence is counted under; `unit`, `set` and `latency` have a detail. */
const metricNames = [
  ...(['pairs', 'differing', 'incomplete', 'timeouts', 'worse', 'better', 'unit', 'set', 'overflow'] as const),
  ...(['shed', 'unpaired', 'onlyShadow', 'onlyControl', 'latency', 'latencyLeftOut'] as const),
  ...(['slower', 'notSlower', 'tailShadow', 'tailControl'] as const),
]
export type MetricName = (typeof metricNames)[number]
export type Metric = { readonly metric: MetricName; readonly detail: string }

export type ComparedPair = { primary: TapRecord; other: TapRecord; result: ComparisonResult }

/** What is known of an endpoint while its pairs are counted; mutable, and bounded. */
export type EndpointMemory = {
  /** Units that the control has shown. */
  readonly noisy: Set<string>
  readonly units: Set<string>
  readonly sets: Set<string>
  latencySamples: number
  latency: FrozenLatency | undefined
}

/** `noisy`: of the control's memory, where there is one. */
export function emptyMemory(noisy: Set<string> = new Set()): EndpointMemory {
  return { noisy, units: new Set(), sets: new Set(), latencySamples: 0, latency: undefined }
}

/** The comparer gave up: that bytes differ does not say that answers do. As `compare-lane.ts` notes it. */
const GAVE_UP = /^diff (took longer|failed)/

const isInFull = ({ outcome, notes }: ComparisonResult) =>
  outcome !== 'incomplete' && (notes.length === 0 || !notes.some((note) => GAVE_UP.test(note)))

const one = (metric: MetricName): Metric => ({ metric, detail: '' })
const [PAIRS, DIFFERING, INCOMPLETE, TIMEOUTS] = [one('pairs'), one('differing'), one('incomplete'), one('timeouts')]
const [WORSE, BETTER, OVERFLOW] = [one('worse'), one('better'), one('overflow')]
const EQUAL: readonly Metric[] = [PAIRS]
const UNFINISHED: readonly Metric[] = [INCOMPLETE]
const SHED: readonly Metric[] = [one('shed')]
const UNPAIRED: readonly Metric[] = [one('unpaired')]

/** A side that never came, or that was given up. */
export function metricsOfUnpaired(): readonly Metric[] {
  return UNPAIRED
}

/** The counts of a shadow's pair. */
export function metricsOfShadow(pair: ComparedPair, memory: EndpointMemory): readonly Metric[] {
  const { primary, other, result } = pair
  if (!isInFull(result)) return metricsOfIncomplete(primary, other)
  const failure = failureOf(primary, other)
  if (result.differences.length === 0 && failure === undefined) return EQUAL
  const units = boundedUnits(pair, memory)
  const metrics: Metric[] = failure === undefined ? [PAIRS] : [PAIRS, failure]
  if (units.length === 0) return metrics
  metrics.push(DIFFERING)
  for (const detail of units) metrics.push({ metric: 'unit', detail })
  const quiet = reducedSet(units, (key) => memory.noisy.has(key))
  if (quiet.length === 0) return metrics
  const detail = setKey(quiet)
  const hasRoom = memory.sets.has(detail) || memory.sets.size < MAX_SETS_PER_ENDPOINT
  if (hasRoom) memory.sets.add(detail)
  metrics.push(hasRoom ? { metric: 'set', detail } : OVERFLOW)
  return metrics
}

/** The counts of a control's pair: the noise. */
export function metricsOfControl(pair: ComparedPair, memory: EndpointMemory): readonly Metric[] {
  if (!isInFull(pair.result)) return UNFINISHED
  if (pair.result.differences.length === 0) return EQUAL
  const units = boundedUnits(pair, memory)
  if (units.length === 0) return EQUAL
  for (const key of units) memory.noisy.add(key)
  return [PAIRS, DIFFERING, ...units.map((detail): Metric => ({ metric: 'unit', detail }))]
}

/** What one exchange tells whose shadow and control both came; counted once, beside the two pairs. */
export function metricsOfJoint(
  shadow: ComparedPair,
  control: ComparedPair,
  memory: EndpointMemory,
  { judgesLatency, warmUpRequests }: { judgesLatency: boolean; warmUpRequests: number },
): readonly Metric[] {
  const metrics: Metric[] = []
  if (isInFull(shadow.result) && isInFull(control.result)) {
    const [differs, noise] = [isDifferent(shadow.result), isDifferent(control.result)]
    if (differs && !noise) metrics.push(one('onlyShadow'))
    if (noise && !differs) metrics.push(one('onlyControl'))
  }
  const latency = judgesLatency ? latencyOf(shadow.primary, shadow.other, control.other) : undefined
  if (latency === undefined) return metrics
  const { latency: frozen } = memory
  if (frozen !== undefined) metrics.push(...latencyMetrics(latency, frozen).map(one))
  else if (memory.latencySamples >= maxLatencySamples(warmUpRequests)) metrics.push(one('latencyLeftOut'))
  else {
    memory.latencySamples += 1
    metrics.push({ metric: 'latency', detail: latencySample(latency) })
  }
  return metrics
}

/** Exchanges of an endpoint kept one by one until its parameters are frozen. */
function maxLatencySamples(warmUpRequests: number): number {
  return 2 * warmUpRequests + 500
}

function isDifferent({ differences, differencesCut }: ComparisonResult): boolean {
  return unitsOf(differences, differencesCut).length > 0
}

function boundedUnits({ result }: ComparedPair, { units }: EndpointMemory): string[] {
  const found = unitsOf(result.differences, result.differencesCut)
  let isBeyond = false
  const kept = found.filter((key) => {
    if (units.has(key)) return true
    if (units.size >= MAX_UNITS_PER_ENDPOINT && key !== MORE) {
      isBeyond = true
      return false
    }
    units.add(key)
    return true
  })
  return isBeyond && !kept.includes(MORE) ? [...kept, MORE].sort() : kept
}

/** Not comparable in full; statuses are known all the same, unless a side was not captured. */
function metricsOfIncomplete(primary: TapRecord, other: TapRecord): readonly Metric[] {
  if (other.skipped?.startsWith('shed-')) return SHED
  const isSilent = other.skipped === 'timeout' || other.skipped === 'aborted'
  if (isSilent && primary.response !== undefined && primary.response.status < 500) return [TIMEOUTS, WORSE]
  const failure = failureOf(primary, other)
  return failure === undefined ? UNFINISHED : [INCOMPLETE, failure]
}

function failureOf(primary: TapRecord, other: TapRecord): Metric | undefined {
  if (primary.response === undefined || other.response === undefined) return undefined
  const [before, after] = [primary.response.status >= 500, other.response.status >= 500]
  if (before === after) return undefined
  return after ? WORSE : BETTER
}
