// Where the servers of a pair's two sides are: what the route says, or what Traefik has found.

import type { Discovered } from '../../plugin-config/discovered.ts'
import type { Route } from '../../plugin-config/route.ts'
import type { Target } from '../../plugin-config/target.ts'
import type { SideUrls } from '../api/parts.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'

/** The first server that is up; nothing where none is known. */
export function sideUrls(
  route: Pick<Route, 'primary' | 'shadows' | 'control'> | undefined,
  variant: string,
  discovered: Pick<Discovered, 'services'> | undefined,
): SideUrls {
  if (!route) return {}
  const urlOf = (target: Target | undefined): string | undefined => {
    if (!target) return undefined
    if ('url' in target) return target.url
    const service = discovered?.services.find(({ name }) => name === target.service)
    return Object.entries(service?.servers ?? {}).find(([, state]) => state !== 'DOWN')?.[0]
  }
  const primary = urlOf(route.primary)
  const controlUrl = typeof route.control === 'object' ? route.control.url : primary
  const shadow = variant === CONTROL_VARIANT ? controlUrl : urlOf(route.shadows.find(({ name }) => name === variant))
  return { ...(primary !== undefined && { primary }), ...(shadow !== undefined && { shadow }) }
}
