// What a change of routes changes in Traefik: the rendered configuration of single routes, before and after, and their
// unified diff. Pure: nothing is written.
import { createTwoFilesPatch } from 'diff'
import { stringify } from 'yaml'
import { type Rendered, type RenderInput, renderTraefik } from './render-traefik.ts'
import type { Route } from './route.ts'

/** `before` and `after` as YAML; null where the route renders to nothing. `diff` is empty when nothing changes; `note` tells
 * why the route would not, or only in part, be applied. */
export type RoutePreview = { before: string | null; after: string | null; diff: string; note: string | undefined }

export type Change = { before: readonly Route[]; after: readonly Route[]; input: Omit<RenderInput, 'routes'> }

/** Renders all routes before and after once, and gives the part of each of `names`. */
export function previewRoutes(names: readonly string[], change: Change): Map<string, RoutePreview> {
  const [before, after] = [change.before, change.after].map((routes) => renderTraefik({ ...change.input, routes })) as [
    Rendered,
    Rendered,
  ]
  return new Map(
    names.map((name) => {
      const [was, is] = [routeYaml(before, name), routeYaml(after, name)]
      const { state, reason } = after.routes.find((each) => each.route === name) ?? { state: 'off' }
      const note = reason === undefined ? undefined : `${state}: ${reason}`
      return [name, { before: was, after: is, diff: unifiedDiff(name, was, is), note }]
    }),
  )
}

/** The part of a rendered configuration that is there for one route; null where there is none. */
function routeYaml({ config, routes }: Rendered, name: string): string | null {
  const rendered = routes.find((each) => each.route === name)
  if (!rendered || rendered.routers.length === 0) return null
  const { http } = config
  const kept = { routers: new Set(rendered.routers), services: new Set<string>(), middlewares: new Set<string>() }
  const transports = new Set<string>()
  const follow = (service: string) => {
    const found = http.services?.[service]
    if (!found || kept.services.has(service)) return
    kept.services.add(service)
    if ('middlewares' in found) for (const middleware of found.middlewares ?? []) kept.middlewares.add(middleware)
    if ('loadBalancer' in found && found.loadBalancer.serversTransport)
      transports.add(found.loadBalancer.serversTransport)
    if ('weighted' in found) for (const child of found.weighted.services) follow(child.name)
    if ('mirroring' in found)
      for (const child of [found.mirroring.service, ...found.mirroring.mirrors.map(nameOf)]) follow(child)
  }
  for (const router of kept.routers) {
    const { service = '', middlewares = [] } = http.routers?.[router] ?? {}
    follow(service)
    for (const middleware of middlewares) kept.middlewares.add(middleware)
  }
  const part = {
    routers: only(http.routers, kept.routers),
    services: only(http.services, kept.services),
    middlewares: only(http.middlewares, kept.middlewares),
    serversTransports: only(http.serversTransports, transports),
  }
  const filled = Object.entries(part).filter(([, objects]) => Object.keys(objects).length > 0)
  return stringify({ http: Object.fromEntries(filled) }, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** Empty for equal texts. */
export function unifiedDiff(name: string, before: string | null, after: string | null): string {
  if (before === after) return ''
  const [from, to] = [before === null ? '/dev/null' : `a/${name}`, after === null ? '/dev/null' : `b/${name}`]
  const patch = createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, { context: 3 })
  return patch.replace(/^=+\n/, '')
}

const nameOf = ({ name }: { name: string }) => name

function only<T>(objects: Record<string, T> | undefined, names: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(objects ?? {}).filter(([name]) => names.has(name)))
}
