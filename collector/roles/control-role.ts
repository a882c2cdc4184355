// Role `control`: keeps Traefik's overlays as the routes want them, and tells what was found in Traefik, here and in
// the database, where processes without this role read it.
import { setTimeout as delay } from 'node:timers/promises'
import { type Discovered, newlyDiscovered } from '../../plugin-config/discovered.ts'
import type { ApiParts, OverlayState } from '../api/parts.ts'
import type { Component } from '../api/schemas.ts'
import type { Config } from '../config.ts'
import { createTraefikApi } from '../discovery/traefik-api.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import { createRateLimit, type Log } from '../log.ts'
import { createOverlaySwitch } from '../rollout/overlay-switch.ts'
import { createOverlaySync } from '../rollout/overlay-sync.ts'
import type { TargetGuard } from '../rollout/target-guard.ts'
import { createTrafficPort } from '../rollout/traffic-port.ts'
import type { ControlStateStore } from '../store/control-state-store.ts'
import type { ControlView } from './route-parts.ts'
import type { RouteRegistry } from './route-registry.ts'

export type Control = ControlView & {
  /** The routes changed: look at once. */
  changed(): void
  status(): Promise<Component>
  overlayState(route: string): OverlayState
  discovery: NonNullable<ApiParts['discovery']>
  /** What Traefik has, as it was last read. */
  discovered(): Discovered | undefined
  overlay: NonNullable<ApiParts['overlay']>
  close(): Promise<void>
}

/** What is told to processes without the role, under the key `overlays`. */
export type ToldOverlays = {
  /** Of the routes that were rendered last. */
  revision: string
  states: ({ route: string } & OverlayState)[]
}

/** How long a change waits to be carried out before it is answered all the same. */
const SETTLE_WITHIN_MS = 5_000

/** Throws `config-invalid` when it is not said where Traefik reads. */
export function startControl(options: {
  config: Config
  log: Log
  routes: RouteRegistry
  states: ControlStateStore
  targets: TargetGuard
  now: () => number
}): Control {
  const { config, log, routes, states, now } = options
  const dynamicDir = config.traefikDynamicDir
  if (dynamicDir === undefined) {
    const message = 'UNDERSTUDY_TRAEFIK_DYNAMIC_DIR is not set: the role control writes there what Traefik reads'
    throw new UnderstudyError('config-invalid', message, { retriable: false })
  }
  const mayLog = createRateLimit(30_000, now)
  const api = createTraefikApi({ apiUrl: config.traefikApi })
  let rendered = ''
  const sync = createOverlaySync({
    port: createTrafficPort({ dynamicDir, api, now }),
    overlaySwitch: createOverlaySwitch(dynamicDir),
    discover: api.discover,
    refused: async (wanted) => Object.fromEntries(await options.targets.refused(wanted)),
    getRoutes() {
      rendered = routes.revision()
      return routes.isKnown() ? routes.routes() : undefined
    },
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
    onLook: tell,
    log,
    now,
  })
  const stateOf = (name: string) => sync.status().find((status) => status.route === name)

  /** Without the database nothing is told; the next look tells it. */
  function tell(): void {
    const told: ToldOverlays = {
      revision: rendered,
      states: sync.status().map(({ route, state, reason }) => ({ route, state, reason })),
    }
    const work = routes.isKnown()
      ? [states.write('overlays', told), states.write('render-input', sync.renderInput() ?? null)]
      : []
    Promise.all(work).catch((error: unknown) => {
      if (mayLog('tell').pass) log.debug({ error: messageOf(error) }, 'the state of overlays is told again later')
    })
  }

  return {
    changed() {
      sync
        .refresh()
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'overlays are looked at again later'))
    },
    external: () => [],
    targetProblems: options.targets.problems,
    renderInput: sync.renderInput,
    async settle() {
      await Promise.race([sync.refresh(), delay(SETTLE_WITHIN_MS, undefined, { ref: false })])
    },
    async status() {
      try {
        const found = await api.discover()
        const all = sync.status()
        const applied = all.filter((status) => status.state === 'applied').length
        return {
          name: 'traefik',
          state: 'ok',
          detail: `${found.version}, ${applied} of ${all.length} routes applied`,
          required: false,
        }
      } catch (error) {
        return {
          name: 'traefik',
          state: 'down',
          detail: messageOf(error),
          mend: `start Traefik or correct UNDERSTUDY_TRAEFIK_API (${config.traefikApi}); its file provider watches ${dynamicDir}`,
          required: false,
        }
      }
    },
    overlayState(name) {
      const status = stateOf(name)
      return { state: status?.state ?? 'waiting', reason: status ? status.reason : 'not looked at yet' }
    },
    discovered: sync.discovered,
    async discovery() {
      const found = sync.discovered()
      return found ? { ...found, routes: sync.status() } : { routes: sync.status() }
    },
    overlay: { off: sync.off, on: sync.on },
    close: sync.stop,
  }
}
