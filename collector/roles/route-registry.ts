// The routes that this process knows: the last ones read from PostgreSQL, which hold while it is away.
import type { Route, StorePolicy } from '../../plugin-config/route.ts'
import { messageOf } from '../errors.ts'
import { createRateLimit, type Log } from '../log.ts'
import type { LoadedRoutes, RouteEntry, RouteStore } from '../store/route-store.ts'
import { lookInTurn } from './look-in-turn.ts'

const NONE: readonly string[] = []

export type RouteRegistry = {
  /** False until they were read for the first time: nobody may act on an empty list then. */
  isKnown(): boolean
  routes(): readonly Route[]
  /** Changes with every change; of all processes the same for the same routes. */
  revision(): string
  /** With version and who manages them, by name. */
  entries(): readonly RouteEntry[]
  /** Unlisted routes are written by hand into Traefik; everything of them is kept. */
  policyOf(route: string): StorePolicy
  /** Templates of paths that the route gives; the same array until the route changes. */
  endpointsOf(route: string): readonly string[]
  /** What is wrong with what is stored, one line; undefined when all is well. */
  problem(): string | undefined
  /** Reads what changed; resolves when it is known here, and throws what PostgreSQL throws. */
  refresh(): Promise<void>
  /** There may be a change: reads soon. */
  look(): void
}

export function createRouteRegistry(options: {
  store: Pick<RouteStore, 'load'>
  log: Log
  now: () => number
  /** Called after a change is known here, and the first time. */
  changed: () => void
}): RouteRegistry {
  const { store, log } = options
  const mayLog = createRateLimit(30_000, options.now)
  let loaded: LoadedRoutes | undefined
  let routes: readonly Route[] = []
  let byName = new Map<string, Route>()
  let turn: Promise<void> = Promise.resolve()

  const read = async () => {
    const fresh = await store.load(loaded?.revision)
    if (!fresh) return
    for (const { name, problem } of fresh.broken) log.error({ route: name, problem }, 'a stored route cannot be read')
    loaded = fresh
    routes = fresh.entries.map((entry) => entry.route)
    byName = new Map(routes.map((route) => [route.name, route]))
    options.changed()
  }

  const refresh = () => {
    const result = turn.then(read)
    turn = result.catch(() => undefined)
    return result
  }

  return {
    isKnown: () => loaded !== undefined,
    routes: () => routes,
    revision: () => loaded?.revision ?? '',
    entries: () => loaded?.entries ?? [],
    policyOf: (route) => byName.get(route)?.store ?? 'all',
    endpointsOf: (route) => byName.get(route)?.endpoints ?? NONE,
    problem() {
      const broken = loaded?.broken ?? []
      return broken.length === 0 ? undefined : broken.map(({ name, problem }) => `${name}: ${problem}`).join(' · ')
    },
    refresh,
    look: lookInTurn(refresh, (error) => {
      if (mayLog('routes').pass) log.debug({ error: messageOf(error) }, 'routes are not read: the last ones hold')
    }),
  }
}
