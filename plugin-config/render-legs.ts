// What stands behind an overlay: the share, the mirroring with its taps, and each shadow's leg.
import { controlPercent, mirrorsWrites, type Route, type Shadow } from './route.ts'
import { planShare } from './share.ts'
import type { Target } from './target.ts'
import {
  type MiddlewareConfig,
  namesOf,
  type ServiceConfig,
  type TapConfig,
  type TapPlace,
  type TransportConfig,
} from './traefik-config.ts'

export type Legs = {
  /** The service that the overlay leads to. */
  entry: string
  services: Record<string, ServiceConfig>
  middlewares: Record<string, MiddlewareConfig>
  serversTransports: Record<string, TransportConfig>
}

/** `primary` is the name of the service that answers; `shadows` those of the route's that Traefik can reach. */
export function renderLegs(route: Route, primary: string, shadows: readonly Shadow[], place: TapPlace): Legs {
  const names = namesOf(route.name)
  const share = planShare(route.share)
  const control = renderedControl(route)
  const legs: Legs = { entry: names.mirrored, services: {}, middlewares: {}, serversTransports: {} }

  if (share.weights) {
    const { mirrored, plain } = share.weights
    legs.entry = names.share
    legs.services[names.share] = {
      weighted: {
        services: [
          { name: names.mirrored, weight: mirrored },
          { name: primary, weight: plain },
        ],
      },
    }
  }
  const variants = [...shadows.map((shadow) => shadow.name), ...(control > 0 ? ['control'] : [])]
  legs.services[names.mirrored] = {
    mirroring: {
      service: primary,
      maxBodySize: route.maxBodySize,
      mirrors: variants.map((variant) => ({ name: names.leg(variant), percent: 100 })),
    },
    middlewares: [names.primaryTap],
  }
  legs.middlewares[names.primaryTap] = tap({
    ...tapDefaults(route, place),
    side: 'primary',
    variant: '',
    expects: shadows.map((shadow) => shadow.name),
    keepPpm: share.keepPpm,
    controlPpm: Math.round(control * 10_000),
    exposeId: route.exposeId,
    shadowTarget: shadows.map(describe).join(','),
  })
  for (const shadow of shadows) addLeg(legs, route, place, { side: 'shadow', variant: shadow.name, target: shadow })
  if (control > 0) {
    const target = typeof route.control === 'number' ? { service: primary } : { url: route.control.url }
    addLeg(legs, route, place, { side: 'control', variant: 'control', target })
  }
  return legs
}

/** Percent of control traffic; none where it could repeat a write on the primary, because the tap draws among all requests. */
export function renderedControl(route: Route): number {
  return mirrorsWrites(route) ? 0 : controlPercent(route)
}

type Leg = { side: 'shadow' | 'control'; variant: string; target: Target }

function addLeg(legs: Legs, route: Route, place: TapPlace, { side, variant, target }: Leg): void {
  const names = namesOf(route.name)
  const service = 'url' in target ? names.server(variant) : target.service
  legs.services[names.leg(variant)] = {
    weighted: { services: [{ name: service, weight: 1 }] },
    middlewares: [names.tap(variant)],
  }
  legs.middlewares[names.tap(variant)] = tap({
    ...tapDefaults(route, place),
    side,
    variant,
    shadowTarget: describe(target),
    guardRate: route.protect.rate,
    guardBurst: route.protect.burst,
    guardInFlight: route.protect.inFlight,
  })
  if ('url' in target) {
    legs.services[service] = {
      loadBalancer: { serversTransport: names.transport('shadows'), servers: [{ url: target.url }] },
    }
    legs.serversTransports[names.transport('shadows')] = {
      maxIdleConnsPerHost: MAX_IDLE_CONNECTIONS,
      forwardingTimeouts: {
        dialTimeout: '1s',
        responseHeaderTimeout: `${route.protect.timeoutMs}ms`,
        idleConnTimeout: IDLE_CONNECTION_TIMEOUT,
      },
    }
  }
}

/** A transport of one's own starts from 2, a service without one from 200. */
const MAX_IDLE_CONNECTIONS = 200

/** Shorter than a server's own (Node: 5 s), or a request may meet a connection that is just being closed. */
const IDLE_CONNECTION_TIMEOUT = '4s'

/** The primary of a route to a URL: Traefik's defaults, but for connections that the server closes first. */
export function primaryTransport(): TransportConfig {
  return {
    maxIdleConnsPerHost: MAX_IDLE_CONNECTIONS,
    forwardingTimeouts: { idleConnTimeout: IDLE_CONNECTION_TIMEOUT },
  }
}

function tap(config: TapConfig): MiddlewareConfig {
  return { plugin: { understudy: config } }
}

function tapDefaults(route: Route, place: TapPlace): TapConfig {
  return {
    route: route.name,
    side: 'shadow',
    variant: '',
    expects: [],
    keepPpm: 1_000_000,
    controlPpm: 0,
    exposeId: false,
    shadowTarget: '',
    ingestUrl: place.ingestUrl,
    tokenFile: place.tokenFile,
    hmacKeyFile: place.hmacKeyFile,
    captureBytes: route.captureBytes,
    guardRate: 0,
    guardBurst: 0,
    guardInFlight: 0,
    timeoutMs: route.protect.timeoutMs,
    redactHeaders: route.redact.headers,
    redactQuery: route.redact.query,
  }
}

function describe(target: Target): string {
  return 'url' in target ? target.url : target.service
}
