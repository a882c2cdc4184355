// Role `control`: keeps Traefik's overlays as the routes want them, and tells what was found in Traefik.
import { join } from 'node:path'
import { newlyDiscovered } from '../../plugin-config/discovered.ts'
import type { ApiParts, OverlayState } from '../api/parts.ts'
import type { Component } from '../api/schemas.ts'
import type { Config } from '../config.ts'
import { createTraefikApi } from '../discovery/traefik-api.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import type { Log } from '../log.ts'
import { createOverlaySwitch } from '../rollout/overlay-switch.ts'
import { createOverlaySync } from '../rollout/overlay-sync.ts'
import { createTrafficPort } from '../rollout/traffic-port.ts'
import type { RouteRegistry } from './route-registry.ts'

export type Control = {
  /** The routes changed: look at once. */
  changed(): void
  status(): Promise<Component>
  overlayState(route: string): OverlayState
  discovery: NonNullable<ApiParts['discovery']>
  overlay: NonNullable<ApiParts['overlay']>
  close(): Promise<void>
}

/** Throws `config-invalid` when it is not said where Traefik reads. */
export function startControl(options: { config: Config; log: Log; routes: RouteRegistry }): Control {
  const { config, log, routes } = options
  const dynamicDir = config.traefikDynamicDir
  if (dynamicDir === undefined) {
    const message = 'UNDERSTUDY_TRAEFIK_DYNAMIC_DIR is not set: the role control writes there what Traefik reads'
    throw new UnderstudyError('config-invalid', message, { retriable: false })
  }
  const api = createTraefikApi({ apiUrl: config.traefikApi })
  const now = () => Date.now()
  const sync = createOverlaySync({
    port: createTrafficPort({ dynamicDir, api, now }),
    overlaySwitch: createOverlaySwitch(dynamicDir),
    discover: api.discover,
    getRoutes: routes.routes,
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
    log,
    now,
  })
  const stateOf = (name: string) => sync.status().find((status) => status.route === name)
  return {
    changed() {
      sync
        .refresh()
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'overlays are looked at again later'))
    },
    async status() {
      const problem = routes.problem()
      if (problem !== undefined)
        return {
          name: 'routes',
          state: 'degraded',
          detail: problem,
          mend: 'correct the routes file; the last good routes hold',
        }
      try {
        const found = await api.discover()
        const states = sync.status()
        const applied = states.filter((status) => status.state === 'applied').length
        return {
          name: 'traefik',
          state: 'ok',
          detail: `${found.version}, ${applied} of ${states.length} routes applied`,
          required: false,
        }
      } catch (error) {
        return {
          name: 'traefik',
          state: 'down',
          detail: messageOf(error),
          mend: `start Traefik or correct UNDERSTUDY_TRAEFIK_API (${config.traefikApi}); its file provider watches ${join(dynamicDir, '')}`,
          required: false,
        }
      }
    },
    overlayState(name) {
      const status = stateOf(name)
      return { state: status?.state ?? 'waiting', reason: status ? status.reason : 'not looked at yet' }
    },
    async discovery() {
      const found = sync.discovered()
      return found ? { ...found, routes: sync.status() } : { routes: sync.status() }
    },
    overlay: { off: sync.off, on: sync.on },
    close: sync.stop,
  }
}
