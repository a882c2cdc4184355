// All instruments in one place. Labels come from closed sets; a route beyond the bound is counted as `other`.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** The event loop's lag is told from here up: looking every 10 ms, as by default, alone wakes an idle process 100 times a second. */
const LOOP_LOOK_MS = 100
const MAX_ROUTES = 100
const MAX_VARIANTS = 300
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOK_MS })
  const registers = [registry]
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, labelNames: T[], buckets = SECONDS) =>
    new Histogram({ name, help, labelNames, buckets, registers })

  const boundRoute = bounded(MAX_ROUTES)
  const boundPair = bounded(MAX_VARIANTS)

  return {
    registry,
    /** The route's own name while there are at most 100 of them, then `other`. */
    boundRoute,
    /** Labels of a route and a variant, both `other` beyond 300 pairs of them. */
    boundVariant(route: string, variant: string): { route: string; variant: string } {
      const isKnown = boundRoute(route) === route && boundPair(`${route}\n${variant}`) !== 'other'
      return isKnown ? { route, variant } : { route: 'other', variant: 'other' }
    },
    tapRecords: counter('understudy_tap_records_total', 'Tap records that ingest acknowledged.', ['route', 'side']),
    comparisons: counter('understudy_comparisons_total', 'Compared pairs, counted from rows really inserted.', [
      'route',
      'variant',
      'outcome',
    ]),
    differences: counter('understudy_differences_total', 'Differences found, by kind.', ['route', 'variant', 'kind']),
    unpaired: counter('understudy_unpaired_total', 'Expected pairs of which a side never came.', ['route', 'reason']),
    shed: counter('understudy_shed_total', "Copies that a tap's guard did not send to a shadow or the control.", [
      'route',
      'reason',
    ]),
    dropped: counter('understudy_dropped_total', 'What was given up, by stage and reason.', ['stage', 'reason']),
    leftOut: counter(
      'understudy_left_out_total',
      'Sightings of noise, causes and evidence beyond their bounds: counted together, not one by one.',
      ['what'],
    ),
    responseSeconds: histogram('understudy_response_seconds', 'Response time as the tap measured it.', [
      'route',
      'side',
    ]),
    pairWaitSeconds: histogram('understudy_pair_wait_seconds', 'From the first side read to the pair.', []),
    pendingPairs: gauge('understudy_pending_pairs', 'Exchanges that wait for a side.'),
    pendingBytes: gauge('understudy_pending_bytes', 'Captured bytes that wait for a side.'),
    ingestQueueBytes: gauge('understudy_ingest_queue_bytes', 'Bytes that wait for Kafka to acknowledge.'),
    ingestSeconds: histogram('understudy_ingest_seconds', 'From a batch received to its 202.', []),
    storeSeconds: histogram('understudy_store_batch_seconds', 'One batch of settled pairs written.', []),
    consumerLag: gauge('understudy_consumer_lag_records', 'Records in the log behind the newest one.', ['partition']),
    deadLetters: counter('understudy_dead_letters_total', 'Records that could not be handled.', ['reason']),
    comparerRestarts: counter('understudy_comparer_restarts_total', 'Comparison workers replaced, by reason.', [
      'reason',
    ]),
    shadowShare: gauge('understudy_shadow_share', 'Mirrored share of a route, 0 to 1.', ['route']),
    drift: counter(
      'understudy_drift_total',
      'Times that what was rendered was found changed or deleted by another hand, or a Traefik went back to an older one.',
      ['traefik', 'kind'],
    ),
    traefikCurrent: gauge('understudy_traefik_current', '1 while a Traefik runs what was rendered for it, else 0.', [
      'traefik',
    ]),
    controlLeader: gauge('understudy_control_leader', '1 while this process is the one that controls Traefik, else 0.'),
    verdict: gauge('understudy_verdict', '1 pass, 0 inconclusive, -1 fail, -2 invalid.', ['route', 'variant']),
    buildInfo: gauge('understudy_build_info', 'Version of this process.', ['version']),
  }
}

/** The first `limit` names as they are, every further one as `other`. */
function bounded(limit: number): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (known.has(name)) return name
    if (known.size >= limit) return 'other'
    known.add(name)
    return name
  }
}
