// What was found in Traefik: its routers (without ours), services, middlewares and entry points.
import type { BaseRouter } from './traefik-config.ts'

export type DiscoveredService = {
  /** `name@provider`. */
  name: string
  type: string
  status: 'enabled' | 'warning' | 'disabled'
  /** URLs of its servers with what Traefik says of them (`UP`, `DOWN`). */
  servers: Record<string, string>
}

export type DiscoveredEntryPoint = {
  name: string
  address: string
  isDefault: boolean
  /** Middlewares that every router on it gets before its own. */
  middlewares: string[]
}

export type Discovered = {
  version: string
  routers: BaseRouter[]
  services: DiscoveredService[]
  /** `type` in lower case, such as `retry`. A middleware's settings may hold secrets and are not kept. */
  middlewares: { name: string; type: string }[]
  entryPoints: DiscoveredEntryPoint[]
  /** Taps that were attached by hand; left out where there are none. */
  external?: ExternalRoute[]
  /** What Traefik made of our own file, as of the same moment. */
  rendered?: RenderedState
}

/** A route that is written in Traefik's own configuration. `share` in percent; `reason`: what is missing, or null. */
export type ExternalRoute = {
  name: string
  primary: { service: string }
  shadows: { name: string; service: string }[]
  share: number
  reason: string | null
}

/** What Traefik made of our own file. */
export type RenderedState = {
  /** The revision that is loaded; undefined when none of ours is. */
  revision: string | undefined
  routers: { name: string; status: string; errors: string[] }[]
}

/** Routers and services that are in `after` and were not in `before`, by name; everything where there is no `before`. */
export function newlyDiscovered(
  before: Discovered | undefined,
  after: Discovered,
): { routers: string[]; services: string[] } {
  const isNew = (known: { name: string }[] | undefined) => {
    const names = new Set(known?.map((each) => each.name))
    return (each: { name: string }) => !names.has(each.name)
  }
  const external = (each: { name: string }) => !each.name.endsWith('@internal')
  return {
    routers: after.routers
      .filter(external)
      .filter(isNew(before?.routers))
      .map((each) => each.name),
    services: after.services
      .filter(external)
      .filter(isNew(before?.services))
      .map((each) => each.name),
  }
}
