// What became of every route at the last look, and since when: a change of it is logged once.
import type { Rendered } from '../../plugin-config/render-traefik.ts'
import type { Log } from '../log.ts'
import { type RouteStatus, statusOf } from './route-status.ts'
import type { Confirmation } from './traffic-port.ts'

export type RouteStatuses = {
  list: () => RouteStatus[]
  /** Of the routes as they are now, how many are in another state than they were in `before`. */
  changedSince: (before: readonly RouteStatus[]) => number
  /** `versions`: by route. `unreachable`: why Traefik could not be asked. */
  remember: (
    rendered: Rendered,
    seen: {
      confirmation: Confirmation | undefined
      versions: Readonly<Record<string, number>>
      unreachable: string | undefined
    },
  ) => void
}

export function createRouteStatuses({
  log,
  now,
}: {
  log: Pick<Log, 'info' | 'warn'>
  now: () => number
}): RouteStatuses {
  let statuses = new Map<string, RouteStatus>()
  return {
    list: () => [...statuses.values()],
    changedSince(before) {
      const states = new Map(before.map(({ route, state }) => [route, state]))
      return [...statuses.values()].filter(({ route, state }) => states.get(route) !== state).length
    },
    remember(rendered, { confirmation, versions, unreachable }) {
      const at = new Date(now()).toISOString()
      const next = rendered.routes.map((route) => {
        const before = statuses.get(route.route)
        const version = versions[route.route] ?? null
        const known = { version, confirmedAt: before?.confirmedAt ?? null }
        const status = statusOf(route, confirmation, known, at, unreachable)
        if (status.state !== before?.state || status.reason !== before.reason) {
          const isTrouble = status.state === 'refused' || status.state === 'waiting'
          const told = { route: status.route, state: status.state, reason: status.reason }
          log[isTrouble ? 'warn' : 'info'](told, 'overlay')
        }
        return [route.route, status] as const
      })
      statuses = new Map(next)
    },
  }
}
