// What the API shows of a route's overlay: what was last confirmed, as long as that is about the route as it is now.
import type { OverlayState } from '../api/parts.ts'
import type { RouteEntry } from '../store/route-store.ts'

type Told = OverlayState & { version: number | null }

const PENDING: OverlayState = { state: 'pending', reason: 'Traefik has not confirmed it yet' }

/** `told`: what the process that controls Traefik said last; undefined where it has not looked at the route yet. */
export function overlayState(
  name: string,
  entries: readonly Pick<RouteEntry, 'route' | 'version'>[],
  told: Told | undefined,
): OverlayState {
  if (!told) return PENDING
  const version = entries.find(({ route }) => route.name === name)?.version
  if (version !== undefined && told.version !== null && told.version < version) return PENDING
  return { state: told.state, reason: told.reason }
}
