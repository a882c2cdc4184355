// The questions that more than one page asks.
import { apiPath } from '../paths.ts'
import { readApi } from './client.ts'
import type { Overview, Report, RoutePage, Rules, Verdict } from './types.ts'

type Context = { signal: AbortSignal }

export const routesQuery = {
  queryKey: ['routes'],
  queryFn: ({ signal }: Context) => readApi<RoutePage>(apiPath.routes, { signal }),
  refetchInterval: 5_000,
}

export const overviewQuery = (minutes: number) => ({
  queryKey: ['overview', minutes],
  queryFn: ({ signal }: Context) => readApi<Overview>(apiPath.overview, { query: { minutes }, signal }),
  refetchInterval: 5_000,
})

export const reportQuery = (name: string, filters: { from?: string; to?: string; include?: string } = {}) => ({
  queryKey: ['report', name, filters],
  queryFn: ({ signal }: Context) => readApi<Report>(apiPath.report(name), { query: filters, signal }),
  refetchInterval: 10_000,
})

export const verdictQuery = (name: string) => ({
  queryKey: ['verdict', name],
  queryFn: ({ signal }: Context) => readApi<Verdict>(apiPath.verdict(name), { signal }),
  refetchInterval: 15_000,
})

export const rulesQuery = (name: string) => ({
  queryKey: ['rules', name],
  queryFn: ({ signal }: Context) => readApi<Rules>(apiPath.rules(name), { signal }),
  refetchInterval: 15_000,
})
