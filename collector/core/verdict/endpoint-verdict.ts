// One endpoint: from its counts to its tests (weigh), and with its weight among the others to its verdict (decide).

import type { ControlKind, VerdictPolicy } from '../../../plugin-config/verdict-policy.ts'
import { countsProblem } from './counts-problem.ts'
import { type EndpointEvidence, emptyEvidence, type FrozenParameters } from './evidence.ts'
import { logEndpointEvidence, testsOf } from './evidence-tests.ts'
import { hasNoiseControl, type Quiet, quietDifferences } from './noise.ts'
import { type PassNeeds, type PassOptions, passNeeds } from './pass-needs.ts'
import { controlsToLearn } from './sample-size.ts'
import { untilFail } from './until-fail.ts'
import type { EndpointVerdict, EvidenceTest, Missing, VerdictState } from './verdict.ts'
import { numberText, percentText } from './words.ts'

/** How an endpoint is judged, and its part in the whole. */
export type Standing = {
  readonly control: ControlKind
  readonly policy: VerdictPolicy
  readonly frozen: FrozenParameters
  readonly requestsFor: PassOptions['requestsFor']
  readonly tolerance: number
  readonly isCritical: boolean
  readonly weight: number
  /** The logarithm that the endpoint's e-value must reach for FAIL. */
  readonly bar: number
}

/** An endpoint weighed by itself. */
type Weighed = {
  readonly evidence: EndpointEvidence
  readonly problem: string | undefined
  readonly tolerance: number
  readonly hasControl: boolean
  readonly quiet: Quiet
  readonly tests: readonly EvidenceTest[]
  readonly logE: number
  readonly needs: PassNeeds
}

const NOTHING: Quiet = { noisy: [], different: 0, unknown: 0, unseenNoise: 0 }

export const NOTHING_MISSING: Missing = { towards: 'pass', requests: 0, controlRequests: 0, seconds: 0 }

/** `reported` is for the one who knows all endpoints to say. */
export function judgeEndpoint(given: EndpointEvidence, standing: Standing): EndpointVerdict {
  return decideEndpoint(weighEndpoint(given, standing), standing)
}

function weighEndpoint(given: EndpointEvidence, standing: Standing): Weighed {
  const { tolerance, control, policy, frozen, requestsFor, bar } = standing
  const problem = countsProblem(given)
  const evidence = problem === undefined ? given : withoutCounts(given)
  const hasControl = hasNoiseControl(evidence, control !== 'none')
  const controlsMissing = hasControl ? Math.max(0, controlsToLearn(tolerance) - evidence.controlPairs) : 0
  const quiet = problem === undefined ? quietDifferences(evidence) : NOTHING
  const judgesLatency = policy.latency.judged && hasControl && control !== 'none'
  const tests = testsOf(evidence, quiet, {
    tolerance,
    failureTolerance: policy.tolerance.failures,
    hasLearned: controlsMissing === 0,
    control: judgesLatency ? control : 'none',
    latencyMayFail: policy.latency.mayFail && control === 'own',
  })
  const latency = frozen.get(evidence.endpoint)?.latency
  const logE = logEndpointEvidence(tests)
  const fails = logE < bar ? untilFail(evidence, { tests, bar, controlsMissing }) : undefined
  const needs = passNeeds(evidence, quiet, { policy, tolerance, judgesLatency, frozen: latency, requestsFor, fails })
  return { evidence, problem, tolerance, hasControl, quiet, tests, logE, needs }
}

/** What was counted is unusable; what it is called and how it is used stay. */
function withoutCounts(evidence: EndpointEvidence): EndpointEvidence {
  const { endpoint, firstSeen, pairsPerSecond, controlPairsPerSecond } = evidence
  return { ...emptyEvidence(endpoint), firstSeen, pairsPerSecond, controlPairsPerSecond }
}

function decideEndpoint(weighed: Weighed, standing: Standing): EndpointVerdict {
  const { evidence, problem, quiet, needs } = weighed
  const against = failReasons(weighed, standing)
  const reasons = problem !== undefined ? [problem] : against.length > 0 ? against : heldBy(weighed, standing)
  const verdict = stateOf(weighed, against, reasons)
  // One flat literal: a route may have tens of thousands of these.
  return {
    endpoint: evidence.endpoint,
    verdict,
    n: evidence.pairs + evidence.timeouts,
    different: quiet.different + evidence.timeouts,
    pairs: evidence.pairs,
    differing: evidence.differing,
    controlN: evidence.controlPairs,
    controlDiffering: evidence.controlDiffering,
    onlyShadow: evidence.onlyShadow,
    onlyControl: evidence.onlyControl,
    logE: weighed.logE,
    logPass: needs.logPass,
    tolerance: weighed.tolerance,
    weight: standing.weight,
    critical: standing.isCritical,
    noNoiseControl: !weighed.hasControl,
    noisyUnits: quiet.noisy,
    reported: false,
    missing: verdict === 'inconclusive' ? needs.missing : NOTHING_MISSING,
    reasons,
    tests: weighed.tests,
  }
}

function stateOf({ problem }: Weighed, against: readonly string[], reasons: readonly string[]): VerdictState {
  if (problem !== undefined) return 'invalid'
  if (against.length > 0) return 'fail'
  return reasons.length > 0 ? 'inconclusive' : 'pass'
}

/** Why it FAILs: each test that is evidence by itself at the bar, the strongest first; or all of them together. */
function failReasons(weighed: Weighed, { bar, policy, isCritical }: Standing): string[] {
  const { tests, logE } = weighed
  const failures = tests.find(({ name }) => name === 'failures')
  const isCapped = policy.hardCap && isCritical && (failures?.logE ?? 0) >= -Math.log(policy.alpha.hardCap)
  if (logE < bar && !isCapped) return []
  const strong = tests
    .filter((test) => (test.counts && test.logE + Math.log(test.share) >= bar) || (isCapped && test === failures))
    .toSorted((one, two) => two.logE - one.logE)
  return strong.length > 0
    ? strong.map((test) => againstText(test, weighed))
    : ['several kinds of differences together']
}

function againstText({ name, unit, bad, good }: EvidenceTest, { evidence, tolerance }: Weighed): string {
  const { pairs, timeouts, incomplete, controlPairs } = evidence
  const [count, total] = [numberText(bad), numberText(pairs + timeouts + incomplete)]
  switch (name) {
    case 'equality':
      return `${count} of ${total} answers differ outside the noise (tolerance ${percentText(tolerance)})`
    case 'unit':
      return `${unit} in ${count} of ${numberText(pairs)} answers, in ${numberText(good)} of ${numberText(controlPairs)} of the control`
    case 'failures':
      return `${count} of ${total} requests failed where the primary answered (${numberText(good)} the other way round)`
    case 'latency-typical':
      return `slower than tolerated in ${count} of ${numberText(bad + good)} measured requests`
    case 'latency-tail':
      return `among the slowest in ${count} requests, the control in ${numberText(good)}`
  }
}

/** What keeps it from PASS. */
function heldBy({ needs, tests }: Weighed, { bar }: Standing): string[] {
  const reasons = [...needs.reasons]
  for (const { name, logE, share, counts } of tests) {
    if (counts || logE + Math.log(share) < bar) continue
    if (name === 'latency-typical' || name === 'latency-tail') {
      reasons.push('slower than the primary, but a FAIL for latency needs a control instance of its own')
    }
  }
  return reasons
}
