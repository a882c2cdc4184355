// Keeps the routes that come from labels among all others: they come and go here alone, and never in place of a route
// that a person wrote.
import { isSame, routeDocument } from '../../plugin-config/route-document.ts'
import type { AcceptedControlStore } from '../store/accepted-control-store.ts'
import type { RouteStore } from '../store/route-store.ts'
import type { LabelRouteKeeper } from './label-discovery.ts'
import type { RouteRegistry } from './route-registry.ts'

const ACTOR = 'labels'

export function createLabelRouteKeeper(
  store: Pick<RouteStore, 'change'>,
  registry: Pick<RouteRegistry, 'isKnown' | 'entries' | 'refresh'>,
  accepted: Pick<AcceptedControlStore, 'list'>,
): LabelRouteKeeper {
  return {
    entries: () => (registry.isKnown() ? registry.entries() : undefined),
    acceptedControls: accepted.list,
    async keepLabelRoutes(routes) {
      await store.change(async (turn) => {
        const known = new Map((await turn.list()).map((entry) => [entry.route.name, entry]))
        const wanted = new Set(routes.map(({ name }) => name))
        for (const [name, entry] of known) {
          if (entry.managedBy === 'label' && !wanted.has(name)) await turn.remove(name, ACTOR)
        }
        for (const route of routes) {
          const entry = known.get(route.name)
          if (entry && (entry.managedBy !== 'label' || isSame(routeDocument(entry.route), routeDocument(route))))
            continue
          await turn.put(route, { managedBy: 'label', actor: ACTOR })
        }
      })
      await registry.refresh()
    },
  }
}
