import { z } from 'zod'
import { decodeNumberCursor, encodeNumberCursor } from './cursor.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { type JudgedRoute, verdictView } from './present-verdict.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { noVariant } from './route-named.ts'
import * as said from './verdict-schemas.ts'

type Generation = {
  variant: string
  generation: number
  beganAtMs: number
  reason: string
  versions: { primary?: string; shadow?: string }
}

/** Verdicts as the API needs them. */
export type VerdictParts = {
  variants(route: string): Promise<string[]>
  verdict(route: string, variant: string): Promise<JudgedRoute | undefined>
  begin(route: string, why: { variant?: string; reason: string; actor: string }): Promise<Generation[]>
  history(of: {
    route: string
    variant?: string
    limit: number
    beforeId?: number
  }): Promise<said.VerdictChangePage['items']>
}

export function verdictOperations({ verdicts }: Pick<ApiParts, 'verdicts'>): Operation[] {
  const params = z.strictObject({ name: fields.route })

  const variantOf = async (route: string, asked: string | undefined) => {
    const variants = await verdicts.variants(route)
    const variant = asked ?? variants[0]
    if (variant !== undefined && variants.includes(variant)) return variant
    throw noVariant(route, asked, variants)
  }

  return [
    operation({
      id: 'getVerdict',
      method: 'get',
      path: '/api/v1/routes/{name}/verdict',
      summary: 'Whether the shadow is the same, how sure that is, and what is missing',
      tag: 'verdicts',
      params,
      query: z.strictObject({ variant: fields.variant.optional().describe("the route's first shadow by default") }),
      answer: said.VerdictView,
      problems: ['not-found', 'unavailable'],
      async handle({ params: { name }, query }) {
        const variant = await variantOf(name, query.variant)
        const verdict = await verdicts.verdict(name, variant)
        if (verdict === undefined) throw new HttpProblem('not-found', `${name} has no shadow ${variant}`)
        return verdictView(verdict)
      },
    }),
    operation({
      id: 'beginGeneration',
      method: 'post',
      path: '/api/v1/routes/{name}/generation',
      summary: 'Start the evidence anew; what was counted so far is kept as history',
      tag: 'verdicts',
      params,
      body: said.GenerationRequest,
      answer: said.Generations,
      problems: ['not-found', 'unavailable'],
      async handle({ params: { name }, body: { reason, variant } }) {
        if (variant !== 'control') await variantOf(name, variant)
        // The shadows' noise is the control's: neither begins without the other.
        const of = variant === undefined || variant === 'control' ? {} : { variant }
        const begun = await verdicts.begin(name, { reason, actor: 'rest', ...of })
        return {
          items: begun.map(({ beganAtMs, ...one }) => ({
            ...{ variant: one.variant, generation: one.generation, reason: one.reason, versions: one.versions },
            beganAt: new Date(beganAtMs).toISOString(),
          })),
        } satisfies said.Generations
      },
    }),
    operation({
      id: 'listVerdictChanges',
      method: 'get',
      path: '/api/v1/routes/{name}/verdict/history',
      summary: 'When the verdict changed, newest first',
      tag: 'verdicts',
      params,
      query: z.strictObject({
        variant: fields.variant.optional(),
        limit: fields.limit,
        cursor: fields.cursor.optional(),
      }),
      answer: said.VerdictChangePage,
      problems: ['unavailable'],
      async handle({ params: { name }, query: { variant, limit, cursor } }) {
        const filters = JSON.stringify(['verdicts', name, variant ?? null])
        const beforeId = cursor === undefined ? undefined : decodeNumberCursor(cursor, filters)
        if (cursor !== undefined && beforeId === undefined) {
          throw new HttpProblem('invalid-parameter', 'cursor is not from a page with these filters', {
            errors: [{ pointer: '/query/cursor', message: 'expected the nextCursor of a page with the same filters' }],
          })
        }
        const rows = await verdicts.history({
          route: name,
          limit: limit + 1,
          ...(variant !== undefined && { variant }),
          ...(beforeId !== undefined && { beforeId }),
        })
        const items = rows.slice(0, limit)
        const last = items.at(-1)
        const nextCursor = rows.length > limit && last ? encodeNumberCursor(last.id, filters) : null
        return { items, nextCursor } satisfies said.VerdictChangePage
      },
    }),
  ]
}
