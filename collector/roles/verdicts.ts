// Verdicts as they stand: from the stored counts, the route's policy and the frozen parameters, each time anew.
import type { Route } from '../../plugin-config/route.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import { assembleEvidence } from '../core/verdict/assemble-evidence.ts'
import { unitsOf } from '../core/verdict/difference-set.ts'
import type { FrozenParameters } from '../core/verdict/evidence.ts'
import { judge } from '../core/verdict/judge.ts'
import type { RouteVerdict } from '../core/verdict/verdict.ts'
import { BEGINS_AFTER_MS } from '../pipeline/evidence-book.ts'
import type { NewEvent } from '../store/event-store.ts'
import type { EvidenceStore, Frozen, Generation, Versions } from '../store/evidence-store.ts'
import type { NotedChange, VerdictChangeStore } from '../store/verdict-change-store.ts'
import type { DifferingPair, VerdictReadModel } from '../store/verdict-read-model.ts'
import type { RoutePolicies } from './route-policies.ts'

export type CurrentVerdict = RouteVerdict & {
  generation: Pick<Generation, 'generation' | 'beganAtMs' | 'reason' | 'actor' | 'versions'>
  /** Levels of the policy that it was judged by. */
  alpha: { fail: number; pass: number }
  /** Ids of comparisons, by endpoint. */
  samples: ReadonlyMap<string, readonly string[]>
  latency: { judged: boolean; mayFail: boolean }
  /** When it became what it is; null before it was noted. */
  since: string | null
}

export type Verdicts = {
  /** Variants of a route that may be asked for; those that are configured first. */
  variants(route: string): Promise<string[]>
  /** Undefined where the variant is not known. */
  verdict(route: string, variant: string, options?: { withSamples?: boolean }): Promise<CurrentVerdict | undefined>
  /** What runs there, as far as it is declared or discovered; undefined for a route that is not listed. */
  versions(route: string, variant: string): Versions | undefined
  /** Starts the evidence anew, of one shadow or of all with their control. */
  begin(route: string, why: { variant?: string; reason: string; actor: string }): Promise<Generation[]>
  history(of: Parameters<VerdictChangeStore['list']>[0]): Promise<NotedChange[]>
}

type Options = {
  reads: VerdictReadModel
  evidence: EvidenceStore
  changes: VerdictChangeStore
  routes: () => readonly Route[]
  policies: RoutePolicies
  /** What runs there as discovery tells it (an image's digest), where the route declares nothing. */
  discovered?: (route: Route, variant: string) => Versions
  record: (event: NewEvent) => Promise<unknown>
  now: () => number
}

/** Endpoints whose samples are looked up, and samples of each. */
const MAX_SAMPLED = 20
const SAMPLES_EACH = 3

export function createVerdicts(options: Options): Verdicts {
  const { reads, evidence, changes, routes, policies, now } = options
  const configured = (name: string) => routes().find((route) => route.name === name)
  const variants = async (name: string) => {
    const seen = (await reads.current(name)).map(({ variant }) => variant).filter((one) => one !== CONTROL_VARIANT)
    return [...new Set([...(configured(name)?.shadows ?? []).map((shadow) => shadow.name), ...seen])]
  }
  const versions = (name: string, variant: string) => {
    const route = configured(name)
    return route && { ...options.discovered?.(route, variant), ...declaredVersions(route, variant) }
  }
  return {
    variants,
    versions,
    async verdict(route, variant, { withSamples = true } = {}) {
      const current = await reads.current(route)
      const of = current.find((one) => one.variant === variant) ?? notBegun(configured(route), variant, now())
      if (of === undefined) return undefined
      const controlGeneration = current.find((one) => one.variant === CONTROL_VARIANT)?.generation ?? 1
      const [rows, paceOf, knownEndpoints] = await Promise.all([
        reads.counts(of, controlGeneration),
        reads.pace(route, variant, now()),
        reads.knownEndpoints(route, variant),
      ])
      const { policy, control, latency } = policies.of(route)
      const frozen: FrozenParameters = new Map(Object.entries(of.frozen))
      const endpoints = assembleEvidence(rows, frozen, paceOf)
      const hasControl = configured(route) !== undefined || endpoints.some(({ controlPairs }) => controlPairs > 0)
      const verdict = judge(
        {
          ...{ route, variant, endpoints, splits: [] },
          knownEndpoints: [...knownEndpoints, ...(configured(route)?.endpoints ?? [])],
          control: hasControl ? control : 'none',
          elapsedSeconds: Math.max(0, (now() - of.beganAtMs) / 1000),
        },
        policy,
        frozen,
      )
      const [last] = await changes.list({ route, variant, limit: 1 })
      const isNoted = last?.verdict === verdict.verdict && last.generation === of.generation
      const samples = withSamples
        ? samplesOf(verdict, await reads.differing({ ...of, sinceMs: of.beganAtMs }, sampledEndpoints(verdict)))
        : new Map()
      const { generation, beganAtMs, reason, actor, versions } = of
      return {
        ...verdict,
        generation: { generation, beganAtMs, reason, actor, versions },
        alpha: { fail: policy.alpha.fail, pass: policy.alpha.pass },
        samples,
        latency: { judged: latency !== undefined, mayFail: policy.latency.mayFail },
        since: isNoted ? last.at : null,
      }
    },
    async begin(route, { variant, reason, actor }) {
      const current = await reads.current(route)
      const names = variant === undefined ? [...(await variants(route)), CONTROL_VARIANT] : [variant]
      const next = names.map((name) => {
        const last = current.find((one) => one.variant === name)
        return { variant: name, after: last?.generation ?? 0, versions: versions(route, name) ?? last?.versions ?? {} }
      })
      const begun = await evidence.begin(route, next, { atMs: now() + BEGINS_AFTER_MS, reason, actor })
      const generations = begun.map(({ variant: name, generation, versions: of }) => ({
        variant: name,
        generation,
        versions: of,
      }))
      if (begun.length > 0)
        await options.record({ kind: 'evidence.begun', route, actor, details: { reason, generations } })
      return begun
    },
    history: changes.list,
  }
}

/** Those that failed first. */
function sampledEndpoints({ endpoints }: RouteVerdict): string[] {
  const differing = endpoints.filter(({ different }) => different > 0)
  const failed = ({ verdict }: { verdict: string }) => Number(verdict === 'fail')
  return differing
    .toSorted((one, two) => failed(two) - failed(one))
    .slice(0, MAX_SAMPLED)
    .map(({ endpoint }) => endpoint)
}

/** Comparisons that differ in more than the noise. */
function samplesOf({ endpoints }: RouteVerdict, pairs: readonly DifferingPair[]): Map<string, string[]> {
  const noise = new Map(endpoints.map(({ endpoint, noisyUnits }) => [endpoint, new Set(noisyUnits)]))
  const samples = new Map<string, string[]>()
  for (const { endpoint, id, differences, isCut } of pairs) {
    const found = samples.get(endpoint) ?? []
    const isReal = unitsOf(differences, isCut).some((key) => !noise.get(endpoint)?.has(key))
    if (isReal && found.length < SAMPLES_EACH) samples.set(endpoint, [...found, id])
  }
  return samples
}

/** A shadow that is configured and of which nothing came yet. */
function notBegun(route: Route | undefined, variant: string, nowMs: number) {
  if (route?.shadows.every(({ name }) => name !== variant) ?? true) return undefined
  const named = { route: route?.name ?? '', variant, reason: 'nothing came yet', actor: 'understudy' }
  return { ...named, generation: 0, beganAtMs: nowMs, versions: {}, frozen: {} as Frozen }
}

function declaredVersions(route: Route, variant: string): Versions {
  const shadow = route.shadows.find(({ name }) => name === variant)?.version
  const primary = route.primary.version
  return { ...(primary !== undefined && { primary }), ...(shadow !== undefined && { shadow }) }
}
