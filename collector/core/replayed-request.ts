// A stored request as it can be sent once more: what is hidden, and what belongs to one connection, is left out.
import type { HeaderValues } from './tap-record.ts'

export type ReplayedRequest = {
  method: string
  /** Path and query as the service itself sees them. */
  uri: string
  headers: [name: string, value: string][]
  /** Names of headers and query parameters whose values were hidden and therefore are not sent. */
  hidden: string[]
}

const HIDDEN = /hmac:[0-9a-f]{16,64}/
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['host', 'content-length', 'expect'],
])
/** The proxy writes these anew, and what ours are must not be claimed by a replay. */
const OF_THE_PROXY = /^x-(forwarded-|real-ip$|understudy-|shadow-|shadowing-|original-|canary-)/

/**
 * `uri`: as stored, the prefix that Traefik stripped put back; it is taken off again. `own`: headers of the caller's,
 * such as credentials, which replace stored ones.
 */
export function replayedRequest(
  stored: { method: string; uri: string; headers: HeaderValues | null },
  own: Record<string, string> = {},
): ReplayedRequest {
  const hidden: string[] = []
  const ownNames = new Set(Object.keys(own).map((name) => name.toLowerCase()))
  const headers: [string, string][] = []
  for (const [name, values] of Object.entries(stored.headers ?? {})) {
    const lower = name.toLowerCase()
    if (HOP_BY_HOP.has(lower) || OF_THE_PROXY.test(lower) || ownNames.has(lower)) continue
    for (const value of values ?? []) {
      if (HIDDEN.test(value)) hidden.push(name)
      else headers.push([name, value])
    }
  }
  headers.push(...Object.entries(own))
  const uri = withoutHidden(withoutPrefix(stored.uri, stored.headers), hidden)
  return { method: stored.method, uri, headers, hidden: [...new Set(hidden)] }
}

/** True for requests that change nothing and need no body: only those can be sent again from what is stored. */
export function canBeReplayed(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

function withoutPrefix(uri: string, headers: HeaderValues | null): string {
  const entry = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'x-forwarded-prefix')
  const prefix = entry?.[1]?.[0] ?? ''
  if (prefix === '' || !uri.startsWith(prefix)) return uri
  const rest = uri.slice(prefix.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function withoutHidden(uri: string, hidden: string[]): string {
  const at = uri.indexOf('?')
  if (at < 0) return uri
  const kept = uri
    .slice(at + 1)
    .split('&')
    .filter((part) => {
      const isHidden = HIDDEN.test(part)
      if (isHidden) hidden.push(part.split('=')[0] ?? part)
      return !isHidden
    })
  return kept.length > 0 ? `${uri.slice(0, at)}?${kept.join('&')}` : uri.slice(0, at)
}
