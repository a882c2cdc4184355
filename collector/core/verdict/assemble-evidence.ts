// From stored counts to the evidence that is judged. A sum of whole numbers: the order of the rows is nothing.
import { unitId, unitOfKey, unitsOfSetKey } from './difference-set.ts'
import { type EndpointEvidence, emptyEvidence, type FrozenParameters, type UnitCounts } from './evidence.ts'
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

type Draft = {
  sums: Map<string, number>
  firstSeen: string
  units: Map<string, { firstSeen: string; shadow: number; control: number }>
  sets: Map<string, number>
  samples: string[]
}

export function assembleEvidence(
  rows: Iterable<EvidenceRow>,
  frozen: FrozenParameters,
  paceOf: (endpoint: string) => Pace,
): EndpointEvidence[] {
  const drafts = new Map<string, Draft>()
  for (const row of rows) {
    let draft = drafts.get(row.endpoint)
    if (draft === undefined) {
      draft = { sums: new Map(), firstSeen: '', units: new Map(), sets: new Map(), samples: [] }
      drafts.set(row.endpoint, draft)
    }
    take(draft, row)
  }
  return [...drafts].map(([endpoint, draft]) => evidenceOf(endpoint, draft, frozen, paceOf(endpoint)))
}

function take(draft: Draft, { isControl, metric, detail, count, firstSeen }: EvidenceRow): void {
  if (draft.firstSeen === '' || firstSeen < draft.firstSeen) draft.firstSeen = firstSeen
  if (metric === 'unit') {
    const unit = draft.units.get(detail) ?? { firstSeen, shadow: 0, control: 0 }
    unit[isControl ? 'control' : 'shadow'] += count
    if (firstSeen < unit.firstSeen) unit.firstSeen = firstSeen
    draft.units.set(detail, unit)
  } else if (metric === 'set') draft.sets.set(detail, (draft.sets.get(detail) ?? 0) + count)
  else if (metric === 'latency') draft.samples.push(detail)
  else {
    const name = isControl ? `control ${metric}` : metric
    draft.sums.set(name, (draft.sums.get(name) ?? 0) + count)
  }
}

function evidenceOf(endpoint: string, draft: Draft, frozen: FrozenParameters, pace: Pace): EndpointEvidence {
  const sum = (name: MetricName | `control ${MetricName}`) => draft.sums.get(name) ?? 0
  const latency = { slower: 0, notSlower: 0, tailShadow: 0, tailControl: 0 }
  for (const name of ['slower', 'notSlower', 'tailShadow', 'tailControl'] as const) latency[name] = sum(name)
  const parameters = frozen.get(endpoint)?.latency
  if (parameters !== undefined) {
    for (const sample of draft.samples) {
      for (const name of latencyMetrics(readLatencySample(sample), parameters)) latency[name] += 1
    }
  }
  const unitsById = new Map([...draft.units.keys()].map((key) => [unitId(key), key]))
  const [pairs, incomplete, timeouts] = [sum('pairs'), sum('incomplete'), sum('timeouts')]
  const unpaired = sum('unpaired')
  return {
    ...emptyEvidence(endpoint),
    firstSeen: draft.firstSeen,
    liveRequests: pairs + incomplete + timeouts + sum('shed') + unpaired,
    pairsPerSecond: pace.shadow,
    controlPairsPerSecond: pace.control,
    pairs,
    differing: sum('differing'),
    incomplete,
    unpaired,
    timeouts,
    controlPairs: sum('control pairs'),
    controlDiffering: sum('control differing'),
    worse: sum('worse'),
    better: sum('better'),
    units: [...draft.units].map(([key, counts]): UnitCounts => ({ ...unitOfKey(key), ...counts })),
    sets: [...draft.sets].map(([key, count]) => ({ units: unitsOfSetKey(key, unitsById), pairs: count })),
    overflow: sum('overflow'),
    onlyShadow: sum('onlyShadow'),
    onlyControl: sum('onlyControl'),
    latency,
  }
}
