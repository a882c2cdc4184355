// Keeps Traefik's overlays as the routes want them: reads the routers again and again, renders, writes what changed.
import type { Discovered } from '../../plugin-config/discovered.ts'
import type { Rendered, RenderInput } from '../../plugin-config/render-traefik.ts'
import { type RenderedFile, withoutOverlays } from '../../plugin-config/rendered-file.ts'
import type { Route } from '../../plugin-config/route.ts'
import type { TapPlace } from '../../plugin-config/traefik-config.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createDriftWatch, type Drift, type DriftKind } from './drift.ts'
import type { OverlaySwitch } from './overlay-switch.ts'
import { createRenderOnChange } from './render-on-change.ts'
import type { RouteStatus } from './route-status.ts'
import { createRouteStatuses } from './route-statuses.ts'
import type { Confirmation, TrafficPort } from './traffic-port.ts'

/** `routes`: whose state this changed. `detail`: why Traefik has not confirmed it yet, where it has not. */
export type Switched = { overlay: 'on' | 'off'; routes: number; detail?: string }

/**
 * `detail`: why it is not reached, or what it makes of what was rendered; null when all is well. `runs`: the revision
 * that it runs instead of the one that is in place. `drift`: when another hand was last noticed, and mended.
 */
export type TraefikState = {
  version: string | null
  reachable: boolean
  confirmed: boolean
  detail: string | null
  runs: string | null
  drift: Drift | null
}

export type OverlaySync = {
  status: () => RouteStatus[]
  /** How this Traefik is: whether it answers, and runs what it is to run. */
  traefik: () => TraefikState
  /** What was found in Traefik last; undefined before the first answer. */
  discovered: () => Discovered | undefined
  /** What rendering needs besides routes; undefined before Traefik's first answer. */
  renderInput: () => Omit<RenderInput, 'routes'> | undefined
  /** Looks now rather than at the next interval, and returns when it has. For whoever changed a route. */
  refresh: () => Promise<RouteStatus[]>
  /** Returns when a look is over that saw the routes as they are now: one that is under way will do. */
  settled: () => Promise<void>
  off: () => Promise<Switched>
  on: () => Promise<Switched>
  stop: () => Promise<void>
}

export type OverlaySyncOptions = {
  port: Pick<TrafficPort, 'apply' | 'check' | 'current'>
  overlaySwitch: OverlaySwitch
  discover: () => Promise<Discovered>
  /** Undefined while they are not known: then nothing is written. */
  getRoutes: () => readonly Route[] | undefined
  tap: TapPlace
  /** By route, the version that `getRoutes` gave. */
  getVersions?: () => Readonly<Record<string, number>>
  /** False while another process may have written meanwhile: then only what this one left is replaced. */
  isSure?: () => boolean
  /** Another hand was noticed; what it did is being mended. */
  onDrift?: (kind: DriftKind) => void
  /** By route, what changes when its evidence begins anew: its control then learns anew. */
  getGenerations?: () => Readonly<Record<string, string>>
  /** Routes that may not lead where they say, with the reason. */
  refused?: (routes: readonly Route[]) => Promise<Record<string, string>>
  /** Called after each look, with whatever it found. */
  onLook?: () => void
  /** Called with what was found before (undefined the first time) and now. */
  onDiscovered?: (before: Discovered | undefined, after: Discovered) => void
  log: Pick<Log, 'info' | 'warn'>
  now: () => number
  intervalMs?: number
}

/** Told in place of writing, while it is not known whether this process still leads. */
const ANOTHER: Confirmation = {
  ...{ confirmed: false, loaded: false, problems: [] },
  reason: 'another process has written meanwhile, and PostgreSQL does not say which one leads',
}

/** Until Traefik answered for the first time: a start should not wait for a whole interval. */
const UNKNOWN_EVERY_MS = 250

/** Starts looking at once. Overlays stay in Traefik after `stop`: they are harmless without us. */
export function createOverlaySync(options: OverlaySyncOptions): OverlaySync {
  const { port, overlaySwitch, log, now, intervalMs = 2_000 } = options
  let found: Discovered | undefined
  let unreachable: string | undefined
  const statuses = createRouteStatuses({ log, now })
  let lastConfirmation: Confirmation | undefined
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let isStopped = false

  const render = createRenderOnChange()
  const drift = createDriftWatch({
    now,
    told(kind) {
      log.warn({ kind }, 'what was rendered is not what is in place: it is written anew')
      options.onDrift?.(kind)
    },
  })
  /** A look that has not read the routes yet. */
  let unread: Promise<unknown> | undefined
  let left: string | undefined
  let lastPut: RenderedFile | undefined

  /** First of all: what another hand wrote into our file must not be taken for what there is to route. */
  const mend = async (): Promise<void> => {
    const current = await port.current()
    if (lastPut === undefined || current === left || options.isSure?.() === false) return
    drift.found(current)
    await put(lastPut)
  }

  let refused: Record<string, string> = {}
  let versions: Readonly<Record<string, number>> = {}

  const inputNow = () => ({
    base: found?.routers,
    services: found?.services.map((service) => service.name),
    retries: found?.middlewares.filter(({ type }) => type === 'retry').map(({ name }) => name),
    tap: options.tap,
    generations: options.getGenerations?.() ?? {},
    refused,
  })
  const renderNow = (routes: readonly Route[], overlays: boolean) => render({ ...inputNow(), routes, overlays })

  const look = async (): Promise<void> => {
    await mend()
    let seen: Discovered['rendered']
    try {
      const after = await options.discover()
      seen = after.rendered
      options.onDiscovered?.(found, after)
      found = after
      unreachable = undefined
    } catch (error) {
      unreachable = messageOf(error)
    }
    const isOff = await overlaySwitch.isOff()
    const routes = options.getRoutes()
    unread = undefined
    if (routes === undefined) return
    versions = options.getVersions?.() ?? {}
    refused = (await options.refused?.(routes)) ?? {}
    const rendered = renderNow(routes, !isOff)
    const current = await port.current()
    // While nothing is known of Traefik an earlier run's overlays stay: they may be right, and nothing could be confirmed.
    if (found === undefined && current !== undefined) return remember(rendered, undefined)
    if (current === rendered.yaml && !drift.isStuck()) {
      drift.found(current)
      left = current
      const confirmation = await port.check(rendered.revision, seen)
      drift.judged(confirmation)
      return remember(rendered, confirmation)
    }
    if (options.isSure?.() === false && current !== left) return remember(rendered, ANOTHER)
    drift.found(current)
    const confirmation = await put(rendered)
    remember(rendered, confirmation)
    const counts = { routes: rendered.routes.length, refused: rendered.refusals.length, revision: rendered.revision }
    if (confirmation.confirmed) log.info(counts, 'Traefik confirmed the rendered routes')
  }

  const put = async (file: RenderedFile): Promise<Confirmation> => {
    const confirmation = await port.apply(file)
    lastPut = file
    const isWritten = confirmation.confirmed || confirmation.isWritten !== false
    left = isWritten ? file.yaml : await port.current()
    drift.left(left)
    drift.judged(confirmation)
    return confirmation
  }

  const remember = (rendered: Rendered, confirmation: Confirmation | undefined): void => {
    statuses.remember(rendered, { confirmation, versions, unreachable })
    lastConfirmation = confirmation
  }

  const lookAndTell = () => look().finally(() => options.onLook?.())

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(work)
    turn = result.catch((error: unknown) => log.warn({ error: messageOf(error) }, 'overlays are looked at again later'))
    return result
  }

  const ask = () => {
    const asked = inTurn(lookAndTell)
    unread = asked
    return asked
  }

  const schedule = () => {
    if (isStopped) return
    timer = setTimeout(
      () => {
        inTurn(lookAndTell).then(schedule, schedule)
      },
      found === undefined ? Math.min(UNKNOWN_EVERY_MS, intervalMs) : intervalMs,
    )
    timer.unref()
  }
  inTurn(lookAndTell).then(schedule, schedule)

  /** Also without routes or a database: what is in place, without its overlays. */
  const withoutAny = async () => {
    const routes = options.getRoutes()
    return routes ? renderNow(routes, false) : withoutOverlays((await port.current()) ?? '')
  }

  const flip = (overlay: 'on' | 'off'): Promise<Switched> =>
    inTurn(async () => {
      const before = statuses.list()
      await overlaySwitch.set(overlay === 'off', new Date(now()).toISOString())
      // Off does not wait for Traefik's API: it needs the routes alone. Looking then gives the statuses.
      const direct = overlay === 'off' ? await put(await withoutAny()) : undefined
      await lookAndTell()
      const confirmation = direct ?? lastConfirmation
      const routes = statuses.changedSince(before)
      if (confirmation?.confirmed) return { overlay, routes }
      return { overlay, routes, detail: confirmation?.reason ?? unreachable ?? 'nothing is known of Traefik yet' }
    })

  return {
    status: statuses.list,
    traefik() {
      const failed = lastConfirmation?.confirmed === false ? lastConfirmation : undefined
      return {
        version: found?.version ?? null,
        reachable: found !== undefined && unreachable === undefined,
        confirmed: lastConfirmation?.confirmed ?? false,
        detail: unreachable ?? failed?.reason ?? null,
        runs: unreachable === undefined ? (failed?.runs ?? null) : null,
        drift: drift.last(),
      }
    },
    discovered: () => found,
    renderInput: () => (found === undefined ? undefined : inputNow()),
    async refresh() {
      await ask()
      return statuses.list()
    },
    async settled() {
      await (unread ?? ask())
    },
    off: () => flip('off'),
    on: () => flip('on'),
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await turn
      clearTimeout(timer)
    },
  }
}
