// Traefik's API as doctor reads it: whole lists, bounded, with whatever is not as expected left out.
import type { ShownRouter } from '../../plugin-config/explain-request.ts'
import type { Session } from './session.ts'

export type ShownMiddleware = { name: string; type: string; status: string; errors: string[]; isTap: boolean }
export type ShownService = {
  name: string
  status: string
  /** Of a mirroring service: Traefik's default is -1, no limit. */
  mirroring: { maxBodySize: number } | null
}
export type TraefikView = {
  version: string
  /** As its own `Date` header says; null where there was none. */
  clockMs: number | null
  providers: string[]
  entryPoints: { name: string; address: string; port: number; isDefault: boolean }[]
  routers: (ShownRouter & { middlewares: string[] })[]
  services: ShownService[]
  middlewares: ShownMiddleware[]
}

const MAX_PAGES = 20

/** Throws what fetch throws, and an Error for an answer that is none. */
export async function readTraefik(session: Session): Promise<TraefikView> {
  const { traefikApi } = session.stack
  const { json: version, response } = await getJson(session, `${traefikApi}/api/version`)
  const [entryPoints, routers, services, middlewares, overview] = await Promise.all([
    ...['entrypoints', 'http/routers', 'http/services', 'http/middlewares'].map((path) => all(session, path)),
    getJson(session, `${traefikApi}/api/overview`).then(
      ({ json }) => json,
      () => undefined,
    ),
  ])
  return {
    version: text(part(version).Version),
    clockMs: Date.parse(response.headers.get('date') ?? '') || null,
    providers: strings(part(overview).providers),
    entryPoints: parts(entryPoints).map((each) => ({
      name: text(each.name),
      address: text(each.address),
      port: Number(/:(\d+)(\/|$)/.exec(text(each.address))?.[1] ?? 0),
      isDefault: each.asDefault === true,
    })),
    routers: parts(routers).map(routerOf),
    services: parts(services).map((each) => {
      const { maxBodySize } = part(each.mirroring)
      const mirrors = each.type === 'mirroring' || each.mirroring !== undefined
      const size = typeof maxBodySize === 'number' ? maxBodySize : -1
      return { name: text(each.name), status: text(each.status), mirroring: mirrors ? { maxBodySize: size } : null }
    }),
    middlewares: parts(middlewares).map((each) => ({
      name: text(each.name),
      type: text(each.type).toLowerCase(),
      status: text(each.status),
      errors: strings(each.error),
      isTap: part(each.plugin).understudy !== undefined,
    })),
  }
}

function routerOf(shown: Record<string, unknown>): TraefikView['routers'][number] {
  const name = text(shown.name)
  const provider = name.slice(name.lastIndexOf('@') + 1)
  const qualified = (each: string) => (each === '' || each.includes('@') ? each : `${each}@${provider}`)
  const using = strings(shown.using)
  const syntax = text(shown.ruleSyntax)
  return {
    name,
    rule: text(shown.rule),
    ...(syntax === '' || syntax === 'default' ? {} : { ruleSyntax: syntax }),
    priority: Number(shown.priority ?? 0),
    entryPoints: using.length > 0 ? using : strings(shown.entryPoints),
    service: qualified(text(shown.service)),
    status: text(shown.status),
    errors: strings(shown.error),
    hasTls: shown.tls !== undefined,
    middlewares: strings(shown.middlewares).map(qualified),
  }
}

async function all(session: Session, path: string): Promise<unknown[]> {
  const items: unknown[] = []
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const url = `${session.stack.traefikApi}/api/${path}?per_page=500&page=${page}`
    const { json, response } = await getJson(session, url)
    if (!Array.isArray(json)) throw new Error(`${path} is no list`)
    items.push(...json)
    if (Number(response.headers.get('x-next-page') ?? 1) <= page) break
  }
  return items
}

async function getJson({ timeoutMs, signal }: Session, url: string): Promise<{ json: unknown; response: Response }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const response = await fetch(url, { signal: limit, redirect: 'error' })
  if (!response.ok) throw new Error(`answered ${response.status}`)
  return { json: await response.json(), response }
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function parts(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(part) : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
}
