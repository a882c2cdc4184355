// Role `control`: keeps Traefik's overlays as the routes want them, and tells what was found in Traefik, here and in
// the database, where processes without this role read it.
import { setTimeout as delay } from 'node:timers/promises'
import type { ExternalRoute } from '../../plugin-config/discovered.ts'
import { type Discovered, newlyDiscovered } from '../../plugin-config/discovered.ts'
import type { Route } from '../../plugin-config/route.ts'
import type { ApiParts, OverlayState } from '../api/parts.ts'
import type { Component } from '../api/schemas.ts'
import type { Config } from '../config.ts'
import { messageOf } from '../errors.ts'
import { createRateLimit, type Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { TargetGuard } from '../rollout/target-guard.ts'
import type { ControlStateStore } from '../store/control-state-store.ts'
import { openDiscovery } from './discovery-part.ts'
import { type ImageVersions, imageVersions } from './image-versions.ts'
import type { LabelRouteKeeper } from './label-discovery.ts'
import { takeOverlayCommands } from './overlay-command.ts'
import { overlayState } from './overlay-state.ts'
import type { ControlView } from './route-parts.ts'
import type { RouteRegistry } from './route-registry.ts'
import { createTraefikFleet } from './traefik-fleet.ts'
import { traefikStatus } from './traefik-status.ts'

export type Control = ControlView & {
  /** The routes changed: look at once. */
  changed(): void
  /** There may be news in the database: another process was asked for something. */
  look(): void
  status(): Promise<Component>
  overlayState(route: string): OverlayState
  discovery: NonNullable<ApiParts['discovery']>
  /** What Traefik has, as it was last read. */
  discovered(): Discovered | undefined
  /** The images behind a route's sides, as far as Docker tells them. */
  imageVersions(route: Route, variant: string): ImageVersions
  overlay: NonNullable<ApiParts['overlay']>
  close(): Promise<void>
}

/** What is told to processes without the role, under the key `overlays`. */
export type ToldOverlays = {
  /** Of the routes that were rendered last. */
  revision: string
  states: ({ route: string; version: number | null } & OverlayState)[]
  external: readonly ExternalRoute[]
}

/** How long a change waits to be carried out before it is answered all the same. */
const SETTLE_WITHIN_MS = 5_000

export type ControlOptions = {
  /** Of this process, for the others. */
  name: string
  config: Config
  log: Log
  routes: RouteRegistry
  labelRoutes: LabelRouteKeeper
  states: ControlStateStore
  targets: TargetGuard
  /** By route, what changes when its evidence begins anew. */
  generations: () => Readonly<Record<string, string>>
  metrics: Pick<Metrics, 'drift' | 'traefikCurrent'>
  /** False while another process may lead by now. */
  isSure: () => boolean
  now: () => number
}

export function startControl(options: ControlOptions): Control {
  const { config, log, routes, states, metrics, now } = options
  const dynamicDir = config.traefikDynamicDir
  const mayLog = createRateLimit(30_000, now)
  let rendered = ''
  const found = openDiscovery({ dockerHost: config.dockerHost, keeper: options.labelRoutes, changed, log, now })
  const sync = createTraefikFleet({
    places: config.traefikApi,
    dynamicDir,
    states,
    getGenerations: options.generations,
    discoverFirst: found.around,
    refused: async (wanted) => Object.fromEntries(await options.targets.refused(wanted)),
    getRoutes() {
      rendered = routes.revision()
      return routes.isKnown() ? routes.routes() : undefined
    },
    getVersions: () => Object.fromEntries(routes.entries().map(({ route, version }) => [route.name, version])),
    isSure: options.isSure,
    onDrift: (traefik, kind) => metrics.drift.inc({ traefik, kind }),
    tap: {
      ingestUrl: config.ingestUrl ?? `http://127.0.0.1:${config.ingestPort}/v1/taps`,
      tokenFile: config.ingestTokenFile ?? '',
      hmacKeyFile: config.hmacKeyFile ?? '',
    },
    onDiscovered(before, after) {
      const fresh = newlyDiscovered(before, after)
      for (const router of fresh.routers) log.info({ router }, 'discovered router')
      for (const service of fresh.services) log.info({ service }, 'discovered service')
    },
    onLook() {
      for (const { name, confirmed, runs, reachable } of sync.traefiks())
        metrics.traefikCurrent.set({ traefik: name }, confirmed || (reachable && runs === null) ? 1 : 0)
      tell()
    },
    log,
    now,
  })
  /** A route of the same name in the database hides it: their records cannot be told apart. */
  const external = () => {
    const own = new Set(routes.routes().map(({ name }) => name))
    return (sync.discovered()?.external ?? []).filter(({ name }) => !own.has(name))
  }
  const stateOf = (name: string) => sync.status().find((status) => status.route === name)

  const view = () => found.view(sync.traefiks())
  const overlay = { off: sync.off, on: sync.on }
  const commands = takeOverlayCommands({ states, overlay, log })
  commands.look()
  const leader = { name: options.name }
  write({ leader })

  function changed(): void {
    sync
      .refresh()
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'overlays are looked at again later'))
  }

  function tell(): void {
    const told: ToldOverlays = {
      revision: rendered,
      states: sync.status().map(({ route, state, reason, version }) => ({ route, state, reason, version })),
      external: external(),
    }
    write({
      leader,
      ...(routes.isKnown() && { overlays: told, 'render-input': sync.renderInput() ?? null, discovery: view() }),
    })
  }

  /** Without the database nothing is told; the next look tells it. */
  function write(told: Record<string, unknown>): void {
    const work = Object.entries(told).map(([key, body]) => states.write(key, body))
    Promise.all(work).catch((error: unknown) => {
      if (mayLog('tell').pass) log.debug({ error: messageOf(error) }, 'the state of overlays is told again later')
    })
  }

  return {
    changed,
    external,
    targetProblems: options.targets.problems,
    renderInput: sync.renderInput,
    settle: () => Promise.race([sync.settled().then(() => true), delay(SETTLE_WITHIN_MS, false, { ref: false })]),
    look: commands.look,
    status: () => traefikStatus({ routes: sync.status(), traefiks: sync.traefiks() }, dynamicDir, now()),
    overlayState: (name) => overlayState(name, routes.entries(), stateOf(name)),
    discovered: sync.discovered,
    discovery: async () => view(),
    imageVersions: (route, variant) => imageVersions(view(), route, variant),
    overlay,
    async close() {
      await found.close()
      await sync.stop()
      metrics.traefikCurrent.reset()
    },
  }
}
