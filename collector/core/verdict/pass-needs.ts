// What PASS of one endpoint asks for, and what is still missing. PASS is shown, never the mere lack of a FAIL.

import type { VerdictPolicy } from '../../../plugin-config/verdict-policy.ts'
import { logEvidenceBelow, logPassEvidence } from './e-process.ts'
import type { EndpointEvidence, FrozenLatency } from './evidence.ts'
import { LEAST_WARM_UP } from './latency.ts'
import { logNonInferiority, type Quiet, unitsInOrder } from './noise.ts'
import { requestsToPass, secondsFor } from './sample-size.ts'
import type { UntilFail } from './until-fail.ts'
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
  /** How far it is from FAIL, where that is likelier. */
  fails: UntilFail | undefined
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
  const { fails } = options
  // What PASS would take besides helps nobody where FAIL is likely.
  if (fails !== undefined) {
    const missing = missingOf('fail', evidence, fails.requests, fails.controlRequests)
    return { logPass, reasons: [failsText(fails, evidence)], missing }
  }
  const reasons: string[] = []
  let requests = 0
  let controlRequests = 0

  if (logPass < bar || n === 0) {
    requests = Math.min(requestsFor(bad, tolerance) - n, Number.MAX_SAFE_INTEGER)
    const more = `${numberText(requests)} more requests without a difference${waitText(requests, evidence)}`
    const isAbove = n > 0 && bad >= tolerance * n
    reasons.push(
      isAbove
        ? `the rate is not below the tolerance of ${percentText(tolerance)}; it would take ${more}`
        : `needs ${more} to show a rate below ${percentText(tolerance)}`,
    )
  }
  const { incomplete, unpaired } = evidence
  const seen = n + incomplete + unpaired
  if (incomplete + unpaired > (1 - policy.coverage.complete) * seen) {
    const missed = unpaired === 0 ? '' : ` (${numberText(unpaired)} of them never came)`
    reasons.push(
      `${numberText(incomplete + unpaired)} of ${numberText(seen)} answers could not be compared in full${missed}`,
    )
  }
  for (const reason of noisyCriticalFields(evidence, quiet, policy, tolerance, bar)) reasons.push(reason)
  if (options.judgesLatency) {
    const latency = latencyNeed(evidence, options, bar)
    if (latency !== undefined) {
      reasons.push(latency.reason)
      controlRequests = latency.missing
    }
  }
  return { logPass, reasons, missing: missingOf('pass', evidence, requests, controlRequests) }
}

function failsText({ requests, controlRequests, waitsFor }: UntilFail, evidence: EndpointEvidence): string {
  if (waitsFor === 'noise') {
    const wait = waitText(controlRequests, evidence, evidence.controlPairsPerSecond)
    return `likely to fail, but its noise is not known yet: needs ${numberText(controlRequests)} more control requests${wait}`
  }
  const more = requests === 1 ? '1 more request like these' : `about ${numberText(requests)} more requests like these`
  return `likely to fail: needs ${more}${waitText(requests, evidence)}`
}

function waitText(requests: number, { pairsPerSecond }: EndpointEvidence, perSecond = pairsPerSecond): string {
  const wait = durationText(secondsFor(requests, perSecond))
  return wait ? ` (${wait} at today’s traffic)` : ''
}

function missingOf(
  towards: Missing['towards'],
  evidence: EndpointEvidence,
  requests: number,
  controlRequests: number,
): Missing {
  if (requests === 0 && controlRequests === 0) return { towards, requests, controlRequests, seconds: 0 }
  const wait = secondsFor(requests, evidence.pairsPerSecond)
  const controlWait = secondsFor(controlRequests, evidence.controlPairsPerSecond)
  const seconds = wait === null || controlWait === null ? null : Math.max(wait, controlWait)
  return { towards, requests, controlRequests, seconds }
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
