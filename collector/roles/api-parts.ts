// What the API tells and does, put together from the other parts of the process and from the database.
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { ApiParts } from '../api/parts.ts'
import { createPeers } from '../api/peers.ts'
import type { Component } from '../api/schemas.ts'
import { type Config, LOOPBACK } from '../config.ts'
import type { TopicTail } from '../kafka/topic-tail.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { tellShares } from '../metrics/route-gauges.ts'
import type { PublishedComparison } from '../pipeline/published.ts'
import { createEventReadModel } from '../store/event-store.ts'
import { createOverviewReadModel } from '../store/overview-read-model.ts'
import type { Pool } from '../store/pool.ts'
import { createReportReadModel } from '../store/report-read-model.ts'
import { createStandingReadModel } from '../store/standing-read-model.ts'
import type { CompareRole } from './compare-role.ts'
import type { ControlPart } from './control-part.ts'
import { createDifferenceParts } from './difference-parts.ts'
import type { EventJournal } from './event-journal.ts'
import { gatewayAddresses } from './gateway.ts'
import type { RouteParts } from './route-parts.ts'
import type { RuleRegistry } from './rule-registry.ts'
import { version } from './version.ts'

/** Where `npm run build` puts the UI. */
const UI_FOLDER = fileURLToPath(new URL('../ui/dist', import.meta.url))

type Given = 'startedAtMs' | 'reader' | 'history' | 'verdicts' | 'stopping' | 'log' | 'now'

type Options = Required<Pick<ApiParts, Given>> & {
  config: Config
  /** Writes rules. */
  pool: Pool
  readers: Pool
  rules: RuleRegistry
  routes: RouteParts
  control: ControlPart
  events: EventJournal
  /** Of all processes that compare. */
  comparisons: TopicTail<PublishedComparison>
  metrics: Metrics
  statuses: readonly (() => Component | Promise<Component>)[]
  /** Undefined until it compares, and where another process does. */
  comparing: () => CompareRole | undefined
}

export function createApiParts(options: Options): ApiParts {
  const { config, pool, readers, rules, routes, control, events, comparisons, metrics, statuses, comparing, ...given } =
    options
  return {
    ...given,
    version,
    reports: createReportReadModel(readers),
    differences: createDifferenceParts({ pool, readers, rules, record: events.recordEvent }),
    audit: createEventReadModel(readers),
    overview: createOverviewReadModel(readers),
    standings: createStandingReadModel(readers, given.now),
    status: async () => ({ components: await Promise.all(statuses.map((status) => status())) }),
    metricsText() {
      tellShares(metrics, routes.registry.routes())
      return metrics.registry.metrics()
    },
    routes: routes.registry.routes,
    routeBook: routes.book(control),
    overlayState: control.overlayState,
    discovery: control.discovery,
    overlay: control.overlay,
    pairWindowMs: config.pairWindowMs,
    pendingExchange(id) {
      const pending = comparing()?.pendingExchange(id)
      return pending && { ...pending, givesUpAt: new Date(given.now() + pending.leftMs).toISOString() }
    },
    subscribe(listener, only) {
      const ends = [
        only !== 'comparison' && events.subscribe((event) => listener({ kind: 'event', event })),
        only !== 'event' && comparisons.subscribe((comparison) => listener({ kind: 'comparison', comparison })),
      ]
      return () => {
        for (const end of ends) if (end) end()
      }
    },
    uiFolder: UI_FOLDER,
    adminToken: config.adminToken,
    peers: createPeers({ networks: config.adminNetworks, trusted: trustedPeers(config) }),
    allowedHosts: config.adminHosts ?? [],
    newRequestId: randomUUID,
  }
}

/** A port published on loopback alone is reached by this machine's own users, whose requests come from the gateway. */
function trustedPeers({ adminPublished }: Config): string[] {
  return adminPublished !== undefined && LOOPBACK.test(adminPublished) ? gatewayAddresses() : []
}
