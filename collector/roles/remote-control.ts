// The role `control` as a process without it sees it: through what it tells in the database.
import { setTimeout as delay } from 'node:timers/promises'
import type { RenderInput } from '../../plugin-config/render-traefik.ts'
import type { Route } from '../../plugin-config/route.ts'
import type { Discovery } from '../api/discovery-schemas.ts'
import type { ApiParts, OverlayState } from '../api/parts.ts'
import { HttpProblem } from '../api/problem.ts'
import type { Component } from '../api/schemas.ts'
import { messageOf } from '../errors.ts'
import { createRateLimit, type Log } from '../log.ts'
import type { ControlStateStore } from '../store/control-state-store.ts'
import type { ToldOverlays } from './control-role.ts'
import { type ImageVersions, imageVersions } from './image-versions.ts'
import { lookInTurn } from './look-in-turn.ts'
import { overlayState } from './overlay-state.ts'
import type { ControlView } from './route-parts.ts'
import type { RouteRegistry } from './route-registry.ts'
import { traefikStatus } from './traefik-status.ts'

export type RemoteControl = ControlView & {
  overlayState(route: string): OverlayState
  discovery: NonNullable<ApiParts['discovery']>
  imageVersions(route: Route, variant: string): ImageVersions
  /** Which process controls Traefik, or did last; undefined where none has been here. */
  leader(): string | undefined
  status(): Promise<Component>
  /** There may be news: reads it soon. */
  look(): void
}

const SETTLE_WITHIN_MS = 5_000
const SETTLE_EVERY_MS = 100

export function createRemoteControl(options: {
  routes: Pick<RouteRegistry, 'revision' | 'entries'>
  states: ControlStateStore
  targetProblems: ControlView['targetProblems']
  log: Log
  now: () => number
}): RemoteControl {
  const { routes, states, log, now } = options
  const mayLog = createRateLimit(30_000, now)
  const seen = new Map<string, { at: string; body: unknown }>()

  const read = async () => {
    for (const key of ['overlays', 'render-input', 'discovery', 'leader']) {
      const fresh = await states.read(key, seen.get(key)?.at)
      if (fresh) seen.set(key, fresh)
    }
  }
  const overlays = () => seen.get('overlays')?.body as ToldOverlays | undefined

  return {
    look: lookInTurn(read, (error) => {
      if (mayLog('read').pass) log.debug({ error: messageOf(error) }, 'the state of overlays is read again later')
    }),
    leader: () => (seen.get('leader')?.body as { name: string } | undefined)?.name,
    async status() {
      const told = seen.get('discovery')?.body as Discovery | undefined
      if (told) return traefikStatus({ routes: overlays()?.states ?? [], traefiks: told.traefiks }, undefined, now())
      return {
        name: 'traefik',
        state: 'ok',
        required: false,
        detail: 'no process with the role control has told of it',
      }
    },
    external: () => overlays()?.external ?? [],
    targetProblems: options.targetProblems,
    renderInput: () => (seen.get('render-input')?.body as Omit<RenderInput, 'routes'> | null) ?? undefined,
    overlayState(name) {
      const told = overlays()
      if (!told) return { state: 'waiting', reason: 'no process with the role control has told of it yet' }
      return overlayState(
        name,
        routes.entries(),
        told.states.find((each) => each.route === name),
      )
    },
    imageVersions: (route, variant) =>
      imageVersions(seen.get('discovery')?.body as Discovery | undefined, route, variant),
    async discovery() {
      const told = seen.get('discovery')?.body as Discovery | undefined
      if (told) return told
      throw new HttpProblem('unavailable', 'no process with the role control has told yet what it found')
    },
    async settle() {
      const wanted = routes.revision()
      const deadline = now() + SETTLE_WITHIN_MS
      while (now() < deadline) {
        await read()
        if (Number(overlays()?.revision ?? 0) >= Number(wanted)) return true
        await delay(SETTLE_EVERY_MS)
      }
      return false
    },
  }
}
