// What became of a route in Traefik: what the renderer said of it, and what Traefik made of that. Pure.
import type { Rendered, RouteState } from '../../plugin-config/render-traefik.ts'
import { isRenderedRouter } from '../../plugin-config/traefik-config.ts'
import type { Confirmation, RouterProblem } from './traffic-port.ts'

export type RouteStatus = {
  route: string
  state: RouteState
  /** Why it is not applied, or applied only in part; null when there is nothing to say. */
  reason: string | null
  /** RFC 3339: when Traefik's API last confirmed it. */
  confirmedAt: string | null
  /** The route's version that this is about; null where versions are not known. */
  version: number | null
}

/** `at` is now; `unreachable`: why Traefik could not be asked. */
export function statusOf(
  route: Rendered['routes'][number],
  confirmation: Confirmation | undefined,
  known: Pick<RouteStatus, 'version' | 'confirmedAt'>,
  at: string,
  unreachable: string | undefined,
): RouteStatus {
  const base = { route: route.route, reason: route.reason ?? null, ...known }
  if (confirmation === undefined || (!confirmation.confirmed && !confirmation.loaded)) {
    const reason = unreachable ?? (confirmation && !confirmation.confirmed ? confirmation.reason : undefined)
    const state = route.state === 'applied' ? 'waiting' : route.state
    return { ...base, state, reason: reason ?? base.reason }
  }
  const problems = confirmation.confirmed ? [] : problemsOf(route.routers, confirmation.problems)
  const isDone = route.state === 'applied' || route.state === 'off'
  if (problems.length === 0) return { ...base, state: route.state, confirmedAt: isDone ? at : known.confirmedAt }
  return {
    ...base,
    state: route.state === 'applied' ? 'waiting' : route.state,
    reason: `Traefik: ${problems.join('; ')}`,
  }
}

/** Traefik may show a router once for each entry point, as `<entry point>-<name>@file`. */
function problemsOf(routers: readonly string[], problems: readonly RouterProblem[]): string[] {
  const ours = problems.filter(({ router }) => {
    const name = router.slice(0, router.lastIndexOf('@'))
    return isRenderedRouter(router) && routers.some((each) => name === each || name.endsWith(`-${each}`))
  })
  return [...new Set(ours.flatMap(({ errors }) => errors))]
}
