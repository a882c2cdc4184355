// Whether an overlay can stand above a router without taking a request from any other. If in doubt, it is refused.
import { type Clause, clausesOf, mayMeet } from './rule-overlap.ts'
import type { BaseRouter } from './traefik-config.ts'

/** Beyond it JavaScript cannot add one; Traefik's own routers live up there. */
const MAX_PRIORITY = Number.MAX_SAFE_INTEGER - 1

export type Conflicts = {
  /** Why no overlay may stand above this router, or undefined. */
  ofOverlay: (base: BaseRouter) => string | undefined
  /** The router to Traefik's own API that this one, or an overlay above it, would hide; undefined when there is none. */
  hiddenApi: (plain: BaseRouter) => string | undefined
}

/** `routers` are all there are, ours included; made once, because every base is compared with its neighbours. */
export function findConflicts(routers: readonly BaseRouter[]): Conflicts {
  const byPriority = Map.groupBy(routers, (router) => router.priority)
  const known = new Map<BaseRouter, Clause[]>()
  const clauses = (router: BaseRouter): Clause[] => {
    let found = known.get(router)
    if (!found) {
      found = clausesOf(router)
      known.set(router, found)
    }
    return found
  }

  const meet = (a: BaseRouter, b: BaseRouter) => shareEntryPoint(a, b) && mayMeet(clauses(a), clauses(b))
  const toApi = routers.filter(({ service }) => /^(api|dashboard)@internal$/.test(service))

  const ofOverlay = (base: BaseRouter) => {
    if (base.priority > MAX_PRIORITY) return `the priority of router ${base.name} leaves no room above it`
    // Traefik reads priority 0 as "not set".
    if (base.priority < 0) return `the priority ${base.priority} of router ${base.name} is negative`
    // At p + 1 an overlay would tie with, or take requests from, a router in (p, p + 1]. One at p itself ties with the
    // base router today; Traefik's choice between the two must not change either.
    const isRival = (other: BaseRouter) => other !== base && meet(base, other)
    const rival = byPriority.get(base.priority)?.find(isRival) ?? byPriority.get(base.priority + 1)?.find(isRival)
    if (!rival) return undefined
    return `router ${rival.name} (priority ${rival.priority}) may match the same requests as ${base.name} (priority ${base.priority}): set priorities that are at least 2 apart`
  }

  return {
    ofOverlay,
    hiddenApi: (plain) => toApi.find((router) => router.priority <= plain.priority + 1 && meet(plain, router))?.name,
  }
}

function shareEntryPoint(a: BaseRouter, b: BaseRouter): boolean {
  if (a.entryPoints.length === 0 || b.entryPoints.length === 0) return true
  return a.entryPoints.some((name) => b.entryPoints.includes(name))
}
