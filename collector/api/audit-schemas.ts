// What the API says of events: who changed what, and when.
import { z } from 'zod'
import { count, name, time } from './schemas.ts'

export const AuditEvent = name(
  'AuditEvent',
  z.object({
    id: count,
    at: time,
    kind: z.string().describe('what happened, such as `route.changed`'),
    route: z.string().nullable(),
    actor: z.string().describe('who did it: `rest`, `file`, `flags`, or a part of Understudy'),
    details: z.unknown().describe('`before` and `after` where something was changed'),
  }),
)
export const AuditPage = name('AuditPage', z.object({ items: z.array(AuditEvent), nextCursor: z.string().nullable() }))

export type AuditEvent = z.output<typeof AuditEvent>
export type AuditPage = z.output<typeof AuditPage>
