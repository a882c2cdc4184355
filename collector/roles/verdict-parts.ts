// All that verdicts are made of in one process: the book that writers count by, the judgement, the watch over changes.
import type { Route } from '../../plugin-config/route.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createEvidenceBook, type EvidenceBook } from '../pipeline/evidence-book.ts'
import type { NewEvent } from '../store/event-store.ts'
import { createEvidenceStore } from '../store/evidence-store.ts'
import type { Pool } from '../store/pool.ts'
import { createVerdictChangeStore } from '../store/verdict-change-store.ts'
import { createVerdictReadModel } from '../store/verdict-read-model.ts'
import { createRoutePolicies } from './route-policies.ts'
import { startVerdictWatch, type VerdictWatch, verdictNumbers } from './verdict-watch.ts'
import { createVerdicts, type Verdicts } from './verdicts.ts'

export type VerdictRole = {
  verdicts: Verdicts
  createBook(): EvidenceBook
  startWatch(): VerdictWatch
  /** Verdicts may have changed: they are looked at soon. */
  look(): void
  /** By route, what changes when its control begins anew; empty before the first look and for first generations. */
  generations(): Readonly<Record<string, string>>
}

export function openVerdicts(options: {
  pool: Pool
  readers: Pool
  routes: () => readonly Route[]
  /** What runs there by its image; a new one begins the evidence anew. */
  discovered: (route: Route, variant: string) => { primary?: string; shadow?: string }
  record: (event: NewEvent) => Promise<unknown>
  /** A change was noted, and an event with it. */
  noted: () => void
  metrics: Metrics
  log: Log
  now: () => number
}): VerdictRole {
  const { pool, routes, record, metrics, log, now } = options
  const policies = createRoutePolicies(routes)
  const reads = createVerdictReadModel(options.readers)
  const changes = createVerdictChangeStore(pool)
  const evidence = createEvidenceStore(pool)
  const verdicts = createVerdicts({
    ...{ reads, evidence, changes, routes, policies, record, now },
    discovered: options.discovered,
  })
  let generations: Record<string, string> = {}
  let watch: VerdictWatch | undefined
  const look = () => watch?.look()
  const latencyOf = (route: string) => policies.of(route).latency
  return {
    verdicts,
    generations: () => generations,
    look,
    createBook: () =>
      createEvidenceBook({
        ...{ store: evidence, latencyOf, now, counted: look },
        leftOut: (pairs) => metrics.leftOut.inc({ what: 'evidence' }, pairs),
      }),
    startWatch() {
      watch = startVerdictWatch({
        ...{ verdicts, reads, evidence, changes, routes, latencyOf, log, now },
        looked(found) {
          generations = found
        },
        noted(route, variant, verdict, isNew) {
          metrics.verdict.set(metrics.boundVariant(route, variant), verdictNumbers[verdict])
          if (isNew) options.noted()
        },
      })
      return watch
    },
  }
}
