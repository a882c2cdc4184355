// The part of Traefik's dynamic configuration that is rendered, and the routers that it is rendered from.

/** A router as Traefik's API tells it, cleared of what its entry point adds by itself. */
export type BaseRouter = {
  /** `name@provider`. */
  name: string
  rule: string
  /** Left out where it is Traefik's default (v3). */
  ruleSyntax?: string
  /** The effective one: of a router without a priority, its rule's length. */
  priority: number
  /** The entry points that it serves. */
  entryPoints: string[]
  /** `name@provider`; empty for a router that only leads to others. */
  service: string
  status: 'enabled' | 'warning' | 'disabled'
  /** Traefik's own words about what is wrong with it. */
  errors?: string[]
  /** `name@provider`, in order. */
  middlewares: string[]
  tls?: Record<string, unknown>
  observability?: Record<string, unknown>
  /** Why it cannot be copied faithfully, where it cannot. */
  notCopyable?: string
}

export type RouterConfig = {
  rule: string
  ruleSyntax?: string
  priority?: number
  entryPoints?: string[]
  middlewares?: string[]
  /** Left out for a router that leads to others. */
  service?: string
  parentRefs?: string[]
  tls?: Record<string, unknown>
  observability?: Record<string, unknown>
}

export type ServiceConfig =
  | { loadBalancer: { serversTransport?: string; passHostHeader?: boolean; servers: { url: string }[] } }
  | { weighted: { services: { name: string; weight: number }[] }; middlewares?: string[] }
  | {
      mirroring: { service: string; maxBodySize: number; mirrors: { name: string; percent: number }[] }
      middlewares: string[]
    }

export type MiddlewareConfig =
  | { plugin: { understudy: TapConfig } }
  | { headers: { customResponseHeaders: Record<string, string> } }
  | { headers: { customRequestHeaders: Record<string, string> } }

export type TransportConfig = {
  maxIdleConnsPerHost: number
  forwardingTimeouts: { dialTimeout?: string; responseHeaderTimeout?: string; idleConnTimeout: string }
}

/** The tap's settings, in the tap's own spelling. */
export type TapConfig = {
  route: string
  side: 'primary' | 'shadow' | 'control' | 'lane'
  variant: string
  expects: string[]
  keepPpm: number
  controlPpm: number
  /** Where there is a control: see `ControlBounds`; the learning begins again when the generation changes. */
  controlLearn?: number
  controlRate?: number
  generation?: string
  stickyHeader?: string
  stickyCookie?: string
  graphqlBytes?: number
  exposeId: boolean
  shadowTarget: string
  ingestUrl: string
  tokenFile: string
  hmacKeyFile: string
  captureBytes: number
  guardRate: number
  guardBurst: number
  guardInFlight: number
  breakAtPercent?: number
  pauseMs?: number
  credentialsFile?: string
  timeoutMs: number
  redactHeaders: string[]
  redactQuery: string[]
}

export type TraefikConfig = {
  http: {
    routers?: Record<string, RouterConfig>
    services?: Record<string, ServiceConfig>
    middlewares: Record<string, MiddlewareConfig>
    serversTransports?: Record<string, TransportConfig>
  }
}

/** Where the tap delivers and finds its secrets: by path, because Traefik's API shows a plugin's configuration. */
export type TapPlace = { ingestUrl: string; tokenFile: string; hmacKeyFile: string }

/** Names of what is rendered for a route. A dot, which no route's or shadow's name holds, keeps them apart. */
export function namesOf(route: string) {
  const prefix = `understudy-${route}`
  return {
    overlay: (index: number) => (index === 0 ? `${prefix}-overlay` : `${prefix}-overlay.${index + 1}`),
    /** Below an overlay whose share goes by user. */
    sampled: (overlay: string) => `${overlay}.sampled`,
    rest: (overlay: string) => `${overlay}.rest`,
    lane: `${prefix}-lane`,
    plain: `${prefix}-plain`,
    share: `${prefix}-share`,
    mirrored: `${prefix}-mirrored`,
    primary: `${prefix}-primary`,
    leg: (variant: string) => `${prefix}-leg.${variant}`,
    server: (variant: string) => `${prefix}-server.${variant}`,
    primaryTap: `${prefix}-tap`,
    tap: (variant: string) => `${prefix}-tap.${variant}`,
    headers: (variant: string) => `${prefix}-headers.${variant}`,
    /** Time-outs of shadows, and of a primary that is a URL. */
    transport: (of: 'shadows' | 'primary') => `${prefix}-${of}`,
  }
}

/** True for a router that was rendered here, also in the name that Traefik gives it for one of its entry points. */
export function isRenderedRouter(name: string): boolean {
  return /(^|-)understudy-[a-z0-9-]+-(overlay(\.\d+)?(\.(sampled|rest))?|plain)@(file|http)$/.test(name)
}
