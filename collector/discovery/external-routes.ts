// Taps that somebody attached by hand in Traefik's own configuration, as routes: found by the middlewares of our plugin
// that we did not render, and the services that they sit on.

import type { ExternalRoute } from '../../plugin-config/discovered.ts'
import { isRecord } from '../../plugin-config/is-record.ts'
import { nameList } from './api-values.ts'

const MAX_EXTERNAL = 500
const NAME = /^[a-z0-9-]{1,63}$/

type Tap = { middleware: string; route: string; side: string; variant: string; keepPpm: number }

/** `services` and `middlewares` as Traefik's API shows them. A name that no route could have is left out. */
export function externalRoutes(services: readonly unknown[], middlewares: readonly unknown[]): ExternalRoute[] {
  const taps = middlewares.flatMap(tapOf)
  const routes = new Map<string, ExternalRoute>()
  for (const tap of taps) {
    if (tap.side !== 'primary' || routes.size >= MAX_EXTERNAL) continue
    const mirroring = services.find((service) => carries(service, tap.middleware))
    const config = isRecord(mirroring) && isRecord(mirroring.mirroring) ? mirroring.mirroring : undefined
    const provider = tap.middleware.slice(tap.middleware.lastIndexOf('@') + 1)
    const qualified = (name: unknown) => (String(name).includes('@') ? String(name) : `${String(name)}@${provider}`)
    const shadows = taps.filter(({ route, side }) => route === tap.route && side === 'shadow')
    routes.set(tap.route, {
      name: tap.route,
      primary: { service: config ? qualified(config.service) : '' },
      shadows: shadows.map(({ middleware, variant }) => ({
        name: variant,
        service: qualified(behind(services, middleware) ?? ''),
      })),
      share: tap.keepPpm / 10_000,
      reason: config ? null : `no mirroring service uses the tap ${tap.middleware}`,
    })
  }
  return [...routes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function tapOf(shown: unknown): Tap[] {
  if (!isRecord(shown) || typeof shown.name !== 'string' || shown.name.startsWith('understudy-')) return []
  const plugin = isRecord(shown.plugin) ? shown.plugin.understudy : undefined
  if (!isRecord(plugin)) return []
  const { route, side, variant, keepPpm } = plugin
  if (typeof route !== 'string' || !NAME.test(route)) return []
  const kept = Number(keepPpm ?? 1_000_000)
  return [
    {
      middleware: shown.name,
      route,
      side: String(side),
      variant: NAME.test(String(variant ?? '')) ? String(variant) : 'shadow',
      keepPpm: Number.isFinite(kept) ? Math.min(1_000_000, Math.max(0, kept)) : 1_000_000,
    },
  ]
}

/** Of a one-entry `weighted` that carries the tap: the service in it. */
function behind(services: readonly unknown[], middleware: string): unknown {
  const service = services.find((each) => carries(each, middleware))
  if (!isRecord(service)) return undefined
  const inner =
    isRecord(service.weighted) && Array.isArray(service.weighted.services) ? service.weighted.services[0] : undefined
  return isRecord(inner) ? inner.name : service.name
}

function carries(service: unknown, middleware: string): boolean {
  if (!isRecord(service)) return false
  const provider = String(service.name).slice(String(service.name).lastIndexOf('@') + 1)
  return nameList(service.middlewares).some(
    (name) => (name.includes('@') ? name : `${name}@${provider}`) === middleware,
  )
}
