import { z } from 'zod'
import { nearestName } from '../../plugin-config/nearest-name.ts'
import { coverage } from './coverage.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import * as said from './schemas.ts'
import { readTimeRange } from './time-range.ts'

type Parts = Pick<ApiParts, 'routes' | 'overlayState' | 'reports' | 'now'>

export function routeOperations(parts: Parts): Operation[] {
  const view = (route: { name: string }): said.RouteView => ({ ...route, ...parts.overlayState(route.name) })
  const params = z.strictObject({ name: fields.route })
  return [
    operation({
      id: 'listRoutes',
      method: 'get',
      path: '/api/v1/routes',
      summary: 'Every route, with what became of its overlay in Traefik',
      tag: 'routes',
      answer: said.RoutePage,
      handle: () => ({ items: parts.routes().map(view), nextCursor: null }),
    }),
    operation({
      id: 'getRoute',
      method: 'get',
      path: '/api/v1/routes/{name}',
      summary: 'One route',
      tag: 'routes',
      params,
      answer: said.RouteView,
      problems: ['not-found'],
      handle: ({ params: { name } }) => view(routeNamed(parts, name)),
    }),
    operation({
      id: 'getReport',
      method: 'get',
      path: '/api/v1/routes/{name}/report',
      summary: 'What was compared on a route, by endpoint, and what was not',
      tag: 'routes',
      params,
      query: z.strictObject({ from: fields.from, to: fields.to }),
      answer: said.Report,
      problems: ['not-found', 'unavailable'],
      async handle({ params: { name }, query: { from, to } }) {
        routeNamed(parts, name)
        const window = readTimeRange(from, to)
        const isWhole = from === undefined && to === undefined
        const [counts, taps] = await Promise.all([
          parts.reports.counts(name, window),
          isWhole ? parts.reports.taps(name) : null,
        ])
        const sinceMs = window.fromMs ?? counts.firstMinuteMs
        return {
          route: name,
          window: {
            from: sinceMs === null ? null : minute(sinceMs),
            to: window.toMs === undefined ? new Date(parts.now()).toISOString() : minute(window.toMs),
          },
          coverage: coverage(counts, taps),
          variants: Object.entries(counts.variants).map(([variant, of]) => ({ variant, ...of })),
          endpoints: counts.endpoints,
          endpointsCut: counts.endpointsCut,
        } satisfies said.Report
      },
    }),
  ]
}

function routeNamed(parts: Parts, name: string): { name: string } {
  const routes = parts.routes()
  const route = routes.find((each) => each.name === name)
  if (route) return route
  const near = nearestName(
    name,
    routes.map((each) => each.name),
  )
  const mend = near ? `did you mean ${near}?` : 'GET /api/v1/routes lists them'
  throw new HttpProblem('not-found', `there is no route ${JSON.stringify(name)}: ${mend}`)
}

function minute(ms: number): string {
  return new Date(Math.floor(ms / 60_000) * 60_000).toISOString()
}
