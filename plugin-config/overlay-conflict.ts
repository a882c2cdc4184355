// Whether an overlay can stand above a router without taking a request from any other. If in doubt, it is refused.
import { mayBothMatch } from './rule-overlap.ts'
import type { BaseRouter } from './traefik-config.ts'

type Placed = Pick<BaseRouter, 'name' | 'rule' | 'priority' | 'entryPoints'> & { ruleSyntax?: string | undefined }

/** Beyond it JavaScript cannot add one; Traefik's own routers live up there. */
const MAX_PRIORITY = Number.MAX_SAFE_INTEGER - 1

/** Why no overlay may stand above `base`, or undefined. `others` are all other routers, ours included. */
export function overlayConflict(base: Placed, others: readonly Placed[]): string | undefined {
  if (base.priority > MAX_PRIORITY) return `the priority of router ${base.name} leaves no room above it`
  // Traefik reads priority 0 as "not set".
  if (base.priority < 0) return `the priority ${base.priority} of router ${base.name} is negative`
  const rival = others.find((other) => other.name !== base.name && isRival(base, other))
  if (!rival) return undefined
  return `router ${rival.name} (priority ${rival.priority}) may match the same requests as ${base.name} (priority ${base.priority}): set priorities that are at least 2 apart`
}

/**
 * At p + 1 an overlay would tie with, or take requests from, a router in (p, p + 1]. One at p itself ties with the base
 * router today; Traefik's choice between the two must not change either.
 */
function isRival(base: Placed, other: Placed): boolean {
  if (other.priority < base.priority || other.priority > base.priority + 1) return false
  const sharesEntryPoint =
    base.entryPoints.length === 0 ||
    other.entryPoints.length === 0 ||
    base.entryPoints.some((name) => other.entryPoints.includes(name))
  return sharesEntryPoint && mayBothMatch(base, other)
}
