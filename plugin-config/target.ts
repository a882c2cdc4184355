// Where requests may be sent: a service that Traefik knows, or the URL of a server. Hostile input is refused by name.
import { BlockList, isIP } from 'node:net'

/** A service in Traefik's own spelling (`name@provider`), or a server as `scheme://host[:port]`. */
export type Target = { service: string } | { url: string }

/** Returns what is wrong with a service reference, or undefined. */
export function serviceProblem(service: string): string | undefined {
  if (service.endsWith('@internal')) return "Traefik's internal services are not for routes"
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}@[a-z][a-z0-9-]{0,49}$/.test(service)) {
    return 'expected name@provider, such as ticketing@docker'
  }
  if (service.startsWith('understudy-')) return 'names that begin with understudy- belong to Understudy itself'
  return undefined
}

/**
 * Checks the URL of a server. Loopback and private addresses are allowed; link-local, metadata and multicast ones are
 * not. A host that programs read differently (`0x7f.1`, `2130706433`) is refused, so that what was checked is what
 * Traefik dials. Names are not resolved here. The refusal never repeats a password.
 */
export function parseServerUrl(text: string): { ok: true; url: string } | { ok: false; message: string } {
  const refuse = (message: string) => ({ ok: false as const, message })
  if (text.length > 2000) return refuse('is longer than 2000 characters')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u0020\u007f-\u009f`\\]|\{\{/u.test(text)) return refuse('holds a space, backtick or control character')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:\/\/[^/]/i.test(text)) return refuse('expected http://host:port or https://host:port')
  if (url.username || url.password || text.includes('@')) return refuse('holds a user name or password: leave them out')
  if ((url.pathname !== '/' && url.pathname !== '') || url.search || url.hash) {
    return refuse('expected no path, query or fragment: requests keep their own')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const written = /^https?:\/\/(\[[^\]]*\]|[^/:]*)/i
    .exec(text)?.[1]
    ?.replace(/^\[|\]$/g, '')
    .toLowerCase()
  if (isIP(host) === 4 && written !== host) return refuse(`${written} means ${host}: write it so`)
  const name = host.replace(/\.$/, '')
  if (isIP(host) !== 0 ? isForbiddenAddress(host) : METADATA_NAMES.has(name)) {
    return refuse(`${host} is a link-local, metadata, multicast or unspecified address`)
  }
  if (isIP(host) === 0 && !/^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name))
    return refuse(`${host} is no host name`)
  return { ok: true, url: url.origin }
}

const METADATA_NAMES = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data'])

const forbidden = new BlockList()
forbidden.addSubnet('0.0.0.0', 8)
forbidden.addSubnet('169.254.0.0', 16)
forbidden.addSubnet('224.0.0.0', 3)
forbidden.addAddress('100.100.100.200')
forbidden.addAddress('192.0.0.192')
forbidden.addAddress('::', 'ipv6')
forbidden.addSubnet('fe80::', 10, 'ipv6')
forbidden.addSubnet('ff00::', 8, 'ipv6')
forbidden.addAddress('fd00:ec2::254', 'ipv6')

/** Link-local, metadata, multicast and unspecified addresses, mapped into IPv6 too: never a target. */
export function isForbiddenAddress(address: string): boolean {
  // BlockList applies the IPv4 rules to ::ffff:a.b.c.d too.
  return forbidden.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}
