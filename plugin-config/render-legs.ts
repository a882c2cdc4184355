// What stands behind an overlay: the share, the mirroring with its taps, and each shadow's leg.
import { controlOf, type Route, type Shadow } from './route.ts'
import { legHeaders, type ShadowHeaders } from './shadow-headers.ts'
import { planShare, sharePpm } from './share.ts'
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
  /** The service that the overlay leads to, or where there is a lane, those of its requests that are sampled. */
  entry: string
  /** The middleware that decides by user which requests are sampled. */
  lane?: string
  services: Record<string, ServiceConfig>
  middlewares: Record<string, MiddlewareConfig>
  serversTransports: Record<string, TransportConfig>
}

export type LegsInput = {
  route: Route
  /** Name of the service that answers. */
  primary: string
  /** Those of the route's that Traefik can reach; the same for the control. */
  shadows: readonly Shadow[]
  hasControl: boolean
  generation: string
  place: TapPlace
}

export function renderLegs({ route, primary, shadows, hasControl, generation, place }: LegsInput): Legs {
  const names = namesOf(route.name)
  const sticky = route.share < 100 ? stickyKey(route) : undefined
  const share = planShare(sticky ? 100 : route.share)
  const control = controlOf(route)
  const legs: Legs = { entry: names.mirrored, services: {}, middlewares: {}, serversTransports: {} }

  if (sticky) {
    legs.lane = names.lane
    legs.middlewares[names.lane] = tap({
      ...{ ...tapDefaults(route, place), side: 'lane', keepPpm: sharePpm(route.share), ...sticky },
    })
  }
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
  const variants = [...shadows.map((shadow) => shadow.name), ...(hasControl ? ['control'] : [])]
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
    controlPpm: hasControl ? Math.ceil(control.percent * 10_000) : 0,
    ...(hasControl && {
      controlLearn: control.learn,
      controlRate: control.rate,
      generation: [generation, describe(route.primary), ...route.shadows.map(describe)].join(' '),
    }),
    ...sticky,
    ...(route.graphql.length > 0 && { graphqlBytes: route.maxBodySize }),
    exposeId: route.exposeId,
    shadowTarget: shadows.map(describe).join(','),
  })
  for (const shadow of shadows) addLeg(legs, route, place, { side: 'shadow', variant: shadow.name, target: shadow })
  if (hasControl) {
    const target = control.target ?? { service: primary }
    addLeg(legs, route, place, { side: 'control', variant: 'control', target })
  }
  return legs
}

function stickyKey({ stickyBy }: Route): Pick<TapConfig, 'stickyHeader' | 'stickyCookie'> | undefined {
  if (stickyBy === undefined) return undefined
  return 'header' in stickyBy ? { stickyHeader: stickyBy.header } : { stickyCookie: stickyBy.cookie }
}

type Leg = { side: 'shadow' | 'control'; variant: string; target: Target & ShadowHeaders }

function addLeg(legs: Legs, route: Route, place: TapPlace, { side, variant, target }: Leg): void {
  const names = namesOf(route.name)
  const service = 'url' in target ? names.server(variant) : target.service
  const headers = legHeaders(target, route.redact.headers)
  legs.services[names.leg(variant)] = {
    weighted: { services: [{ name: service, weight: 1 }] },
    middlewares: [names.tap(variant), ...(headers ? [names.headers(variant)] : [])],
  }
  if (headers) legs.middlewares[names.headers(variant)] = { headers: { customRequestHeaders: headers } }
  legs.middlewares[names.tap(variant)] = tap({
    ...tapDefaults(route, place),
    side,
    variant,
    shadowTarget: describe(target),
    // The control's rate is bounded where its requests are drawn: nothing is expected then that does not come.
    guardRate: side === 'control' ? 0 : route.protect.rate,
    guardBurst: route.protect.burst,
    guardInFlight: route.protect.inFlight,
    ...(route.protect.breakAtPercent > 0 && {
      breakAtPercent: route.protect.breakAtPercent,
      pauseMs: route.protect.pauseMs,
    }),
    ...(typeof target.credentials === 'object' && { credentialsFile: target.credentials.file }),
  })
  if ('url' in target) {
    legs.services[service] = {
      loadBalancer: {
        serversTransport: names.transport('shadows'),
        ...(target.host === 'target' && { passHostHeader: false }),
        servers: [{ url: target.url }],
      },
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
