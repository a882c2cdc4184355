import { z } from 'zod'
import { exchangeTimeMs } from '../core/exchange-id.ts'
import type { ComparisonFilters } from '../store/comparison-read-model.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { comparisonInFull, comparisonSummary, pendingView, unpairedView } from './present.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import * as said from './schemas.ts'
import { nothingStored, storedPair } from './stored-pair.ts'
import { readTimeRange } from './time-range.ts'

type Parts = Pick<ApiParts, 'reader' | 'pairWindowMs' | 'pendingExchange' | 'now'>

export function comparisonOperations(parts: Parts): Operation[] {
  const { reader } = parts
  return [
    operation({
      id: 'listComparisons',
      method: 'get',
      path: '/api/v1/comparisons',
      summary: 'Comparisons, newest first, without headers and bodies; control pairs only when asked for',
      tag: 'comparisons',
      query: z.strictObject({
        route: fields.route.optional(),
        variant: fields.variant.optional(),
        outcome: fields.outcome.optional(),
        endpoint: fields.endpoint.optional(),
        from: fields.from,
        to: fields.to,
        limit: fields.limit,
        cursor: fields.cursor.optional(),
      }),
      answer: said.ComparisonPage,
      problems: ['unavailable'],
      async handle({ query }) {
        const { limit, cursor, from, to, ...named } = query
        const filters: ComparisonFilters = { ...present(named), ...readTimeRange(from, to) }
        const filtersText = canonical(filters)
        const after = cursor === undefined ? undefined : decodeCursor(cursor, filtersText)
        if (cursor !== undefined && !after) {
          const message =
            'cursor is not one of this list: expected the nextCursor of a page that was asked for with the same filters'
          throw new HttpProblem('invalid-parameter', message, { errors: [{ pointer: '/query/cursor', message }] })
        }
        const { items, next } = await reader.list(filters, after ? { limit, after } : { limit })
        return { items: items.map(comparisonSummary), nextCursor: next ? encodeCursor(next, filtersText) : null }
      },
    }),
    operation({
      id: 'getComparison',
      method: 'get',
      path: '/api/v1/comparisons/{id}',
      summary: 'One comparison in full',
      tag: 'comparisons',
      params: z.strictObject({ id: fields.comparisonId }),
      query: z.strictObject({ variant: fields.variant.optional() }),
      answer: said.Comparison,
      problems: ['not-found', 'ambiguous', 'unavailable'],
      async handle({ params, query }) {
        return comparisonInFull(await storedPair(parts, params.id, query.variant))
      },
    }),
    operation({
      id: 'getExchange',
      method: 'get',
      path: '/api/v1/exchanges/{id}',
      summary: 'Every pair of one exchange, and the sides that never came',
      tag: 'comparisons',
      params: z.strictObject({ id: fields.exchangeId }),
      answer: said.Exchange,
      problems: ['not-found', 'unavailable'],
      async handle({ params }) {
        const id = params.id.toLowerCase()
        const { pairs, unpaired, settled } = await reader.exchange(id)
        const pending = parts.pendingExchange?.(id) ?? null
        if (pairs.length + unpaired.length + settled.length === 0 && !pending) throw nothingStored(parts, id, undefined)
        const shown = new Set([...pairs, ...unpaired].map((each) => each.variant))
        return {
          id,
          createdAt: new Date(exchangeTimeMs(id)).toISOString(),
          state: pending ? 'waiting' : 'settled',
          pairs: pairs.map(comparisonInFull),
          unpaired: unpaired.map(unpairedView),
          notStored: settled.filter((variant) => !shown.has(variant)),
          pending: pending && pendingView(pending),
        } satisfies said.Exchange
      },
    }),
  ]
}

function canonical(filters: ComparisonFilters): string {
  return JSON.stringify(Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1)))
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>
}
