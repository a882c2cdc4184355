// From settled pairs to the rows of counts: pairs that add to the same counts are one class, whose keys are sent once.
import { storableText } from '../core/storable.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import {
  type EndpointMemory,
  type Metric,
  metricsOfControl,
  metricsOfJoint,
  metricsOfShadow,
  metricsOfUnpaired,
} from '../core/verdict/pair-metrics.ts'
import type { EvidenceKey, EvidenceRows } from '../store/settled/evidence-part.ts'
import type { SettledPair } from './settled.ts'

/** Where a pair is counted; undefined where there is no room. */
export type CountedIn = (
  pair: SettledPair,
  variant: string,
) => { generation: number; memory: EndpointMemory; warmUpRequests: number; judgesLatency: boolean } | undefined

const NOTHING = -1
const signatures = new WeakMap<readonly Metric[], string>()

export function evidenceRows(
  pairs: readonly SettledPair[],
  countedIn: CountedIn,
): { rows: EvidenceRows; leftOut: number } {
  const keys: EvidenceKey[] = []
  const known = new Map<EndpointMemory, Map<string, number>>()
  let count = 0
  let leftOut = 0
  const classes = pairs.map((pair) => {
    const variant = pair.end === 'joint' ? pair.of : pair.variant
    const place = countedIn(pair, variant)
    if (place === undefined) {
      leftOut += 1
      return NOTHING
    }
    const metrics = metricsOf(pair, place)
    if (metrics.length === 0) return NOTHING
    // An endpoint's memory is the same object for all pairs of it, in a generation: no key has to be put together.
    let classes = known.get(place.memory)
    if (classes === undefined) {
      classes = new Map()
      known.set(place.memory, classes)
    }
    const signature = signatureOf(metrics)
    const found = classes.get(signature)
    if (found !== undefined) return found
    const number = count
    count += 1
    classes.set(signature, number)
    const [route, endpoint] = [storableText(pair.route), storableText(pair.endpoint)]
    for (const { metric, detail } of metrics) {
      const of = { route, variant: storableText(variant), generation: place.generation, endpoint }
      keys.push({ class: number, ...of, metric, detail })
    }
    return number
  })
  return { rows: { classes, keys }, leftOut }
}

function metricsOf(pair: SettledPair, place: NonNullable<ReturnType<CountedIn>>): readonly Metric[] {
  switch (pair.end) {
    case 'compared':
      return pair.variant === CONTROL_VARIANT
        ? metricsOfControl(pair, place.memory)
        : metricsOfShadow(pair, place.memory)
    case 'joint':
      return metricsOfJoint(pair.shadow, pair.control, place.memory, place)
    default:
      return metricsOfUnpaired()
  }
}

/** The few constant lists are most of them. */
function signatureOf(metrics: readonly Metric[]): string {
  const known = signatures.get(metrics)
  if (known !== undefined) return known
  const signature = metrics.map(({ metric, detail }) => `${metric} ${detail}`).join('\n')
  signatures.set(metrics, signature)
  return signature
}
