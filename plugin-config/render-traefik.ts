// The one renderer: routes and the routers that Traefik has → Traefik's dynamic configuration. Pure.
import { type Conflicts, findConflicts } from './overlay-conflict.ts'
import { overlayRule } from './overlay-rule.ts'
import { primaryTransport, renderLegs } from './render-legs.ts'
import { emptyHttp, type FullHttp, type RenderedFile, toFile } from './rendered-file.ts'
import { controlOf, type Route, type Shadow } from './route.ts'
import { type BaseRouter, namesOf, type RouterConfig, type TapPlace } from './traefik-config.ts'

export type RenderInput = {
  routes: readonly Route[]
  /** The routers that Traefik has without ours; undefined while unknown: then there is no overlay. */
  base: readonly BaseRouter[] | undefined
  /** `name@provider` of every service that Traefik has; undefined while unknown. A shadow that is not there is left out. */
  services?: readonly string[] | undefined
  /** `name@provider` of every Retry middleware: one before a mirroring is worth a warning. */
  retries?: readonly string[] | undefined
  tap: TapPlace
  /** By route: any text that changes when its evidence begins anew, so that its control learns anew; '' where unknown. */
  generations?: Readonly<Record<string, string>>
  /** Routes that may not lead where they say, with the reason. */
  refused?: Readonly<Record<string, string>> | undefined
  /** False: no overlay at all; routes to a URL keep their plain router, so that traffic flows. */
  overlays?: boolean
}

/** `refused`: the overlay would change an answer. `waiting`: something is not there yet. `off`: switched off. */
export type RouteState = 'applied' | 'refused' | 'waiting' | 'off'

export type RenderedRoute = {
  route: string
  state: RouteState
  /** Why it is not applied; for an applied one, what is left out or worth a warning. */
  reason?: string
  /** Names of our routers, without provider. */
  routers: string[]
}

export type Refusal = { route: string; router: string; reason: string }

export type Rendered = RenderedFile & {
  /** True when nothing was refused. */
  ok: boolean
  routes: RenderedRoute[]
  refusals: Refusal[]
}

/** Renders all routes into one file. What cannot be rendered without changing an answer is refused, by name. */
export function renderTraefik(input: RenderInput): Rendered {
  const http = emptyHttp()
  const sorted = [...input.routes].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const refused = new Map(Object.entries(input.refused ?? {}))
  const plain = sorted.filter((route) => !refused.has(route.name)).flatMap(plainRouter)
  const conflicts = findConflicts([...(input.base ?? []), ...plain])
  const context: Context = { input, http, plain, conflicts, taken: new Map(), refusals: [] }
  const routes = sorted.map((route): RenderedRoute => {
    const reason = refused.get(route.name)
    if (reason === undefined) return renderRoute(route, context)
    context.refusals.push({ route: route.name, router: namesOf(route.name).overlay(0), reason })
    return { route: route.name, state: 'refused', reason, routers: [] }
  })

  return { ok: context.refusals.length === 0, ...toFile(http), routes, refusals: context.refusals }
}

type Context = {
  input: RenderInput
  http: FullHttp
  /** The plain routers of routes to a URL: rivals of other overlays like any router. */
  plain: BaseRouter[]
  conflicts: Conflicts
  /** Base routers that have an overlay, with its route. */
  taken: Map<string, string>
  refusals: Refusal[]
}

function renderRoute(route: Route, context: Context): RenderedRoute {
  const { http } = context
  const names = namesOf(route.name)
  const plain = context.plain.find((router) => router.name === names.plain)
  const routers: string[] = []
  const hidden = plain ? context.conflicts.hiddenApi(plain) : undefined
  if (hidden !== undefined) {
    const reason = `it would hide router ${hidden}, which leads to Traefik's own API`
    context.refusals.push({ route: route.name, router: names.plain, reason })
    return { route: route.name, state: 'refused', reason, routers }
  }
  if (plain && 'url' in route.primary) {
    http.routers[names.plain] = copied(plain, { rule: plain.rule, priority: plain.priority, service: names.primary })
    http.services[names.primary] = {
      loadBalancer: { serversTransport: names.transport('primary'), servers: [{ url: route.primary.url }] },
    }
    http.serversTransports[names.transport('primary')] = primaryTransport()
    routers.push(names.plain)
  }
  const done = (state: RouteState, reason?: string): RenderedRoute =>
    reason === undefined ? { route: route.name, state, routers } : { route: route.name, state, reason, routers }

  if (context.input.overlays === false) return done('off', 'every overlay is switched off')
  if (!route.enabled) return done('off', 'the route is not enabled')
  if (context.input.base === undefined) return done('waiting', "Traefik's routers are not known yet")
  const shadows = reachableShadows(route, context.input.services)
  if (shadows.length === 0) return done('waiting', `Traefik has no service ${missingShadows(route, shadows)}`)
  const bases = plain ? [plain] : basesOf(route, context.input.base)
  if (bases.length === 0 && 'service' in route.primary) {
    return done('waiting', `no enabled router leads to ${route.primary.service}`)
  }

  const reasons: string[] = []
  const primary = 'url' in route.primary ? names.primary : route.primary.service
  const generation = context.input.generations?.[route.name] ?? ''
  const missingControl = unreachableControl(route, context.input.services)
  const hasControl = controlOf(route).percent > 0 && missingControl === undefined
  const legs = renderLegs({ route, primary, shadows, hasControl, generation, place: context.input.tap })
  let overlays = 0
  for (const base of bases) {
    const router = copied(base, {
      rule: overlayRule(base, route),
      priority: base.priority + 1,
      service: legs.entry,
    })
    const reason = whyNot(route, base, router, context)
    if (reason !== undefined) {
      context.refusals.push({ route: route.name, router: base.name, reason })
      reasons.push(reason)
      continue
    }
    const retry = base.middlewares.find((name) => context.input.retries?.includes(name))
    if (retry !== undefined)
      reasons.push(`router ${base.name} uses Retry (${retry}), which can corrupt mirrored bodies`)
    context.taken.set(base.name, route.name)
    const name = names.overlay(overlays)
    const added = legs.lane === undefined ? { [name]: router } : byUser(route, name, router, legs.lane, primary)
    Object.assign(http.routers, added)
    routers.push(...Object.keys(added))
    overlays += 1
  }
  if (overlays === 0) return done('refused', reasons.join('; '))
  Object.assign(http.services, legs.services)
  Object.assign(http.middlewares, legs.middlewares)
  Object.assign(http.serversTransports, legs.serversTransports)
  const missing = missingShadows(route, shadows)
  if (missing !== '') reasons.push(`Traefik has no service ${missing}`)
  if (missingControl !== undefined) reasons.push(`no control traffic: Traefik has no service ${missingControl}`)
  return done('applied', reasons.length > 0 ? reasons.join('; ') : undefined)
}

function whyNot(route: Route, base: BaseRouter, router: RouterConfig, context: Context): string | undefined {
  if (base.notCopyable !== undefined) return `router ${base.name} ${base.notCopyable}`
  if (route.methods.length + route.operations.length + route.graphql.length === 0)
    return 'neither methods nor operations may be mirrored'
  const holder = context.taken.get(base.name)
  if (holder !== undefined) return `router ${base.name} already has the overlay of route ${holder}`
  if (base.ruleSyntax !== undefined && !['v2', 'v3'].includes(base.ruleSyntax)) {
    return `router ${base.name} has the unknown rule syntax ${base.ruleSyntax}`
  }
  if (base.ruleSyntax === 'v2' && 'service' in route.primary && route.rule !== undefined) {
    return `router ${base.name} has rule syntax v2, which a route's rule cannot narrow`
  }
  if (JSON.stringify(router).includes('{{')) {
    return `router ${base.name} holds {{, which Traefik's file provider would read as a template`
  }
  const served = 'url' in route.primary ? internalEntryPoint(base, context.input.base ?? []) : undefined
  if (served !== undefined) return `entry point ${served} serves Traefik's own API`
  return context.conflicts.ofOverlay(base)
}

/**
 * An overlay whose share goes by user: the lane, behind the router's own middlewares, marks who is sampled, and routers
 * below follow the mark. Weights could not: they count requests. Where the mirrored branch is broken, `rest` answers.
 */
function byUser(route: Route, name: string, router: RouterConfig, lane: string, primary: string) {
  const names = namesOf(route.name)
  const { service, ...parent } = router
  return {
    [name]: { ...parent, middlewares: [...(router.middlewares ?? []), lane] },
    [names.sampled(name)]: { rule: 'Header(`X-Understudy-Lane`, `1`)', priority: 2, service, parentRefs: [name] },
    // Everything, `OPTIONS *` too, whose path no prefix matches.
    [names.rest(name)]: { rule: 'PathRegexp(`.*`)', priority: 1, service: primary, parentRefs: [name] },
  } as Record<string, RouterConfig>
}

/** A router's configuration with exactly three fields changed. */
type Changed = { rule: string; priority: number; service: string }
function copied(base: BaseRouter, changed: Changed): RouterConfig {
  return {
    rule: changed.rule,
    ...(base.ruleSyntax === undefined ? {} : { ruleSyntax: base.ruleSyntax }),
    priority: changed.priority,
    ...(base.entryPoints.length === 0 ? {} : { entryPoints: base.entryPoints }),
    ...(base.middlewares.length === 0 ? {} : { middlewares: base.middlewares }),
    service: changed.service,
    ...(base.tls === undefined ? {} : { tls: base.tls }),
    ...(base.observability === undefined ? {} : { observability: base.observability }),
  }
}

function plainRouter(route: Route): BaseRouter[] {
  if (!('url' in route.primary) || route.rule === undefined) return []
  return [
    {
      name: namesOf(route.name).plain,
      rule: route.rule,
      // Traefik's own default: the length of the rule, in bytes.
      priority: route.priority ?? Buffer.byteLength(route.rule),
      entryPoints: route.entryPoints,
      service: namesOf(route.name).primary,
      status: 'enabled',
      middlewares: [],
    },
  ]
}

function basesOf(route: Route, base: readonly BaseRouter[]): BaseRouter[] {
  if (!('service' in route.primary)) return []
  const { service } = route.primary
  const leading = base.filter((router) => router.service === service && router.status !== 'disabled')
  return leading.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function reachableShadows(route: Route, services: readonly string[] | undefined): Shadow[] {
  return route.shadows.filter(
    (shadow) => 'url' in shadow || services === undefined || services.includes(shadow.service),
  )
}

function missingShadows(route: Route, reachable: readonly Shadow[]): string {
  const missing = route.shadows.filter((shadow) => !reachable.includes(shadow))
  return missing.map((shadow) => ('service' in shadow ? shadow.service : shadow.url)).join(', ')
}

function unreachableControl(route: Route, services: readonly string[] | undefined): string | undefined {
  const { target } = controlOf(route)
  if (!target || !('service' in target) || services === undefined) return undefined
  return services.includes(target.service) ? undefined : target.service
}

function internalEntryPoint(base: BaseRouter, others: readonly BaseRouter[]): string | undefined {
  const internal = others.filter((router) => /^(api|dashboard)@internal$/.test(router.name))
  return base.entryPoints.find((name) => internal.some((router) => router.entryPoints.includes(name)))
}
