// The verdict: a pure function of counts, policy and frozen parameters. The same three give the same verdict bit for bit,
// in whatever order the counts are listed; each look may be the last one, for every test holds at any moment.

import type { VerdictPolicy } from '../../../plugin-config/verdict-policy.ts'
import { splitProblem } from './counts-problem.ts'
import { eValueOf, logSplitEvidence } from './e-process.ts'
import { judgeEndpoint, NOTHING_MISSING } from './endpoint-verdict.ts'
import type { EndpointEvidence, FrozenParameters, RouteEvidence } from './evidence.ts'
import { endpointWeights, logDiffuseEvidence, reportedByEbh } from './multiplicity.ts'
import { rememberRequests } from './pass-needs.ts'
import { endpointSentence, routeSentence } from './sentences.ts'
import type { EndpointVerdict, Missing, RouteVerdict, VerdictState } from './verdict.ts'
import { listText, numberText, percentText } from './words.ts'

/** From here on a split is not what it should be: the routing is broken. */
const BROKEN_SPLIT = Math.log(1_000)

/** Endpoints that a route's reasons tell of one by one. */
const MOST_REASONS = 100

export function judge(evidence: RouteEvidence, policy: VerdictPolicy, frozen: FrozenParameters): RouteVerdict {
  const inOrder = endpointsInOrder(evidence.endpoints)
  const endpoints = judgeEach(inOrder, evidence, policy, frozen)
  const logs = endpoints.map(({ logE }) => logE)
  for (const index of reportedByEbh(logs, policy.alpha.report)) {
    const one = endpoints[index]
    if (one) endpoints[index] = { ...one, reported: true }
  }
  const diffuse = logDiffuseEvidence(logs)

  const broken = brokenReasons(evidence, endpoints)
  const failed = failedReasons(endpoints, diffuse, policy)
  const { coverage, held, missing, unverified } = heldBack(evidence, inOrder, endpoints, policy)
  const reasons = broken.length > 0 ? broken : failed.length > 0 ? failed : held
  const verdict: VerdictState =
    broken.length > 0 ? 'invalid' : failed.length > 0 ? 'fail' : held.length > 0 ? 'inconclusive' : 'pass'
  const told = {
    ...{ route: evidence.route, variant: evidence.variant, verdict, reasons, endpoints, unverified, coverage },
    coverageNeeded: policy.coverage.live,
  }
  return {
    ...told,
    action: actionOf(verdict, evidence.elapsedSeconds, policy),
    sentence: routeSentence(told),
    noNoiseControl: endpoints.some((one) => one.noNoiseControl),
    diffuseEValue: eValueOf(diffuse),
    missing: verdict === 'inconclusive' ? missing : NOTHING_MISSING,
  }
}

function endpointsInOrder(endpoints: readonly EndpointEvidence[]): EndpointEvidence[] {
  return endpoints.toSorted((one, two) => {
    if (one.firstSeen !== two.firstSeen) return one.firstSeen < two.firstSeen ? -1 : 1
    return one.endpoint < two.endpoint ? -1 : 1
  })
}

/** An endpoint FAILs at 1/(α·weight), or where it lifts the mean of all above 1/α by itself. */
function judgeEach(
  inOrder: readonly EndpointEvidence[],
  { control }: RouteEvidence,
  policy: VerdictPolicy,
  frozen: FrozenParameters,
): EndpointVerdict[] {
  const requestsFor = rememberRequests(policy.alpha.pass)
  const critical = new Set(policy.critical.endpoints)
  // A map, for looking up a property makes each name a key of the engine's own first.
  const tolerances = new Map(Object.entries(policy.tolerance.endpoints))
  const names = inOrder.map(({ endpoint }) => endpoint)
  const weights = endpointWeights(names, critical)
  const alone = Math.log(inOrder.length)
  // One endpoint from its counts to its verdict before the next: what lies between is garbage while it is young.
  return inOrder.map((one, index) => {
    const weight = weights[index] ?? 0
    return judgeEndpoint(one, {
      control,
      policy,
      frozen,
      requestsFor,
      weight,
      bar: Math.min(-Math.log(weight), alone) - Math.log(policy.alpha.fail),
      isCritical: critical.has(one.endpoint),
      tolerance: tolerances.get(one.endpoint) ?? policy.tolerance.equality,
    })
  })
}

function brokenReasons({ splits }: RouteEvidence, endpoints: readonly EndpointVerdict[]): string[] {
  const reasons = splits.flatMap((split) => {
    const problem = splitProblem(split)
    if (problem !== undefined) return [problem]
    // Several splits share the level; one that never may happen needs no statistics.
    const impossible = (split.share === 0 && split.chosen > 0) || (split.share === 1 && split.chosen < split.total)
    const log = logSplitEvidence(split.chosen, split.total, split.share)
    if (!impossible && log < BROKEN_SPLIT + Math.log(splits.length)) return []
    const got = split.total === 0 ? 0 : split.chosen / split.total
    return [
      `the routing is broken: ${split.what} got ${percentText(got)} of ${numberText(split.total)}, expected ${percentText(split.share)}`,
    ]
  })
  return [...reasons, ...sentencesOf(endpoints, 'invalid')]
}

function failedReasons(endpoints: readonly EndpointVerdict[], diffuse: number, policy: VerdictPolicy): string[] {
  const failed = sentencesOf(endpoints, 'fail')
  if (failed.length > 0 || diffuse < -Math.log(policy.alpha.fail)) return failed
  const strongest = endpoints.toSorted((one, two) => two.logE - one.logE).map(({ endpoint }) => endpoint)
  return [`a regression spread over several endpoints, most on ${listText(strongest, 3)}`]
}

function sentencesOf(endpoints: readonly EndpointVerdict[], state: VerdictState): string[] {
  return endpoints
    .filter(({ verdict }) => verdict === state)
    .slice(0, MOST_REASONS)
    .map(endpointSentence)
}

/** What stands between the route and PASS: coverage of live requests, critical endpoints, silence. */
function heldBack(
  evidence: RouteEvidence,
  inOrder: readonly EndpointEvidence[],
  endpoints: readonly EndpointVerdict[],
  policy: VerdictPolicy,
) {
  const live = inOrder.map((one, i) => (endpoints[i]?.verdict === 'invalid' ? 0 : liveOf(one)))
  const total = live.reduce((sum, count) => sum + count, 0)
  const passed = endpoints.reduce((sum, { verdict }, i) => sum + (verdict === 'pass' ? (live[i] ?? 0) : 0), 0)
  const coverage = total === 0 ? 0 : passed / total
  const { unverified, hasSeenAny } = unverifiedOf(evidence, endpoints, policy)
  const open = endpoints.flatMap((one, i) => (one.verdict === 'inconclusive' ? [{ one, live: live[i] ?? 0 }] : []))
  const byTraffic = open.toSorted((a, b) => Number(b.one.critical) - Number(a.one.critical) || b.live - a.live)
  const lacking: EndpointVerdict[] = []
  let reach = passed
  for (const { one, live: count } of byTraffic) {
    if (!one.critical && total > 0 && reach >= policy.coverage.live * total) break
    lacking.push(one)
    reach += count
  }
  const held: string[] = []
  if (!hasSeenAny) held.push('nothing was compared yet')
  const unseenCritical = policy.critical.endpoints.filter((name) => unverified.includes(name))
  if (unseenCritical.length > 0) held.push(`never seen, yet critical: ${listText(unseenCritical, 3)}`)
  if (hasSeenAny && (total === 0 || coverage < policy.coverage.live)) {
    held.push(
      `endpoints that pass cover ${percentText(coverage)} of the requests, ${percentText(policy.coverage.live)} are needed`,
    )
  }
  const undecided = lacking.filter(({ n, missing }) => n > 0 && missing.towards === 'pass')
  for (const one of undecided.slice(0, MOST_REASONS)) held.push(endpointSentence(one))
  // What passes without them passes; what does not is told first of those that are likely to fail.
  const likely = held.length === 0 ? [] : soonestFirst(open.map(({ one }) => one))
  const told = [...likely.slice(0, MOST_REASONS).map(endpointSentence), ...held]
  return { coverage, held: told, missing: likely[0]?.missing ?? sumOf(lacking), unverified }
}

/** Those that are likely to fail: one is enough for the route. */
function soonestFirst(endpoints: readonly EndpointVerdict[]): EndpointVerdict[] {
  const wait = ({ missing }: EndpointVerdict) => missing.seconds ?? Number.MAX_VALUE
  return endpoints
    .filter(({ missing }) => missing.towards === 'fail')
    .sort((one, two) => wait(one) - wait(two) || one.missing.requests - two.missing.requests)
}

function liveOf({ liveRequests, pairs, incomplete, timeouts }: EndpointEvidence): number {
  return Math.max(liveRequests, pairs + incomplete + timeouts)
}

/** Endpoints known by any way of which nothing was compared, by name. */
function unverifiedOf(evidence: RouteEvidence, endpoints: readonly EndpointVerdict[], { critical }: VerdictPolicy) {
  const names = new Set([...evidence.knownEndpoints, ...critical.endpoints])
  let hasSeenAny = false
  for (const { endpoint, n } of endpoints) {
    if (n === 0) {
      names.add(endpoint)
      continue
    }
    hasSeenAny = true
    names.delete(endpoint)
  }
  return { unverified: [...names].sort(), hasSeenAny }
}

function sumOf(endpoints: readonly EndpointVerdict[]): Missing {
  let [requests, controlRequests] = [0, 0]
  let seconds: number | null = 0
  for (const { missing } of endpoints) {
    requests = Math.min(requests + missing.requests, Number.MAX_SAFE_INTEGER)
    controlRequests = Math.min(controlRequests + missing.controlRequests, Number.MAX_SAFE_INTEGER)
    seconds = missing.seconds === null || seconds === null ? null : Math.max(seconds, missing.seconds)
  }
  return { towards: 'pass', requests, controlRequests, seconds }
}

function actionOf(verdict: VerdictState, elapsedSeconds: number, { maxWait }: VerdictPolicy): RouteVerdict['action'] {
  if (verdict === 'pass') return 'promote'
  if (verdict === 'fail') return 'rollback'
  const isOver = maxWait !== null && elapsedSeconds >= maxWait.seconds
  return verdict === 'inconclusive' && isOver ? maxWait.action : 'hold'
}
