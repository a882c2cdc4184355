// Who may ask: hosts by name (DNS rebinding), a bearer token where one is set, and no other site's form or script.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createPeers, type Peers } from './peers.ts'
import { HttpProblem } from './problem.ts'
import type { Sessions } from './sessions.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

export type Guard = {
  /** @throws HttpProblem for a client whose network may not come in */
  requireOwnNetwork(request: IncomingMessage): void
  /** True when the request carries the configured token or an open session, or when none is configured. @throws HttpProblem on a wrong one */
  hasRights(request: IncomingMessage): boolean
  /** @throws HttpProblem `unauthorized` */
  requireRights(request: IncomingMessage): void
  /** Refuses a Host that is not ours. A right token excuses it: another site's script cannot have one. @throws HttpProblem */
  requireOwnHost(request: IncomingMessage): void
  /** For requests that change something: JSON, and no sign of another site behind it. @throws HttpProblem */
  requireOwnSite(request: IncomingMessage): void
}

/** `allowedHosts` are host names without port, added to the loopback ones. */
export function createGuard(
  options: { adminToken?: string | undefined; allowedHosts: readonly string[]; peers?: Peers },
  sessions?: Sessions,
): Guard {
  const peers = options.peers ?? createPeers({})
  const expected = options.adminToken ? digest(options.adminToken) : undefined
  const hosts = new Set([...loopbackNames, ...options.allowedHosts].map((host) => host.toLowerCase()))

  function token(request: IncomingMessage): 'none' | 'right' | 'wrong' {
    const header = request.headers.authorization
    if (header === undefined) return 'none'
    const match = /^Bearer +(\S+) *$/i.exec(header)
    // Digests have one length, so that neither the length nor a common beginning of the token shows in the time taken.
    return match && expected && timingSafeEqual(digest(match[1] ?? ''), expected) ? 'right' : 'wrong'
  }

  function hasRights(request: IncomingMessage): boolean {
    if (!expected) return true
    const given = token(request)
    if (given === 'wrong')
      throw unauthorized('the Authorization header does not carry the token of this server', 'invalid_token')
    if (given === 'right') return true
    return (sessions?.isOpen(request) ?? false) || peers.isTrusted(request.socket.remoteAddress)
  }

  return {
    hasRights,
    requireOwnNetwork(request) {
      if (peers.isLetIn(request.socket.remoteAddress)) return
      throw new HttpProblem(
        'foreign-network',
        `${request.socket.remoteAddress} is in no network of UNDERSTUDY_ADMIN_NETWORKS`,
      )
    },
    requireRights(request) {
      if (!hasRights(request))
        throw unauthorized('send Authorization: Bearer <token> (UNDERSTUDY_ADMIN_TOKEN of this server)')
    },
    requireOwnHost(request) {
      const host = hostName(request.headers.host)
      if (hosts.has(host) || (expected && token(request) === 'right')) return
      throw new HttpProblem(
        'foreign-host',
        `Host ${JSON.stringify(host.slice(0, 80))} is not one of ${[...hosts].join(', ')}; UNDERSTUDY_ADMIN_HOSTS adds names`,
      )
    },
    requireOwnSite(request) {
      const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
      // No form and no simple request of another site can send a DELETE, or one of these types.
      const isJson = /^application\/(json|merge-patch\+json)$/.test(type)
      if (!isJson && request.method !== 'DELETE') {
        throw new HttpProblem(
          'unsupported-media-type',
          'a request that changes something needs Content-Type: application/json',
        )
      }
      const { origin, host } = request.headers
      const site = request.headers['sec-fetch-site']
      const own = origin === undefined || origin === `http://${host}` || origin === `https://${host}`
      if (!own || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
        throw new HttpProblem(
          'foreign-origin',
          `Origin ${JSON.stringify(String(origin ?? site).slice(0, 80))} may not change anything here`,
        )
      }
    },
  }
}

function unauthorized(detail: string, error?: string): HttpProblem {
  return new HttpProblem('unauthorized', detail, {
    headers: { 'WWW-Authenticate': `Bearer realm="understudy"${error ? `, error="${error}"` : ''}` },
  })
}

function hostName(host: string | undefined): string {
  return (host ?? '')
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
