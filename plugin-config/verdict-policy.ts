// What a route asks of a verdict, and the parser that refuses what contradicts itself, with the reason.
import type { z } from 'zod'
import { type Problem, pointerOf, problemsOf } from './problem.ts'
import type { Route } from './route.ts'
import { POLICY_NAMES, policySchema } from './verdict-policy-schema.ts'

/** Whom the control is sent to: nobody, the primary's own instance (warm from the request before), or its own instance. */
export type ControlKind = 'none' | 'shared' | 'own'

/** As a user writes it, whatever is left out has its default. */
export type WrittenPolicy = z.input<typeof policySchema>

/** As the engine takes it: rates are 0 to 1. */
export type VerdictPolicy = {
  readonly tolerance: {
    /** Part of answers that may differ outside the noise. */
    readonly equality: number
    /** Part of requests that may fail (5xx, time-out) where the primary answers. */
    readonly failures: number
    /** By endpoint, instead of `equality`. */
    readonly endpoints: Readonly<Record<string, number>>
  }
  readonly alpha: {
    /** Chance that a route without any change FAILs, however often one looks. */
    readonly fail: number
    /** Chance that an endpoint at its tolerance PASSes. */
    readonly pass: number
    /** False discovery rate of the endpoints named. */
    readonly report: number
    /** Chance of a false hard cap, by critical endpoint. */
    readonly hardCap: number
  }
  readonly critical: {
    readonly endpoints: readonly string[]
    /** Paths of units (`/total`, `header:location`) that PASS must speak for even where they are noisy. */
    readonly fields: readonly string[]
  }
  readonly coverage: {
    /** Part of live requests that PASSed endpoints must cover. */
    readonly live: number
    /** Part of an endpoint's pairs that must have been comparable in full. */
    readonly complete: number
  }
  readonly latency: {
    readonly judged: boolean
    /** 1.1: up to 10 % slower is tolerated. */
    readonly ratio: number
    readonly tailQuantile: number
    readonly warmUpRequests: number
    /** Whether latency alone may FAIL; needs a control instance of its own. */
    readonly mayFail: boolean
  }
  /** On critical endpoints failures FAIL at their own α, unweighted and before noise is learned. */
  readonly hardCap: boolean
  /** What happens when nothing was decided in time; never promotion. */
  readonly maxWait: { readonly seconds: number; readonly action: 'hold' | 'rollback' } | null
}

export type PolicyResult = { ok: true; policy: VerdictPolicy } | { ok: false; problems: Problem[] }

/**
 * Reads a policy as a user writes it; whatever is left out has its default. `control` is what the route has, for some
 * wishes cannot be granted without one.
 */
export function parsePolicy(value: unknown, control: ControlKind): PolicyResult {
  const parsed = policySchema.safeParse(value)
  if (!parsed.success) {
    return { ok: false, problems: problemsOf(parsed.error, (path) => ({ names: POLICY_NAMES[pointerOf(path)] ?? [] })) }
  }
  const written = parsed.data
  const policy: VerdictPolicy = {
    tolerance: {
      equality: written.tolerance.equality / 100,
      failures: (written.tolerance.failures ?? Math.min(0.1, written.tolerance.equality)) / 100,
      endpoints: Object.fromEntries(
        Object.entries(written.tolerance.endpoints).map(([name, percent]) => [name, percent / 100]),
      ),
    },
    alpha: written.alpha,
    critical: written.critical,
    coverage: { live: written.coverage.live / 100, complete: written.coverage.complete / 100 },
    latency: {
      judged: written.latency.judged,
      ratio: 1 + written.latency.slowerBy / 100,
      tailQuantile: written.latency.tailQuantile,
      warmUpRequests: written.latency.warmUpRequests,
      mayFail: written.latency.mayFail ?? (control === 'own' && written.latency.judged),
    },
    hardCap: written.hardCap,
    maxWait: written.maxWait,
  }
  const problems = contradictionsOf(policy, control)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy }
}

export function controlKindOf({ control }: Pick<Route, 'control'>): ControlKind {
  if (typeof control === 'number') return control > 0 ? 'shared' : 'none'
  if (control.percent <= 0) return 'none'
  return control.url === undefined && control.service === undefined ? 'shared' : 'own'
}

function contradictionsOf(policy: VerdictPolicy, control: ControlKind): Problem[] {
  const problems: Problem[] = []
  const refuse = (pointer: string, message: string) => problems.push({ pointer, message })
  const { tolerance, critical, coverage, latency } = policy
  if (tolerance.failures > tolerance.equality) {
    refuse(
      '/tolerance/failures',
      'is above tolerance.equality: a failed answer is a different one, so it never applies',
    )
  }
  for (const name of critical.endpoints) {
    if ((tolerance.endpoints[name] ?? 0) > tolerance.equality) {
      refuse(pointerOf(['tolerance', 'endpoints', name]), `${name} is critical, yet tolerates more than the others`)
    }
  }
  if (new Set(critical.endpoints).size < critical.endpoints.length) {
    refuse('/critical/endpoints', 'names an endpoint twice: its part of α would be counted twice')
  }
  if (coverage.live === 0 && critical.endpoints.length === 0) {
    refuse('/coverage/live', 'is 0 and no endpoint is critical: the verdict would pass on silence')
  }
  if (latency.mayFail && !latency.judged) refuse('/latency/mayFail', 'is true, yet latency.judged is false')
  if (latency.mayFail && control !== 'own') {
    refuse(
      '/latency/mayFail',
      'needs a control instance of its own (control: { url }): the primary’s own instance is warm from the request before',
    )
  }
  return problems
}
