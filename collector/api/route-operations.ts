import { z } from 'zod'
import { nearestName } from '../../plugin-config/nearest-name.ts'
import type { RouteEntry } from '../store/route-store.ts'
import { coverage } from './coverage.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { entryView, etagOf, externalView, type RouteBook } from './route-book.ts'
import { RoutePage, RouteView } from './route-schemas.ts'
import * as said from './schemas.ts'
import { readTimeRange } from './time-range.ts'

type Parts = Pick<ApiParts, 'routes' | 'routeBook' | 'overlayState' | 'reports' | 'now'>

export function routeOperations(parts: Parts): Operation[] {
  const view = (entry: RouteEntry) => entryView(entry, parts.overlayState(entry.route.name))
  const params = z.strictObject({ name: fields.route })
  return [
    operation({
      id: 'listRoutes',
      method: 'get',
      path: '/api/v1/routes',
      summary: 'Every route, with what became of its overlay in Traefik',
      tag: 'routes',
      answer: RoutePage,
      problems: ['unavailable'],
      handle() {
        const { routeBook: book } = parts
        requireKnown(book)
        return { items: [...book.entries().map(view), ...book.external().map(externalView)], nextCursor: null }
      },
    }),
    operation({
      id: 'getRoute',
      method: 'get',
      path: '/api/v1/routes/{name}',
      summary: 'One route',
      tag: 'routes',
      params,
      answer: RouteView,
      problems: ['not-found', 'unavailable'],
      handle({ params: { name }, response }) {
        const { routeBook: book } = parts
        requireKnown(book)
        const entry = book.entries().find((each) => each.route.name === name)
        if (entry) {
          response.set('ETag', etagOf(entry.version))
          return view(entry)
        }
        const external = book.external().find((each) => each.name === name)
        return external ? externalView(external) : routeNamed(parts, name)
      },
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

function requireKnown(book: RouteBook): void {
  if (!book.isKnown()) throw new HttpProblem('unavailable', 'the routes are not read from the database yet')
}

function minute(ms: number): string {
  return new Date(Math.floor(ms / 60_000) * 60_000).toISOString()
}
