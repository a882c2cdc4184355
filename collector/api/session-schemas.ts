// What the API says about the session of a browser.
import { z } from 'zod'
import { named } from './schemas.ts'

export const Session = z.object({
  loggedIn: z.boolean().describe('true: this request has every right, by its session or its bearer token'),
  required: z.boolean().describe('false: this server was started without a token, and asks for none'),
})
named.add(Session, { id: 'Session' })

export const NewSession = z.strictObject({
  token: z.string('the admin token (UNDERSTUDY_ADMIN_TOKEN of this server)').max(1000, 'at most 1000 characters'),
})

export type Session = z.output<typeof Session>
