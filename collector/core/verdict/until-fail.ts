// How far an endpoint that differs is from FAIL, if it goes on as it did so far. An estimate, for people: it decides
// nothing, and the next request may turn it.
import { logFailEvidence, logUnpairedEvidence } from './e-process.ts'
import type { EndpointEvidence } from './evidence.ts'
import type { EvidenceTest } from './verdict.ts'

export type UntilFail = {
  readonly requests: number
  /** Of these, those that have to go to the control too; `noise`: because its noise is not known yet. */
  readonly controlRequests: number
  readonly waitsFor: 'requests' | 'noise'
}

export type UntilFailOptions = {
  tests: readonly EvidenceTest[]
  /** The logarithm that the endpoint's e-value must reach. */
  bar: number
  controlsMissing: number
}

/** Beyond this many requests nobody waits. */
const MOST_REQUESTS = 1e9

/** Undefined where the rate so far is within the tolerance, or too close above it to be told in any time. */
export function untilFail(evidence: EndpointEvidence, options: UntilFailOptions): UntilFail | undefined {
  const [equality] = options.tests
  if (equality === undefined || equality.bad <= equality.nullRate * (equality.bad + equality.good)) return undefined
  const byRate = untilRateFails(evidence, equality, options)
  const byUnit = untilUnitFails(evidence, options)
  if (byUnit === undefined) return byRate
  return byRate === undefined || byUnit.requests <= byRate.requests ? byUnit : byRate
}

/** All quiet units together against the tolerance, once the noise is known. */
function untilRateFails(evidence: EndpointEvidence, test: EvidenceTest, { bar, controlsMissing }: UntilFailOptions) {
  const n = test.bad + test.good
  const rate = test.bad / n
  const aim = bar - Math.log(test.share)
  const requests = leastRequests((more) => logFailEvidence(rate * (n + more), n + more, test.nullRate) >= aim)
  if (requests === undefined) return undefined
  const part = controlPart(evidence)
  const forControls = controlsMissing === 0 ? 0 : part === 0 ? requests : Math.ceil(controlsMissing / part)
  return forControls > requests || (controlsMissing > 0 && part === 0)
    ? { requests: Math.max(requests, forControls), controlRequests: controlsMissing, waitsFor: 'noise' as const }
    : { requests, controlRequests: controlsMissing, waitsFor: 'requests' as const }
}

/** The unit that speaks most clearly against the shadow, against the control. */
function untilUnitFails(evidence: EndpointEvidence, { tests, bar }: UntilFailOptions): UntilFail | undefined {
  const { pairs: n, controlPairs: m } = evidence
  const part = controlPart(evidence)
  if (n === 0 || m === 0 || part === 0) return undefined
  let best: EvidenceTest | undefined
  for (const test of tests) {
    if (test.name === 'unit' && (best === undefined || clearness(test) > clearness(best))) best = test
  }
  if (best === undefined) return undefined
  const { bad, good, share } = best
  const aim = bar - Math.log(share)
  const requests = leastRequests((more) => {
    const [pairs, controls] = [n + more, m + part * more]
    return logUnpairedEvidence((bad / n) * pairs, pairs, (good / m) * controls, controls) >= aim
  })
  return requests === undefined
    ? undefined
    : { requests, controlRequests: Math.ceil(part * requests), waitsFor: 'requests' }
}

function clearness({ logE, share }: EvidenceTest): number {
  return logE + Math.log(share)
}

/** Control pairs for each pair, at today's pace or else as it was so far. */
function controlPart({ pairs, controlPairs, pairsPerSecond, controlPairsPerSecond }: EndpointEvidence): number {
  if (pairsPerSecond > 0 && controlPairsPerSecond > 0) return Math.min(1, controlPairsPerSecond / pairsPerSecond)
  return pairs === 0 ? 0 : Math.min(1, controlPairs / pairs)
}

/** Least number from 1 on for which it holds, where it holds for all greater ones. */
function leastRequests(isEnough: (requests: number) => boolean): number | undefined {
  let high = 1
  while (!isEnough(high)) {
    high *= 2
    if (high > MOST_REQUESTS) return undefined
  }
  let low = high / 2
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return high
}
