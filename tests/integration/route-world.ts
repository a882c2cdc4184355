// Routes on a real database behind the API, without Traefik: what Traefik would be asked is not asked.
import { createLog } from '../../collector/log.ts'
import { createEventJournal, type EventJournal } from '../../collector/roles/event-journal.ts'
import { createRouteRegistry, type RouteRegistry } from '../../collector/roles/route-registry.ts'
import { createAcceptedControlStore } from '../../collector/store/accepted-control-store.ts'
import { createEventReadModel } from '../../collector/store/event-store.ts'
import { createRouteStore, type RouteStore } from '../../collector/store/route-store.ts'
import type { Problem } from '../../plugin-config/problem.ts'
import type { BaseRouter } from '../../plugin-config/traefik-config.ts'
import { type Answer, startApi, type TestApi } from '../api/api-server.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

export type RouteWorld = {
  database: FreshDatabase
  api: TestApi
  store: RouteStore
  registry: RouteRegistry
  events: EventJournal
  ask(method: string, path: string, body?: unknown, ifMatch?: string): Promise<Answer>
  close(): Promise<void>
}

const base: BaseRouter[] = [
  {
    ...{ name: 'app@docker', rule: 'Host(`app.example`)', priority: 190, entryPoints: ['web'], service: 'app@docker' },
    ...{ status: 'enabled' as const, middlewares: [] },
  },
]

export async function startRouteWorld(
  options: { targetProblems?: () => Promise<Problem[]> } = {},
): Promise<RouteWorld> {
  const database = await freshDatabase()
  const log = createLog('silent')
  const now = () => Date.now()
  const events = createEventJournal({ pool: database.pool, log, now })
  const store = createRouteStore({ pool: database.pool, recordEvent: events.recordEvent, changed: events.look })
  const registry = createRouteRegistry({ store, log, now, changed: () => undefined })
  await registry.refresh()
  const accepted = createAcceptedControlStore({
    ...{ pool: database.pool, recordEvent: events.recordEvent, changed: events.look },
  })
  const api = await startApi({
    routes: registry.routes,
    audit: createEventReadModel(database.pool),
    overlayState: () => ({ state: 'waiting', reason: 'not looked at yet' }),
    subscribe: (listener) => events.subscribe((event) => listener({ kind: 'event', event })),
    routeBook: {
      change: store.change,
      versions: store.versions,
      isKnown: registry.isKnown,
      entries: registry.entries,
      external: () => [],
      acceptedControls: accepted.list,
      setAcceptedControl: accepted.set,
      settle: () => registry.refresh().then(() => true),
      targetProblems: options.targetProblems ?? (async () => []),
      renderInput: () => ({
        base,
        services: ['app@docker', 'app-shadow@docker'],
        tap: { ingestUrl: 'http://ingest', tokenFile: '', hmacKeyFile: '' },
      }),
    },
  })
  return {
    database,
    api,
    store,
    registry,
    events,
    ask: (method, path, body, ifMatch) =>
      api.send(method, `/api/v1/${path}`, {
        headers: { 'Content-Type': 'application/json', ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async close() {
      await api.close()
      await events.close()
      await database.drop()
    },
  }
}
