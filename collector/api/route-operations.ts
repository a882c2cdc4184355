import { z } from 'zod'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { RouteEntry } from '../store/route-store.ts'
import { coverage } from './coverage.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { verdictView } from './present-verdict.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { causesView, fieldsView, latencyView } from './report-differences.ts'
import { entryView, etagOf, externalView, type RouteBook } from './route-book.ts'
import { noVariant, requireRoute } from './route-named.ts'
import { RoutePage, RouteView } from './route-schemas.ts'
import { readTimeRange } from './time-range.ts'
import { VerdictReport } from './verdict-schemas.ts'

type Parts = Pick<ApiParts, 'routes' | 'routeBook' | 'overlayState' | 'reports' | 'differences' | 'verdicts' | 'now'>

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
        return external ? externalView(external) : requireRoute(parts, name)
      },
    }),
    operation({
      id: 'getReport',
      method: 'get',
      path: '/api/v1/routes/{name}/report',
      summary: 'What was compared on a route, by endpoint, and what was not',
      tag: 'routes',
      params,
      query: z.strictObject({
        from: fields.from,
        to: fields.to,
        include: fields.include,
        variant: fields.variant.optional().describe('only this shadow, beside its control; else all of them'),
      }),
      answer: VerdictReport,
      problems: ['not-found', 'unavailable'],
      async handle({ params: { name }, query: { from, to, include, variant } }) {
        requireRoute(parts, name)
        const variants = await parts.verdicts.variants(name)
        if (variant !== undefined && !variants.includes(variant)) throw noVariant(name, variant, variants)
        const window = readTimeRange(from, to)
        const isWhole = from === undefined && to === undefined
        const { causes, controlTally } = parts.differences
        const [counts, taps, byVariant, control, latencies] = await Promise.all([
          parts.reports.counts(name, window),
          isWhole ? parts.reports.taps(name) : null,
          causes.causes(name, window),
          controlTally(name),
          causes.latencies(name, window),
        ])
        const isWanted = (of: string) => variant === undefined || of === variant || of === CONTROL_VARIANT
        const endpoints = counts.endpoints.filter((one) => isWanted(one.variant))
        const found = {
          byVariant: new Map([...byVariant].filter(([of]) => isWanted(of))),
          control,
          counts: { endpoints },
        }
        const sinceMs = window.fromMs ?? counts.firstMinuteMs
        return {
          route: name,
          window: {
            from: sinceMs === null ? null : minute(sinceMs),
            to: window.toMs === undefined ? new Date(parts.now()).toISOString() : minute(window.toMs),
          },
          coverage: coverage(counts, taps),
          variants: Object.entries(counts.variants).map(([of, counted]) => ({ variant: of, ...counted })),
          endpoints,
          endpointsCut: counts.endpointsCut,
          causes: causesView(found, include === 'noise'),
          fields: fieldsView(found),
          latency: latencyView(latencies.filter((one) => isWanted(one.variant))),
          verdict: await verdictOf(parts, name, variant ?? variants[0]),
        } satisfies VerdictReport
      },
    }),
  ]
}

/** Of one shadow; of the route's first where none is asked for. */
async function verdictOf({ verdicts }: Parts, route: string, variant: string | undefined) {
  const verdict = variant === undefined ? undefined : await verdicts.verdict(route, variant)
  return verdict === undefined ? null : verdictView(verdict)
}

function requireKnown(book: RouteBook): void {
  if (!book.isKnown()) throw new HttpProblem('unavailable', 'the routes are not read from the database yet')
}

function minute(ms: number): string {
  return new Date(Math.floor(ms / 60_000) * 60_000).toISOString()
}
