// From stored counts to the evidence that is judged. A sum of whole numbers: the order of the rows is nothing.
import { unitId, unitOfKey, unitsOfSetKey } from './difference-set.ts'
import type {
  EndpointEvidence,
  FrozenLatency,
  FrozenParameters,
  LatencyCounts,
  SetCounts,
  UnitCounts,
} from './evidence.ts'
import { latencyMetrics, readLatencySample } from './latency.ts'
import type { MetricName } from './pair-metrics.ts'

/** One stored count. `isControl`: of the control's pairs, which all shadows of a route share. */
export type EvidenceRow = {
  isControl: boolean
  endpoint: string
  metric: MetricName
  detail: string
  count: number
  /** Smallest exchange id that was counted. */
  firstSeen: string
}

/** Pairs a second of an endpoint at today's traffic. */
export type Pace = { shadow: number; control: number }

/** A unit by its key, with what either side counted of it. */
type UnitDraft = { firstSeen: string; shadow: number; control: number }

/** What an endpoint has few of, or none, is made when it comes: there may be thousands of endpoints. */
type Draft = {
  firstSeen: string
  sums: Partial<Record<MetricName, number>>
  controlPairs: number
  controlDiffering: number
  units: Map<string, UnitDraft> | undefined
  sets: Map<string, number> | undefined
  samples: string[] | undefined
}

const NO_UNITS: readonly UnitCounts[] = []
const NO_SETS: readonly SetCounts[] = []

export function assembleEvidence(
  rows: Iterable<EvidenceRow>,
  frozen: FrozenParameters,
  paceOf: (endpoint: string) => Pace,
): EndpointEvidence[] {
  const drafts = new Map<string, Draft>()
  for (const row of rows) {
    let draft = drafts.get(row.endpoint)
    if (draft === undefined) {
      const none = { units: undefined, sets: undefined, samples: undefined }
      draft = { firstSeen: row.firstSeen, sums: {}, controlPairs: 0, controlDiffering: 0, ...none }
      drafts.set(row.endpoint, draft)
    }
    take(draft, row)
  }
  return [...drafts].map(([endpoint, draft]) => evidenceOf(endpoint, draft, frozen, paceOf(endpoint)))
}

function take(draft: Draft, row: EvidenceRow): void {
  const { isControl, metric, detail, count, firstSeen } = row
  if (firstSeen < draft.firstSeen) draft.firstSeen = firstSeen
  if (metric === 'unit') takeUnit(draft, row)
  else if (isControl) {
    if (metric === 'pairs') draft.controlPairs += count
    else if (metric === 'differing') draft.controlDiffering += count
  } else if (metric === 'set') {
    draft.sets ??= new Map()
    draft.sets.set(detail, (draft.sets.get(detail) ?? 0) + count)
  } else if (metric === 'latency') {
    draft.samples ??= []
    draft.samples.push(detail)
  } else draft.sums[metric] = (draft.sums[metric] ?? 0) + count
}

function takeUnit(draft: Draft, { isControl, detail, count, firstSeen }: EvidenceRow): void {
  draft.units ??= new Map()
  let unit = draft.units.get(detail)
  if (unit === undefined) {
    unit = { firstSeen, shadow: 0, control: 0 }
    draft.units.set(detail, unit)
  }
  unit[isControl ? 'control' : 'shadow'] += count
  if (firstSeen < unit.firstSeen) unit.firstSeen = firstSeen
}

function evidenceOf(endpoint: string, draft: Draft, frozen: FrozenParameters, pace: Pace): EndpointEvidence {
  const { pairs = 0, incomplete = 0, timeouts = 0, unpaired = 0, shed = 0, differing = 0 } = draft.sums
  const { worse = 0, better = 0, overflow = 0, onlyShadow = 0, onlyControl = 0 } = draft.sums
  return {
    endpoint,
    firstSeen: draft.firstSeen,
    liveRequests: pairs + incomplete + timeouts + shed + unpaired,
    pairsPerSecond: pace.shadow,
    controlPairsPerSecond: pace.control,
    pairs,
    differing,
    incomplete,
    unpaired,
    timeouts,
    worse,
    better,
    overflow,
    onlyShadow,
    onlyControl,
    controlPairs: draft.controlPairs,
    controlDiffering: draft.controlDiffering,
    units: unitsOf(draft),
    sets: setsOf(draft),
    latency: latencyOf(draft, frozen.get(endpoint)?.latency),
  }
}

function unitsOf({ units }: Draft): readonly UnitCounts[] {
  if (units === undefined) return NO_UNITS
  return Array.from(units, ([key, counts]): UnitCounts => ({ ...unitOfKey(key), ...counts }))
}

function setsOf({ sets, units }: Draft): readonly SetCounts[] {
  if (sets === undefined) return NO_SETS
  const unitsById = new Map([...(units?.keys() ?? [])].map((key) => [unitId(key), key]))
  return Array.from(sets, ([key, pairs]) => ({ units: unitsOfSetKey(key, unitsById), pairs }))
}

/** What was kept one by one before the parameters were frozen is counted by them now. */
function latencyOf({ sums, samples }: Draft, frozen: FrozenLatency | undefined): LatencyCounts {
  const { slower = 0, notSlower = 0, tailShadow = 0, tailControl = 0 } = sums
  const latency = { slower, notSlower, tailShadow, tailControl }
  if (frozen === undefined || samples === undefined) return latency
  for (const sample of samples) {
    for (const name of latencyMetrics(readLatencySample(sample), frozen)) latency[name] += 1
  }
  return latency
}
