import { z } from 'zod'
import { AuditPage } from './audit-schemas.ts'
import { decodeNumberCursor, encodeNumberCursor } from './cursor.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'

export function auditOperations(parts: Pick<ApiParts, 'audit'>): Operation[] {
  return [
    operation({
      id: 'listAudit',
      method: 'get',
      path: '/api/v1/audit',
      summary: 'Who changed what, newest first',
      tag: 'events',
      query: z.strictObject({
        route: fields.route.optional(),
        limit: fields.limit,
        cursor: fields.cursor.optional(),
      }),
      answer: AuditPage,
      problems: ['unavailable'],
      async handle({ query: { route, limit, cursor } }) {
        const filters = JSON.stringify(['audit', route ?? null])
        const beforeId = cursor === undefined ? undefined : decodeNumberCursor(cursor, filters)
        if (cursor !== undefined && beforeId === undefined) {
          throw new HttpProblem('invalid-parameter', 'cursor is not from a page with these filters', {
            errors: [{ pointer: '/query/cursor', message: 'expected the nextCursor of a page with the same filters' }],
          })
        }
        const rows = await parts.audit.list({ route, limit: limit + 1, beforeId })
        const items = rows.slice(0, limit)
        const last = items.at(-1)
        return {
          items,
          nextCursor: rows.length > limit && last ? encodeNumberCursor(last.id, filters) : null,
        } satisfies AuditPage
      },
    }),
  ]
}
