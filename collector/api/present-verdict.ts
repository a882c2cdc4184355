// A verdict as the API tells it.
import { eValueOf } from '../core/verdict/e-process.ts'
import { endpointFigures } from '../core/verdict/endpoint-figures.ts'
import type { Interval } from '../core/verdict/intervals.ts'
import { endpointSentence } from '../core/verdict/sentences.ts'
import type { EndpointVerdict, RouteVerdict } from '../core/verdict/verdict.ts'
import type { EndpointVerdictView, VerdictView } from './verdict-schemas.ts'

/** A verdict with what belongs to it beside the judgement. */
export type JudgedRoute = RouteVerdict & {
  generation: {
    generation: number
    beganAtMs: number
    reason: string
    versions: { primary?: string; shadow?: string }
  }
  alpha: { fail: number; pass: number }
  samples: ReadonlyMap<string, readonly string[]>
  latency: { judged: boolean; mayFail: boolean }
  /** When it became what it is. */
  since: string | null
}

const MAX_ENDPOINTS = 1_000

export function verdictView(of: JudgedRoute): VerdictView {
  const { generation, beganAtMs, reason, versions } = of.generation
  const shown = shownEndpoints(of.endpoints)
  return {
    route: of.route,
    variant: of.variant,
    verdict: of.verdict,
    action: of.action,
    reason: of.sentence,
    reasons: [...of.reasons],
    since: of.since,
    generation,
    generationBegan: new Date(beganAtMs).toISOString(),
    generationReason: reason,
    versions,
    alpha: of.alpha,
    endpoints: shown.map((one) => endpointView(one, of.samples.get(one.endpoint) ?? [])),
    endpointsCut: shown.length < of.endpoints.length,
    latency: of.latency,
    unverified: [...of.unverified],
    coverage: of.coverage,
    coverageNeeded: of.coverageNeeded,
    noNoiseControl: of.noNoiseControl,
    missing: of.missing.requests,
    missingFor: of.verdict === 'inconclusive' ? of.missing.towards : null,
    missingSeconds: of.missing.seconds,
    diffuseEValue: of.diffuseEValue,
  }
}

/** In their order; where there are too many, those that failed stay. */
function shownEndpoints(endpoints: readonly EndpointVerdict[]): readonly EndpointVerdict[] {
  if (endpoints.length <= MAX_ENDPOINTS) return endpoints
  const bad = ({ verdict }: EndpointVerdict) => verdict === 'fail' || verdict === 'invalid'
  let room = Math.max(0, MAX_ENDPOINTS - endpoints.filter(bad).length)
  return endpoints.filter((one) => bad(one) || room-- > 0)
}

function endpointView(one: EndpointVerdict, samples: readonly string[]): EndpointVerdictView {
  const figures = endpointFigures(one)
  return {
    endpoint: one.endpoint,
    verdict: one.verdict,
    reason: endpointSentence(one),
    reasons: [...one.reasons],
    n: one.n,
    different: one.different,
    rate: figures.rate,
    rateInterval: pairOf(figures.interval),
    controlN: one.controlN,
    controlRate: figures.controlRate,
    controlInterval: pairOf(figures.controlInterval),
    excess: figures.excess,
    excessInterval: pairOf(figures.excessInterval),
    eValue: figures.eValue,
    passEValue: figures.passEValue,
    pairedEValue: figures.pairedEValue,
    reported: one.reported,
    weight: one.weight,
    missing: one.verdict === 'inconclusive' ? requestsMissing(one) : null,
    missingFor: one.verdict === 'inconclusive' ? one.missing.towards : null,
    missingSeconds: one.verdict === 'inconclusive' ? one.missing.seconds : null,
    tolerance: one.tolerance,
    critical: one.critical,
    noNoiseControl: one.noNoiseControl,
    noisyFields: [...one.noisyUnits],
    samples: [...samples],
    tests: one.tests.map(({ logE, ...test }) => ({ ...test, eValue: eValueOf(logE) })),
  }
}

/** What only the control has to bring is told in requests too, at the part of them that it had so far. */
function requestsMissing({ missing, n, controlN }: EndpointVerdict): number {
  if (missing.towards === 'fail') return missing.requests
  const part = n > 0 && controlN > 0 ? Math.min(1, controlN / n) : 1
  return Math.min(Math.max(missing.requests, Math.ceil(missing.controlRequests / part)), Number.MAX_SAFE_INTEGER)
}

function pairOf({ low, high }: Interval): [number, number] {
  return [low, high]
}
