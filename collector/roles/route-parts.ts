// Puts routes together for one process: store, registry and the keeper of files, and what the API asks of them.
import type { RenderInput } from '../../plugin-config/render-traefik.ts'
import type { Rule } from '../../plugin-config/rules.ts'
import type { RouteBook } from '../api/route-book.ts'
import type { Component } from '../api/schemas.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createAcceptedControlStore } from '../store/accepted-control-store.ts'
import type { Pool } from '../store/pool.ts'
import { createRouteStore } from '../store/route-store.ts'
import type { EventJournal } from './event-journal.ts'
import type { LabelRouteKeeper } from './label-discovery.ts'
import { createLabelRouteKeeper } from './label-route-keeper.ts'
import { createRouteRegistry, type RouteRegistry } from './route-registry.ts'
import { openRoutesKeeper } from './routes-keeper.ts'

/** What the book asks of the role `control`, wherever it is. */
export type ControlView = Pick<RouteBook, 'external' | 'targetProblems'> & {
  renderInput(): Omit<RenderInput, 'routes'> | undefined
  /** True when the routes as they are known here are carried out in Traefik; false when that takes longer than seconds. */
  settle(): Promise<boolean>
}

export type RouteParts = {
  registry: RouteRegistry
  labelRoutes: LabelRouteKeeper
  /** After the migrations: writes what the files say and reads what there is. Throws what PostgreSQL throws. */
  start(): Promise<void>
  book(control: ControlView): RouteBook
  fileRules(): readonly Rule[]
  /** Told where something is wrong with the routes themselves. */
  status(): Component
  close(): void
}

/** Throws `config-invalid` when a routes file is broken at the start. */
export async function openRouteParts(options: {
  config: Config
  pool: Pool
  events: EventJournal
  log: Log
  now: () => number
  /** The routes changed, or are known for the first time. */
  changed: () => void
  /** The watched file was read anew. */
  fileChanged: () => void
}): Promise<RouteParts> {
  const { config, events, log } = options
  const store = createRouteStore({ pool: options.pool, recordEvent: events.recordEvent, changed: events.look })
  const accepted = createAcceptedControlStore({
    ...{ pool: options.pool, recordEvent: events.recordEvent, changed: events.look },
  })
  const registry = createRouteRegistry({ store, log, now: options.now, changed: options.changed })
  const keeper = await openRoutesKeeper({
    file: config.routesFile,
    seedFile: config.seedFile,
    isControl: config.roles.includes('control'),
    store: {
      async change(work) {
        const result = await store.change(work)
        registry.look()
        return result
      },
    },
    changed: options.fileChanged,
    log,
  })
  return {
    registry,
    labelRoutes: createLabelRouteKeeper(store, registry, accepted),
    async start() {
      await keeper.start()
      await registry.refresh()
    },
    book: (control) => ({
      change: store.change,
      versions: store.versions,
      isKnown: registry.isKnown,
      entries: registry.entries,
      external: control.external,
      acceptedControls: accepted.list,
      setAcceptedControl: accepted.set,
      targetProblems: control.targetProblems,
      renderInput: control.renderInput,
      async settle() {
        await registry.refresh()
        return control.settle()
      },
    }),
    fileRules: keeper.rules,
    status() {
      const file = keeper.problem()
      if (file !== undefined)
        return {
          name: 'routes',
          state: 'degraded',
          detail: file,
          mend: 'correct the routes file; the last good routes hold',
        }
      const stored = registry.problem()
      if (stored !== undefined)
        return {
          name: 'routes',
          state: 'degraded',
          detail: stored,
          mend: 'update this process, or write the route anew',
        }
      const count = registry.routes().length
      return { name: 'routes', state: 'ok', detail: `${count} ${count === 1 ? 'route' : 'routes'}`, required: false }
    },
    close: keeper.close,
  }
}
