// Counts that cannot be: a verdict from them would be a guess, so they make it `invalid`, by name.
import type { EndpointEvidence, SplitCounts } from './evidence.ts'

/** What contradicts itself in an endpoint's counts; undefined where nothing does. */
export function countsProblem(evidence: EndpointEvidence): string | undefined {
  const { pairs, differing, controlPairs, controlDiffering, timeouts, latency } = evidence
  const whole: Record<string, number> = {
    ...{ pairs, differing, controlPairs, controlDiffering, timeouts, incomplete: evidence.incomplete },
    ...{ worse: evidence.worse, better: evidence.better, overflow: evidence.overflow },
    ...{ onlyShadow: evidence.onlyShadow, onlyControl: evidence.onlyControl, liveRequests: evidence.liveRequests },
    ...latency,
  }
  for (const name in whole) {
    const problem = countProblem(name, whole[name] as number)
    if (problem !== undefined) return problem
  }
  if (differing > pairs) return `differing is ${differing} of ${pairs} pairs`
  if (controlDiffering > controlPairs) return `controlDiffering is ${controlDiffering} of ${controlPairs} control pairs`
  if (timeouts > evidence.worse) return `timeouts is ${timeouts}, of worse ${evidence.worse}`
  if (evidence.worse + evidence.better > pairs + timeouts) return 'worse and better are more than the pairs'
  return setsProblem(evidence) ?? unitsProblem(evidence)
}

/** The same of a split; its share must be within 0 and 1. */
export function splitProblem({ what, chosen, total, share }: SplitCounts): string | undefined {
  const problem = countProblem(`${what}: chosen`, chosen) ?? countProblem(`${what}: total`, total)
  if (problem !== undefined) return problem
  if (!(share >= 0 && share <= 1)) return `${what}: the share is ${share}, expected 0 to 1`
  return chosen > total ? `${what}: ${chosen} chosen of ${total}` : undefined
}

function setsProblem({ sets, overflow, differing }: EndpointEvidence): string | undefined {
  let sum = overflow
  for (const { pairs } of sets) {
    const problem = countProblem('a set of units', pairs)
    if (problem !== undefined) return problem
    sum += pairs
  }
  return sum > differing ? `sets of units count ${sum} of ${differing} differing pairs` : undefined
}

function unitsProblem({ units, differing, controlDiffering }: EndpointEvidence): string | undefined {
  for (const { path, shadow, control } of units) {
    const problem = countProblem(`unit ${path}`, shadow) ?? countProblem(`unit ${path}`, control)
    if (problem !== undefined) return problem
    if (shadow > differing) return `unit ${path} is in ${shadow} of ${differing} differing pairs`
    if (control > controlDiffering)
      return `unit ${path} is in ${control} of ${controlDiffering} differing control pairs`
  }
  return undefined
}

function countProblem(name: string, value: number): string | undefined {
  return Number.isSafeInteger(value) && value >= 0
    ? undefined
    : `${name} is ${value}, expected a whole number from 0 on`
}
