// What the routes say, as gauges; read when somebody asks for the metrics, so no change can be missed.
import type { Route } from '../../plugin-config/route.ts'
import type { Metrics } from './metrics.ts'

/** Sets `understudy_shadow_share` of each route, 0 to 1; a route that is switched off mirrors nothing. */
export function tellShares(metrics: Metrics, routes: readonly Pick<Route, 'name' | 'share' | 'enabled'>[]): void {
  metrics.shadowShare.reset()
  for (const { name, share, enabled } of routes)
    metrics.shadowShare.set({ route: metrics.boundRoute(name) }, enabled ? share / 100 : 0)
}
