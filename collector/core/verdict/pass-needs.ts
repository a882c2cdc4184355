// What PASS of one endpoint asks for, and what is still missing. PASS is shown, never the mere lack of a FAIL.

import type { VerdictPolicy } from '../../../plugin-config/verdict-policy.ts'
import { logEvidenceBelow, logPassEvidence } from './e-process.ts'
import type { EndpointEvidence, FrozenLatency } from './evidence.ts'
import { LEAST_WARM_UP } from './latency.ts'
import { logNonInferiority, type Quiet, unitsInOrder } from './noise.ts'
import { requestsToPass, secondsFor } from './sample-size.ts'
import type { Missing } from './verdict.ts'
import { durationText, numberText, percentText } from './words.ts'

export type PassNeeds = {
  /** For "the rate is below the tolerance", as a logarithm. */
  readonly logPass: number
  /** What stands against PASS, in words; none: it may PASS. */
  readonly reasons: readonly string[]
  readonly missing: Missing
}

export type PassOptions = {
  policy: VerdictPolicy
  tolerance: number
  /** Whether latency can be measured on this endpoint: it has, or will have, a control. */
  judgesLatency: boolean
  frozen: FrozenLatency | undefined
  /** Remembers what was found for the same counts; one for each run over many endpoints. */
  requestsFor: (bad: number, tolerance: number) => number
}

/** Remembers the requests needed by tolerance and bad ones: thousands of endpoints ask for the same few. */
export function rememberRequests(alphaPass: number): PassOptions['requestsFor'] {
  const known = new Map<number, Map<number, number>>()
  return (bad, tolerance) => {
    const byBad = known.get(tolerance) ?? new Map<number, number>()
    known.set(tolerance, byBad)
    const needed = byBad.get(bad) ?? requestsToPass(bad, tolerance, alphaPass)
    byBad.set(bad, needed)
    return needed
  }
}

export function passNeeds(evidence: EndpointEvidence, quiet: Quiet, options: PassOptions): PassNeeds {
  const { policy, tolerance, requestsFor } = options
  const bar = -Math.log(policy.alpha.pass)
  const n = evidence.pairs + evidence.timeouts
  const bad = quiet.different + quiet.unknown + evidence.timeouts
  const logPass = logPassEvidence(bad, n, tolerance)
  const reasons: string[] = []
  let requests = 0
  let controlRequests = 0

  if (logPass < bar || n === 0) {
    requests = Math.min(requestsFor(bad, tolerance) - n, Number.MAX_SAFE_INTEGER)
    const wait = durationText(secondsFor(requests, evidence.pairsPerSecond))
    const more = `${numberText(requests)} more requests without a difference${wait ? ` (${wait} at today’s traffic)` : ''}`
    const isAbove = n > 0 && bad >= tolerance * n
    reasons.push(
      isAbove
        ? `the rate is not below the tolerance of ${percentText(tolerance)}; it would take ${more}`
        : `needs ${more} to show a rate below ${percentText(tolerance)}`,
    )
  }
  const seen = n + evidence.incomplete
  if (evidence.incomplete > (1 - policy.coverage.complete) * seen) {
    reasons.push(`${numberText(evidence.incomplete)} of ${numberText(seen)} answers could not be compared in full`)
  }
  for (const reason of noisyCriticalFields(evidence, quiet, policy, tolerance, bar)) reasons.push(reason)
  if (options.judgesLatency) {
    const latency = latencyNeed(evidence, options, bar)
    if (latency !== undefined) {
      reasons.push(latency.reason)
      controlRequests = latency.missing
    }
  }
  return { logPass, reasons, missing: missingOf(evidence, requests, controlRequests) }
}

function missingOf(evidence: EndpointEvidence, requests: number, controlRequests: number): Missing {
  if (requests === 0 && controlRequests === 0) return { requests, controlRequests, seconds: 0 }
  const wait = secondsFor(requests, evidence.pairsPerSecond)
  const controlWait = secondsFor(controlRequests, evidence.controlPairsPerSecond)
  const seconds = wait === null || controlWait === null ? null : Math.max(wait, controlWait)
  return { requests, controlRequests, seconds }
}

function noisyCriticalFields(
  evidence: EndpointEvidence,
  quiet: Quiet,
  policy: VerdictPolicy,
  tolerance: number,
  bar: number,
): string[] {
  if (policy.critical.fields.length === 0 || quiet.noisy.length === 0) return []
  const { pairs, controlPairs } = evidence
  return unitsInOrder(evidence.units)
    .filter(({ path, control }) => control > 0 && policy.critical.fields.includes(path))
    .filter(({ shadow, control }) => logNonInferiority(shadow, pairs, control, controlPairs, tolerance) < bar)
    .map(
      ({ path, kind }) =>
        `the critical field ${path} is noisy (${kind}) and not yet shown to be no worse than the control`,
    )
}

function latencyNeed(evidence: EndpointEvidence, { frozen, requestsFor, policy }: PassOptions, bar: number) {
  if (frozen === undefined) {
    const needed = Math.max(policy.latency.warmUpRequests, LEAST_WARM_UP) + requestsFor(0, 0.5)
    const missing = Math.max(1, needed - evidence.controlPairs)
    return { reason: `latency: still warming up, needs ${numberText(missing)} more control requests`, missing }
  }
  const { slower, notSlower } = evidence.latency
  if (logEvidenceBelow(slower, notSlower, 0.5) >= bar) return undefined
  const missing = requestsFor(slower, 0.5) - slower - notSlower
  const slowerBy = percentText(frozen.ratio - 1)
  const reason = `latency: needs ${numberText(missing)} more control requests to show that it is not more than ${slowerBy} slower`
  return { reason, missing }
}
