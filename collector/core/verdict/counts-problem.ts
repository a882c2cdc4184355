// Counts that cannot be: a verdict from them would be a guess, so they make it `invalid`, by name.
import type { EndpointEvidence, SplitCounts } from './evidence.ts'

const COUNTS = [
  ...(['pairs', 'differing', 'incomplete', 'timeouts', 'controlPairs', 'controlDiffering', 'worse', 'better'] as const),
  ...(['overflow', 'onlyShadow', 'onlyControl', 'liveRequests', 'unpaired'] as const),
]
const LATENCY_COUNTS = ['slower', 'notSlower', 'tailShadow', 'tailControl'] as const

/** What contradicts itself in an endpoint's counts; undefined where nothing does. */
export function countsProblem(evidence: EndpointEvidence): string | undefined {
  const { pairs, differing, controlPairs, controlDiffering, timeouts } = evidence
  if (!areCounts(evidence)) return firstThatIsNone(evidence)
  if (differing > pairs) return `differing is ${differing} of ${pairs} pairs`
  if (controlDiffering > controlPairs) return `controlDiffering is ${controlDiffering} of ${controlPairs} control pairs`
  if (timeouts > evidence.worse) return `timeouts is ${timeouts}, of worse ${evidence.worse}`
  if (evidence.worse + evidence.better > pairs + timeouts + evidence.incomplete)
    return 'worse and better are more than the pairs'
  return setsProblem(evidence) ?? unitsProblem(evidence)
}

/** One by one, not in a loop over names: this is asked of every endpoint. */
function areCounts(of: EndpointEvidence): boolean {
  const { latency } = of
  const areSides =
    isCount(of.pairs) && isCount(of.differing) && isCount(of.controlPairs) && isCount(of.controlDiffering)
  const areEnds = isCount(of.incomplete) && isCount(of.timeouts) && isCount(of.worse) && isCount(of.better)
  const areOthers =
    isCount(of.overflow) &&
    isCount(of.onlyShadow) &&
    isCount(of.onlyControl) &&
    isCount(of.liveRequests) &&
    isCount(of.unpaired)
  const isTypical = isCount(latency.slower) && isCount(latency.notSlower)
  return areSides && areEnds && areOthers && isTypical && isCount(latency.tailShadow) && isCount(latency.tailControl)
}

function firstThatIsNone(evidence: EndpointEvidence): string | undefined {
  const { latency } = evidence
  for (const name of COUNTS) if (!isCount(evidence[name])) return notACount(name, evidence[name])
  for (const name of LATENCY_COUNTS) if (!isCount(latency[name])) return notACount(name, latency[name])
  return undefined
}

/** The same of a split; its share must be within 0 and 1. */
export function splitProblem({ what, chosen, total, share }: SplitCounts): string | undefined {
  if (!isCount(chosen)) return notACount(`${what}: chosen`, chosen)
  if (!isCount(total)) return notACount(`${what}: total`, total)
  if (!(share >= 0 && share <= 1)) return `${what}: the share is ${share}, expected 0 to 1`
  return chosen > total ? `${what}: ${chosen} chosen of ${total}` : undefined
}

function setsProblem({ sets, overflow, differing }: EndpointEvidence): string | undefined {
  let sum = overflow
  for (const { pairs } of sets) {
    if (!isCount(pairs)) return notACount('a set of units', pairs)
    sum += pairs
  }
  return sum > differing ? `sets of units count ${sum} of ${differing} differing pairs` : undefined
}

function unitsProblem({ units, differing, controlDiffering }: EndpointEvidence): string | undefined {
  for (const { path, shadow, control } of units) {
    if (!isCount(shadow)) return notACount(`unit ${path}`, shadow)
    if (!isCount(control)) return notACount(`unit ${path}`, control)
    if (shadow > differing) return `unit ${path} is in ${shadow} of ${differing} differing pairs`
    if (control > controlDiffering)
      return `unit ${path} is in ${control} of ${controlDiffering} differing control pairs`
  }
  return undefined
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function notACount(name: string, value: number): string {
  return `${name} is ${value}, expected a whole number from 0 on`
}
