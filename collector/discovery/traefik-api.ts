// Reads Traefik's API: what there is to route, and what became of the file that we wrote.

import type {
  Discovered,
  DiscoveredEntryPoint,
  DiscoveredService,
  RenderedState,
} from '../../plugin-config/discovered.ts'
import { isRecord } from '../../plugin-config/is-record.ts'
import { REVISION_HEADER, REVISION_MIDDLEWARE } from '../../plugin-config/rendered-file.ts'
import { isRenderedRouter } from '../../plugin-config/traefik-config.ts'
import { nameList, statusOf } from './api-values.ts'
import { baseRouter } from './base-router.ts'
import { createGetter } from './bounded-get.ts'
import { externalRoutes } from './external-routes.ts'

export type TraefikApi = {
  /** Everything there is; what we rendered is told apart from it. Throws `traefik-unavailable` (retriable). */
  discover: () => Promise<Discovered>
  /** What Traefik made of our file. Throws `traefik-unavailable` (retriable). */
  renderedState: () => Promise<RenderedState>
  /** The revision of our file that is loaded: one small request. */
  loadedRevision: () => Promise<string | undefined>
}

/** It changes with a restart alone, and decides nothing. */
const LOOKS_A_VERSION = 5

/** `apiUrl` such as http://127.0.0.1:8002; `provider` is the one that reads our file. */
export function createTraefikApi(options: { apiUrl: string; timeoutMs?: number; provider?: string }): TraefikApi {
  const get = createGetter(options.apiUrl, options.timeoutMs ?? 5_000)
  const provider = options.provider ?? 'file'

  const marker = `${REVISION_MIDDLEWARE}@${provider}`
  let looks = 0
  let version = 'unknown'

  const readVersion = async () => {
    const shown = await get.one('/api/version')
    return isRecord(shown) && typeof shown.Version === 'string' ? shown.Version : 'unknown'
  }

  const revisionOf = (shown: unknown) => {
    const headers = isRecord(shown) && isRecord(shown.headers) ? shown.headers.customResponseHeaders : undefined
    const revision = isRecord(headers) ? headers[REVISION_HEADER] : undefined
    return typeof revision === 'string' ? revision : undefined
  }
  const loadedRevision = async () => revisionOf(await get.one(`/api/http/middlewares/${marker}`))

  return {
    loadedRevision,
    async discover() {
      const isDue = looks % LOOKS_A_VERSION === 0
      const [told, entryPoints, routers, services, middlewares] = await Promise.all([
        isDue ? readVersion() : version,
        get.all('/api/entrypoints'),
        get.all('/api/http/routers'),
        get.all('/api/http/services'),
        get.all('/api/http/middlewares'),
      ])
      looks += 1
      version = told
      const points = entryPoints.flatMap(entryPoint)
      const external = externalRoutes(services, middlewares)
      return {
        version,
        entryPoints: points,
        ...(external.length > 0 && { external }),
        rendered: {
          revision: revisionOf(middlewares.find((shown) => isRecord(shown) && shown.name === marker)),
          routers: routers.flatMap(ownRouter),
        },
        routers: byName(routers.flatMap((shown) => baseRouter(shown, points) ?? [])).filter(
          (router) => !isRenderedRouter(router.name),
        ),
        services: byName(services.flatMap(service)).filter((each) => !/^understudy-.*@(file|http)$/.test(each.name)),
        middlewares: byName(middlewares.flatMap(middleware)).filter(
          (each) => !/^understudy-.*@(file|http)$/.test(each.name),
        ),
      }
    },
    async renderedState() {
      const [revision, routers] = await Promise.all([loadedRevision(), get.all('/api/http/routers')])
      return { revision, routers: routers.flatMap(ownRouter) }
    },
  }
}

function entryPoint(shown: unknown): DiscoveredEntryPoint[] {
  if (!isRecord(shown) || typeof shown.name !== 'string') return []
  return [
    {
      name: shown.name,
      address: typeof shown.address === 'string' ? shown.address : '',
      isDefault: shown.asDefault === true,
      middlewares: nameList(isRecord(shown.http) ? shown.http.middlewares : undefined),
    },
  ]
}

function service(shown: unknown): DiscoveredService[] {
  if (!isRecord(shown) || typeof shown.name !== 'string') return []
  const states = isRecord(shown.serverStatus) ? shown.serverStatus : {}
  return [
    {
      name: shown.name,
      type: typeof shown.type === 'string' ? shown.type : '',
      status: statusOf(shown.status),
      servers: Object.fromEntries(Object.entries(states).map(([url, state]) => [url, String(state)])),
    },
  ]
}

function middleware(shown: unknown): { name: string; type: string }[] {
  if (!isRecord(shown) || typeof shown.name !== 'string') return []
  return [{ name: shown.name, type: typeof shown.type === 'string' ? shown.type.toLowerCase() : '' }]
}

function ownRouter(shown: unknown): RenderedState['routers'] {
  if (!isRecord(shown) || typeof shown.name !== 'string' || !isRenderedRouter(shown.name)) return []
  return [{ name: shown.name, status: String(shown.status), errors: nameList(shown.error) }]
}

/** A list that changed while its pages were read may hold a name twice. */
function byName<Named extends { name: string }>(list: Named[]): Named[] {
  return [...new Map(list.map((each) => [each.name, each])).values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
