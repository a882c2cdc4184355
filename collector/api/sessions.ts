// Sessions of the admin UI: a signed cookie made from the admin token, so that the token itself never is in the page.
// No store: every process that has the token knows every session, and another token ends them all.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const SESSION_COOKIE = 'understudy_session'
const sessionHours = 12
const maxEnded = 10_000

export type Sessions = {
  /** The value of a `Set-Cookie` header that begins a session. `isSecure`: the client came over TLS. */
  begin(isSecure: boolean): string
  /** True when the request carries a session that was begun here, is not over and was not ended. */
  isOpen(request: IncomingMessage): boolean
  /** Ends the request's session, and gives the `Set-Cookie` that makes the browser forget it. */
  end(request: IncomingMessage): string
}

/** `<id>.<end of it, seconds in base 36>.<HMAC of both>` */
type Session = { id: string; endsAtMs: number }

export function createSessions(options: { adminToken: string; now(): number }): Sessions {
  const key = createHmac('sha256', options.adminToken).update('understudy session').digest()
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  /** Ended before their time, in this process; bounded, and each is forgotten when its time is over. */
  const ended = new Map<string, number>()

  function read(request: IncomingMessage): Session | undefined {
    const [id = '', end = '', signature = '', ...more] = cookieOf(request).split('.')
    const expected = Buffer.from(sign(`${id}.${end}`))
    const given = Buffer.from(signature)
    if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    const endsAtMs = Number.parseInt(end, 36) * 1000
    return endsAtMs > options.now() ? { id, endsAtMs } : undefined
  }

  function forgetOld(): void {
    for (const [id, endsAtMs] of ended) {
      if (endsAtMs <= options.now() || ended.size > maxEnded) ended.delete(id)
    }
  }

  return {
    begin(isSecure) {
      const endsAt = Math.floor(options.now() / 1000) + sessionHours * 3600
      const text = `${randomBytes(16).toString('base64url')}.${endsAt.toString(36)}`
      return `${cookie(`${text}.${sign(text)}`, sessionHours * 3600)}${isSecure ? '; Secure' : ''}`
    },
    isOpen(request) {
      const session = read(request)
      return session !== undefined && !ended.has(session.id)
    },
    end(request) {
      const session = read(request)
      if (session) {
        ended.set(session.id, session.endsAtMs)
        forgetOld()
      }
      return cookie('', 0)
    },
  }
}

function cookie(value: string, maxAgeSeconds: number): string {
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`
}

function cookieOf(request: IncomingMessage): string {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === SESSION_COOKIE) return part.slice(at + 1).trim()
  }
  return ''
}
