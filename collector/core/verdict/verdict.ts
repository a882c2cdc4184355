// What judging gives: decisions with the counts and e-values that they were made from. Every figure is finite; rates are
// 0 to 1, times in seconds. What is only shown beside them is made from these in endpoint-figures.ts.

/** From worst to best. `invalid`: the routing or the counts are broken, nothing can be said. */
export type VerdictState = 'invalid' | 'fail' | 'inconclusive' | 'pass'

/** One test with all that its e-value is made from, so that it can be made again. */
export type EvidenceTest = {
  readonly name: 'equality' | 'unit' | 'failures' | 'latency-typical' | 'latency-tail'
  /** The unit, where the test is of one. */
  readonly unit?: string
  readonly bad: number
  readonly good: number
  /** Rate of bad under the null hypothesis. */
  readonly nullRate: number
  /** Part of the endpoint's evidence, 0 to 1. */
  readonly share: number
  /** Natural logarithm of the e-value. */
  readonly logE: number
  /** False where it may not speak for FAIL (yet). */
  readonly counts: boolean
}

export type Missing = {
  /** What is likely: PASS if no further one differs, FAIL if they differ as often as so far. */
  readonly towards: 'pass' | 'fail'
  /** Further requests until then. */
  readonly requests: number
  /** Further control observations. */
  readonly controlRequests: number
  /** At today's traffic; null where that cannot be told. */
  readonly seconds: number | null
}

export type EndpointVerdict = {
  readonly endpoint: string
  readonly verdict: VerdictState
  /** Compared requests, time-outs of the shadow among them. */
  readonly n: number
  /** Of these, differing outside the noisy units. */
  readonly different: number
  /** Pairs compared in full, and those of them that differed anywhere, of the shadow and of the control. */
  readonly pairs: number
  readonly differing: number
  readonly controlN: number
  readonly controlDiffering: number
  /** Exchanges with whole answers on all three sides of which only one differed: a cross-check that decides nothing. */
  readonly onlyShadow: number
  readonly onlyControl: number
  /** ln of the e-value against "the shadow is no worse". */
  readonly logE: number
  /** ln of the e-value for "the rate is below the tolerance". */
  readonly logPass: number
  readonly tolerance: number
  /** The weight in the route's α. */
  readonly weight: number
  readonly critical: boolean
  readonly noNoiseControl: boolean
  /** Units the control shows too, sorted: PASS does not speak for them. */
  readonly noisyUnits: readonly string[]
  /** Named by e-BH at the report level. */
  readonly reported: boolean
  readonly missing: Missing
  /** What keeps it from PASS, or made it FAIL, each in words. */
  readonly reasons: readonly string[]
  readonly tests: readonly EvidenceTest[]
}

export type RouteVerdict = {
  readonly route: string
  readonly variant: string
  readonly verdict: VerdictState
  readonly action: 'promote' | 'hold' | 'rollback'
  readonly sentence: string
  readonly reasons: readonly string[]
  /** In order of first sight. */
  readonly endpoints: readonly EndpointVerdict[]
  /** Part of live requests that PASSed endpoints cover, and what the policy asks for. */
  readonly coverage: number
  readonly coverageNeeded: number
  /** Endpoints of which nothing was compared. */
  readonly unverified: readonly string[]
  readonly noNoiseControl: boolean
  /** Mean of the endpoints' e-values: against "nothing changed anywhere". */
  readonly diffuseEValue: number
  readonly missing: Missing
}
