// What main hands to the API. Only the methods that are called are asked for.
import type { ReplayedRequest } from '../core/replayed-request.ts'
import type { Log } from '../log.ts'
import type { PublishedComparison } from '../pipeline/published.ts'
import type { ComparisonReadModel } from '../store/comparison-read-model.ts'
import type { EventReadModel, StoredEvent } from '../store/event-store.ts'
import type { OverviewReadModel } from '../store/overview-read-model.ts'
import type { ReportReadModel } from '../store/report-read-model.ts'
import type { StandingReadModel } from '../store/standing-read-model.ts'
import type { StoredComparison } from '../store/stored-comparison.ts'
import type { DifferenceParts } from './difference-parts.ts'
import type { Discovery } from './discovery-schemas.ts'
import type { Recomparison, Replay } from './history-schemas.ts'
import type { Peers } from './peers.ts'
import type { RouteBook } from './route-book.ts'
import type { RouteView } from './route-schemas.ts'
import type { Component, OverlaySwitch, Pending } from './schemas.ts'
import type { VerdictParts } from './verdict-operations.ts'

export type StatusReport = { components: Component[] }
export type OverlayState = Pick<RouteView, 'state' | 'reason'>

/** Something that just happened, in whichever process, told to every open event stream. */
export type LiveEvent = { kind: 'comparison'; comparison: PublishedComparison } | { kind: 'event'; event: StoredEvent }

/** URLs of the servers of a pair's sides, as far as known. */
export type SideUrls = { primary?: string; shadow?: string }

type TimeRange = { fromMs?: number; toMs?: number }

/** What can be done with what is stored. */
export type HistoryPart = {
  sideUrls(route: string, variant: string): Promise<SideUrls>
  /** Throws `replay-failed` when a side does not answer. */
  replay(stored: StoredComparison, request: ReplayedRequest, urls: Required<SideUrls>): Promise<Replay>
  recompare(route: string, range: TimeRange & { limit: number }): Promise<Recomparison>
  /** The same with what the topic of tap records still holds; offsets say which part of which partition. */
  recompareTopic(
    route: string,
    range: TimeRange & { offsets?: { partition: number; from: number; to?: number | undefined }[]; limit: number },
  ): Promise<Recomparison>
}

export type ApiParts = {
  version: string
  startedAtMs: number
  reader: ComparisonReadModel
  reports: ReportReadModel
  differences: DifferenceParts
  audit: EventReadModel
  overview: OverviewReadModel
  standings: StandingReadModel
  status(): Promise<StatusReport>
  /** Prometheus' text format, version 0.0.4. */
  metricsText(): Promise<string>
  routes(): readonly { name: string }[]
  routeBook: RouteBook
  overlayState(routeName: string): OverlayState
  /** How long a side may come after the other; told where an exchange is not there yet. */
  pairWindowMs: number
  /** Left out where this process does not pair. */
  pendingExchange?: (exchangeId: string) => Pending | undefined
  discovery?: () => Promise<Discovery>
  subscribe?: (listener: (event: LiveEvent) => void, only?: LiveEvent['kind']) => () => void
  /** Left out where this process cannot reach the services. */
  history?: HistoryPart
  verdicts: VerdictParts
  overlay?: { off(): Promise<OverlaySwitch>; on(): Promise<OverlaySwitch> }
  /** Not set: every request passes, and main binds to loopback only. */
  adminToken?: string | undefined
  /** Networks that may come in at all, and addresses that need no token; left out, everyone may and none is trusted. */
  peers?: Peers
  /** Host names, without port, besides the loopback ones. */
  allowedHosts: readonly string[]
  /** The built UI; not set or not there: only the API is served. */
  uiFolder?: string
  log: Log
  now(): number
  newRequestId(): string
  /** Aborted when the process stops: /readyz says 503 and event streams end. */
  stopping?: AbortSignal
}
