// The questions that more than one page asks.
import { apiPath } from '../paths.ts'
import { readApi } from './client.ts'
import type {
  Comparison,
  Discovery,
  Overview,
  Report,
  Route,
  RoutePage,
  Rules,
  Session,
  Status,
  Verdict,
} from './types.ts'

type Context = { signal: AbortSignal }

export const sessionQuery = {
  queryKey: ['session'],
  queryFn: ({ signal }: Context) => readApi<Session>(apiPath.session, { signal }),
  staleTime: 60_000,
}

export const featuresQuery = {
  queryKey: ['features'],
  queryFn: ({ signal }: Context) => readApi<{ addresses: Record<string, string> }>(apiPath.index, { signal }),
  staleTime: 5 * 60_000,
}

export const statusQuery = {
  queryKey: ['status'],
  queryFn: ({ signal }: Context) => readApi<Status>(apiPath.status, { signal }),
  refetchInterval: 5_000,
}

export const routesQuery = {
  queryKey: ['routes'],
  queryFn: ({ signal }: Context) => readApi<RoutePage>(apiPath.routes, { signal }),
  refetchInterval: 5_000,
}

/** What trends and counts of all routes are shown of. */
export const overviewMinutes = 120

export const overviewQuery = {
  queryKey: ['overview'],
  queryFn: ({ signal }: Context) =>
    readApi<Overview>(apiPath.overview, { query: { minutes: overviewMinutes }, signal }),
  refetchInterval: 5_000,
}

export const routeQuery = (name: string) => ({
  queryKey: ['route', name],
  queryFn: ({ signal }: Context) => readApi<Route>(apiPath.route(name), { signal }),
  refetchInterval: 3_000,
})

export const comparisonQuery = (id: string) => ({
  queryKey: ['comparison', id],
  queryFn: ({ signal }: Context) => readApi<Comparison>(apiPath.comparison(id), { signal }),
  // What was compared stays what it was; a rule may be laid over it.
  staleTime: 60_000,
})

export const reportQuery = (name: string, filters: { variant?: string; include?: string } = {}) => ({
  queryKey: ['report', name, filters],
  queryFn: ({ signal }: Context) => readApi<Report>(apiPath.report(name), { query: filters, signal }),
  refetchInterval: 10_000,
})

/** Of the route's first shadow where none is named. */
export const verdictQuery = (name: string, variant?: string) => ({
  queryKey: ['verdict', name, variant],
  queryFn: ({ signal }: Context) => readApi<Verdict>(apiPath.verdict(name), { query: { variant }, signal }),
  refetchInterval: 15_000,
})

export const rulesQuery = (name: string) => ({
  queryKey: ['rules', name],
  queryFn: ({ signal }: Context) => readApi<Rules>(apiPath.rules(name), { signal }),
  refetchInterval: 15_000,
})

export const discoveryQuery = {
  queryKey: ['discovery'],
  queryFn: ({ signal }: Context) => readApi<Discovery>(apiPath.discovery, { signal }),
  refetchInterval: 5_000,
}
