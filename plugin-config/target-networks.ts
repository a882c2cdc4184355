// The networks and names that requests may be sent to. Link-local, metadata and multicast addresses never are.
import { BlockList, isIP } from 'node:net'
import { isForbiddenAddress } from './target.ts'

export type TargetNetworks = {
  /** As it was written. */
  text: string
  /** True for an IP address that may be a target. */
  allowsAddress(address: string): boolean
  /** True for a host name that is listed itself, or by `*.its.domain`. */
  allowsName(name: string): boolean
}

export type ParsedNetworks = { ok: true; networks: TargetNetworks } | { ok: false; message: string }

const WORDS: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
}

const NAME = /^(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/

/** `loopback`, `private`, CIDR ranges, single addresses, host names and `*.domain`, separated by commas. */
export function parseTargetNetworks(text: string): ParsedNetworks {
  const allowed = new BlockList()
  const names = new Set<string>()
  for (const part of text.split(',').flatMap((each) => each.trim().toLowerCase() || [])) {
    const ranges = WORDS[part] ?? [part]
    for (const range of ranges) {
      const [address = '', bits] = range.split('/')
      const family = isIP(address)
      const most = family === 4 ? 32 : 128
      if (family !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
        allowed.addSubnet(address, bits === undefined ? most : Number(bits), family === 4 ? 'ipv4' : 'ipv6')
      } else if (bits === undefined && NAME.test(range) && !/^[\d.]+$/.test(range)) names.add(range)
      else
        return {
          ok: false,
          message: `${part}: expected loopback, private, a range such as 10.0.0.0/8, a host name or *.domain`,
        }
    }
  }
  const networks: TargetNetworks = {
    text,
    allowsAddress: (address) =>
      !isForbiddenAddress(address) && allowed.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'),
    allowsName(name) {
      if (names.has(name)) return true
      const labels = name.split('.')
      return labels.some((_, index) => index > 0 && names.has(`*.${labels.slice(index).join('.')}`))
    },
  }
  return { ok: true, networks }
}
