// Every Traefik that is kept, as one: each gets what is rendered from its own routers, because the same overlay on
// another Traefik could let a request through that its own router refuses.
import type { Discovered } from '../../plugin-config/discovered.ts'
import type { TraefikPlace } from '../../plugin-config/traefik-places.ts'
import { createTraefikApi } from '../discovery/traefik-api.ts'
import type { DriftKind } from '../rollout/drift.ts'
import { createOverlaySwitch, type OverlaySwitch } from '../rollout/overlay-switch.ts'
import {
  createOverlaySync,
  type OverlaySync,
  type OverlaySyncOptions,
  type TraefikState,
} from '../rollout/overlay-sync.ts'
import type { RouteStatus } from '../rollout/route-status.ts'
import { createServedConfigs } from '../rollout/served-configs.ts'
import { createHttpTrafficPort, createTrafficPort } from '../rollout/traffic-port.ts'
import type { ControlStateStore } from '../store/control-state-store.ts'

export type TraefikView = TraefikState & { name: string; url: string; provider: 'file' | 'http' }

export type TraefikFleet = Omit<OverlaySync, 'traefik'> & { traefiks(): TraefikView[] }

type Options = Omit<OverlaySyncOptions, 'port' | 'overlaySwitch' | 'discover' | 'onDrift'> & {
  places: readonly TraefikPlace[]
  /** Of the first Traefik; the others, or all where it is not set, fetch by HTTP. */
  dynamicDir: string | undefined
  states: ControlStateStore
  onDrift?: (traefik: string, kind: DriftKind) => void
  /** Around the first Traefik's own discovery. */
  discoverFirst?: (discover: () => Promise<Discovered>) => () => Promise<Discovered>
}

const SWITCH_KEY = 'overlay-switch'

export function createTraefikFleet(options: Options): TraefikFleet {
  const { places, dynamicDir, states, discoverFirst = (discover) => discover, onDrift, ...rest } = options
  const served = places.filter((_, index) => index > 0 || dynamicDir === undefined).map(({ name }) => name)
  const configs = createServedConfigs(states, served)
  const overlaySwitch = dynamicDir === undefined ? createStoredSwitch(states) : createOverlaySwitch(dynamicDir)

  const members = places.map(({ name, url }, index) => {
    const provider = served.includes(name) ? 'http' : 'file'
    const api = createTraefikApi({ apiUrl: url, provider })
    const port =
      provider === 'http' || dynamicDir === undefined
        ? createHttpTrafficPort({ name, configs, api, now: rest.now })
        : createTrafficPort({ dynamicDir, api, now: rest.now })
    const discover = index === 0 ? discoverFirst(api.discover) : api.discover
    const told = onDrift && { onDrift: (kind: DriftKind) => onDrift(name, kind) }
    const sync = createOverlaySync({ ...rest, ...told, port, overlaySwitch, discover })
    return { name, url, provider: provider as 'file' | 'http', sync }
  })
  const [first] = members
  if (!first) throw new Error('a fleet has at least one Traefik')
  const status = () => merged(members.map(({ name, sync }) => ({ name, statuses: sync.status() })))

  const flip = async (overlay: 'on' | 'off') => {
    const all = await Promise.all(members.map(({ sync }) => sync[overlay]()))
    const details = all.flatMap(({ detail }, index) => (detail ? `${members[index]?.name}: ${detail}` : []))
    const routes = Math.max(...all.map((each) => each.routes))
    return { overlay, routes, ...(details.length > 0 && { detail: details.join('; ') }) }
  }

  if (members.length === 1) {
    const { sync, name, url, provider } = first
    return { ...sync, traefiks: () => [{ name, url, provider, ...sync.traefik() }] }
  }
  return {
    status,
    traefiks: () => members.map(({ name, url, provider, sync }) => ({ name, url, provider, ...sync.traefik() })),
    discovered: first.sync.discovered,
    renderInput: first.sync.renderInput,
    async refresh() {
      await Promise.all(members.map(({ sync }) => sync.refresh()))
      return status()
    },
    async settled() {
      await Promise.all(members.map(({ sync }) => sync.settled()))
    },
    off: () => flip('off'),
    on: () => flip('on'),
    async stop() {
      await Promise.all(members.map(({ sync }) => sync.stop()))
    },
  }
}

/** One status a route: applied where any Traefik has it, with what the others say; else the worst. */
export function merged(all: readonly { name: string; statuses: readonly RouteStatus[] }[]): RouteStatus[] {
  const names = new Set(all.flatMap(({ statuses }) => statuses.map(({ route }) => route)))
  return [...names].map((route) => {
    const each = all.flatMap(({ name, statuses }) => {
      const found = statuses.find((one) => one.route === route)
      return found ? [{ name, ...found }] : []
    })
    const order = ['applied', 'refused', 'waiting', 'off']
    const [best] = [...each].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    const isSame = each.every(({ state, reason }) => state === best?.state && reason === best?.reason)
    const reasons = each.flatMap(({ name, state, reason }) =>
      reason === null ? [] : `${name}: ${state === best?.state ? '' : `${state}, `}${reason}`,
    )
    const reason = isSame ? (best?.reason ?? null) : reasons.join('; ') || null
    // Until every Traefik was looked at, it is about the version that the last of them has.
    const version = each.reduce<number | null>(
      (least, one) => (least === null || one.version === null ? null : Math.min(least, one.version)),
      best?.version ?? null,
    )
    return { route, state: best?.state ?? 'waiting', reason, confirmedAt: best?.confirmedAt ?? null, version }
  })
}

/** Without a folder of Traefik's, whether overlays are wanted is kept in the database; while that is away, as it was. */
function createStoredSwitch(states: ControlStateStore): OverlaySwitch {
  let isOff: boolean | undefined
  return {
    async isOff() {
      isOff ??= ((await states.read(SWITCH_KEY))?.body as { off?: boolean } | undefined)?.off === true
      return isOff
    },
    async set(off, at) {
      await states.write(SWITCH_KEY, { off, at })
      isOff = off
    },
  }
}
