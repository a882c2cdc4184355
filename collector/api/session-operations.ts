// Login of the admin UI: the admin token is sent once, and a cookie that no script can read stands for it from then on.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as said from './session-schemas.ts'
import type { Sessions } from './sessions.ts'

const path = '/api/v1/session'
const tag = 'session'
/** Wrong tokens that are looked at in a minute, from everybody together. */
const wrongAMinute = 20

/** `sessions` is not set where no token is: then everybody is logged in already. */
export function sessionOperations(
  parts: Pick<ApiParts, 'adminToken' | 'now'>,
  sessions: Sessions | undefined,
): Operation[] {
  const required = parts.adminToken !== undefined
  const wrong = { minute: 0, count: 0 }

  function requireToken(token: string): void {
    const minute = Math.floor(parts.now() / 60_000)
    if (wrong.minute !== minute) Object.assign(wrong, { minute, count: 0 })
    if (wrong.count >= wrongAMinute)
      throw new HttpProblem('too-many-attempts', `${wrongAMinute} wrong tokens in this minute: wait for the next`, {
        headers: { 'Retry-After': '60' },
      })
    if (timingSafeEqual(digest(token), digest(parts.adminToken ?? ''))) return
    wrong.count += 1
    throw new HttpProblem('unauthorized', 'this is not the token of this server (UNDERSTUDY_ADMIN_TOKEN)')
  }

  return [
    operation({
      id: 'getSession',
      method: 'get',
      path,
      summary: 'Whether this request is logged in, and whether it has to be',
      tag,
      open: true,
      answer: said.Session,
      handle: ({ hasRights }) => ({ loggedIn: hasRights, required }),
    }),
    operation({
      id: 'beginSession',
      method: 'post',
      path,
      summary: `Log in: a cookie (HttpOnly, SameSite=Strict) that stands for the token`,
      tag,
      open: true,
      body: said.NewSession,
      answer: said.Session,
      problems: ['unauthorized', 'too-many-attempts'],
      handle({ body, request, response }) {
        if (sessions) {
          requireToken(body.token)
          response.append('Set-Cookie', sessions.begin(cameOverTls(request)))
        }
        return { loggedIn: true, required }
      },
    }),
    operation({
      id: 'endSession',
      method: 'delete',
      path,
      summary: 'Log out',
      tag,
      open: true,
      answer: said.Session,
      handle({ request, response }) {
        if (sessions) response.append('Set-Cookie', sessions.end(request))
        return { loggedIn: !required, required }
      },
    }),
  ]
}

/** Whoever ends TLS in front of this says so. */
function cameOverTls(request: IncomingMessage): boolean {
  return String(request.headers['x-forwarded-proto'] ?? '')
    .toLowerCase()
    .startsWith('https')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
