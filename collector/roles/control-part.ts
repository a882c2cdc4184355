// The role `control` as every process sees it. Of those that have it one leads and acts; all others show what that one
// tells in the database, ask it there, and take over when it is gone.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Discovered } from '../../plugin-config/discovered.ts'
import type { Route } from '../../plugin-config/route.ts'
import type { ApiParts, OverlayState } from '../api/parts.ts'
import type { Component } from '../api/schemas.ts'
import { messageOf } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createControlStateStore } from '../store/control-state-store.ts'
import { isLed, type Leadership, openLeadership, type Standing } from '../store/leadership.ts'
import type { Pool } from '../store/pool.ts'
import { type Control, type ControlOptions, startControl } from './control-role.ts'
import { dynamicFolderStatus } from './dynamic-folder.ts'
import type { ImageVersions } from './image-versions.ts'
import { askForOverlay } from './overlay-command.ts'
import { createRemoteControl } from './remote-control.ts'
import type { ControlView } from './route-parts.ts'

export type ControlPart = ControlView & {
  /** Stands for the leadership, once the schema is there. */
  start(): void
  /** The routes changed. */
  changed(): void
  /** There may be news in the database. */
  look(): void
  overlayState(route: string): OverlayState
  discovery: NonNullable<ApiParts['discovery']>
  /** What Traefik has, as it was last read here; undefined where another process reads it. */
  discovered(): Discovered | undefined
  imageVersions(route: Route, variant: string): ImageVersions
  overlay: NonNullable<ApiParts['overlay']>
  statuses: (() => Promise<Component>)[]
  close(): Promise<void>
}

type Options = Omit<ControlOptions, 'name' | 'states' | 'isSure' | 'metrics'> & {
  pool: Pool
  metrics: ControlOptions['metrics'] & Pick<Metrics, 'controlLeader'>
}

export function openControlPart({ pool, ...options }: Options): ControlPart {
  const { config, log, routes, metrics, now } = options
  const has = config.roles.includes('control')
  const name = `${hostname()}:${config.httpPort}, process ${process.pid}`
  const states = createControlStateStore(pool)
  const remote = createRemoteControl({ routes, states, targetProblems: options.targets.problems, log, now })
  const asked = askForOverlay({ states, isLed: () => isLed(pool), newId: randomUUID, now })
  let acting: Control | undefined
  let leadership: Leadership | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const take = async () => {
    if (acting) return
    log.info({ name }, 'this process controls Traefik from now on')
    // Its own store and caches: another process may have written since this one led the last time.
    const own = createControlStateStore(pool)
    acting = startControl({ ...options, name, states: own, isSure: () => leadership?.standing() === 'leads' })
  }
  const leave = async () => {
    const before = acting
    if (!before) return
    acting = undefined
    remote.look()
    log.warn({ name }, 'another process controls Traefik from now on')
    await before.close()
  }
  const changed = (standing: Standing) => {
    metrics.controlLeader.set(standing === 'leads' ? 1 : 0)
    if (standing === 'unsure') log.warn('PostgreSQL does not answer: what Traefik runs is kept up as it is known here')
    else
      turn = turn
        .then(standing === 'leads' ? take : leave)
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'control'))
  }
  if (has) metrics.controlLeader.set(0)

  const controlStatus = async (): Promise<Component> => {
    const part = { name: 'control', required: false } as const
    const standing = leadership?.standing()
    if (standing === 'leads') return { ...part, state: 'ok', detail: `leads: ${name}` }
    if (standing === 'unsure')
      return { ...part, state: 'degraded', detail: `${name} led and keeps up what it knows`, mend: 'start PostgreSQL' }
    const leader = remote.leader()
    if (leader === undefined) return { ...part, state: 'ok', detail: 'no process with the role control has been here' }
    const isThere = await isLed(pool).catch(() => undefined)
    if (isThere !== false) return { ...part, state: 'ok', detail: `${has ? 'follows' : 'is done by'} ${leader}` }
    const detail = `nobody controls Traefik: ${leader} did last; overlays stay as they are`
    return { ...part, state: 'degraded', detail, mend: 'start a process with control among its UNDERSTUDY_ROLES' }
  }

  return {
    start() {
      if (has) leadership = openLeadership({ databaseUrl: config.databaseUrl, changed, log })
    },
    changed: () => acting?.changed(),
    look() {
      if (acting) acting.look()
      else remote.look()
    },
    external: () => (acting ?? remote).external(),
    targetProblems: options.targets.problems,
    renderInput: () => (acting ?? remote).renderInput(),
    settle: () => (acting ?? remote).settle(),
    overlayState: (route) => (acting ?? remote).overlayState(route),
    discovery: () => (acting ?? remote).discovery(),
    discovered: () => acting?.discovered(),
    imageVersions: (route, variant) => (acting ?? remote).imageVersions(route, variant),
    overlay: { off: () => (acting?.overlay ?? asked).off(), on: () => (acting?.overlay ?? asked).on() },
    statuses: [
      controlStatus,
      () => (acting ?? remote).status(),
      ...(has && config.traefikDynamicDir !== undefined ? [dynamicFolderStatus(config.traefikDynamicDir)] : []),
    ],
    async close() {
      await leadership?.close()
      await turn
      await acting?.close()
    },
  }
}
