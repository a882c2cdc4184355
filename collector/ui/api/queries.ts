// What pages ask, and how often.
import { apiPath } from '../paths.ts'
import { type Call, readApi } from './client.ts'
import type {
  Comparison,
  Discovery,
  Overview,
  Report,
  Route,
  RoutePage,
  RouteVersion,
  Rules,
  Session,
  Status,
  Verdict,
} from './types.ts'

/** A question as the cache asks it: given up when nobody waits for the answer any more. */
const asks =
  <T>(path: string, query: Call['query'] = {}) =>
  ({ signal }: { signal: AbortSignal }) =>
    readApi<T>(path, { query, signal })

export const sessionQuery = {
  queryKey: ['session'],
  queryFn: asks<Session>(apiPath.session),
  staleTime: 60_000,
}

export const featuresQuery = {
  queryKey: ['features'],
  queryFn: asks<{ addresses: Record<string, string> }>(apiPath.index),
  staleTime: 5 * 60_000,
}

export const statusQuery = {
  queryKey: ['status'],
  queryFn: asks<Status>(apiPath.status),
  refetchInterval: 5_000,
}

export const metricsQuery = {
  queryKey: ['metrics'],
  queryFn: asks<string>(apiPath.metrics),
  refetchInterval: 5_000,
}

export const routesQuery = {
  queryKey: ['routes'],
  queryFn: asks<RoutePage>(apiPath.routes),
  refetchInterval: 5_000,
}

/** What trends and counts of all routes are shown of. */
export const overviewMinutes = 120

export const overviewQuery = {
  queryKey: ['overview'],
  queryFn: asks<Overview>(apiPath.overview, { minutes: overviewMinutes }),
  refetchInterval: 5_000,
}

export const routeQuery = (name: string) => ({
  queryKey: ['route', name],
  queryFn: asks<Route>(apiPath.route(name)),
  refetchInterval: 3_000,
})

export const versionsQuery = (name: string) => ({
  queryKey: ['versions', name],
  queryFn: asks<{ items: RouteVersion[] }>(apiPath.versions(name)),
})

export const comparisonQuery = (id: string) => ({
  queryKey: ['comparison', id],
  queryFn: asks<Comparison>(apiPath.comparison(id)),
  // What was compared stays what it was; a rule may be laid over it.
  staleTime: 60_000,
})

export const reportQuery = (name: string, filters: { variant?: string; include?: string } = {}) => ({
  queryKey: ['report', name, filters],
  queryFn: asks<Report>(apiPath.report(name), filters),
  refetchInterval: 10_000,
})

/** Of the route's first shadow where none is named. */
export const verdictQuery = (name: string, variant?: string) => ({
  queryKey: ['verdict', name, variant],
  queryFn: asks<Verdict>(apiPath.verdict(name), { variant }),
  refetchInterval: 15_000,
})

export const rulesQuery = (name: string) => ({
  queryKey: ['rules', name],
  queryFn: asks<Rules>(apiPath.rules(name)),
  refetchInterval: 15_000,
})

export const discoveryQuery = {
  queryKey: ['discovery'],
  queryFn: asks<Discovery>(apiPath.discovery),
  refetchInterval: 5_000,
}
