// What each route asks of its verdict, read once for each route as it is written. Unlisted routes have the defaults.
import type { Route } from '../../plugin-config/route.ts'
import { type ControlKind, controlKindOf, parsePolicy, type VerdictPolicy } from '../../plugin-config/verdict-policy.ts'
import type { LatencySettings } from '../core/verdict/latency.ts'

export type RoutePolicy = { policy: VerdictPolicy; control: ControlKind; latency: LatencySettings | undefined }

export type RoutePolicies = { of(route: string): RoutePolicy }

export function createRoutePolicies(routes: () => readonly Route[]): RoutePolicies {
  const known = new WeakMap<Route, RoutePolicy>()
  // A route that is written by hand into Traefik may have a control; what it has not, it is not judged by.
  const unlisted = policyOf({ control: 100 })
  let listed: readonly Route[] | undefined
  let byName = new Map<string, Route>()
  return {
    of(name) {
      const now = routes()
      if (now !== listed) {
        listed = now
        byName = new Map(now.map((route) => [route.name, route]))
      }
      const route = byName.get(name)
      if (route === undefined) return unlisted
      const found = known.get(route) ?? policyOf(route)
      known.set(route, found)
      return found
    },
  }
}

function policyOf(route: Pick<Route, 'control' | 'policy'>): RoutePolicy {
  const control = controlKindOf(route)
  const read = parsePolicy(route.policy ?? {}, control)
  // A route is refused with a policy that cannot be read, so this is one.
  if (!read.ok) throw new Error(`policy: ${read.problems[0]?.message}`)
  const { policy } = read
  const { ratio, tailQuantile, warmUpRequests } = policy.latency
  const peer = control === 'own' ? 'control' : 'max'
  return {
    policy,
    control,
    latency: policy.latency.judged ? { ratio, peer, tailQuantile, warmUpRequests } : undefined,
  }
}
