// Whether a route's requests may go where it says (SSRF): by its addresses, which are looked up again now and then,
// because a name can change its mind.
import { lookup as lookUp } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Problem } from '../../plugin-config/problem.ts'
import type { Route } from '../../plugin-config/route.ts'
import { isForbiddenAddress } from '../../plugin-config/target.ts'
import type { TargetNetworks } from '../../plugin-config/target-networks.ts'

export type TargetGuard = {
  /** What is wrong with the targets as they are now, one entry a target. */
  problems(route: Route): Promise<Problem[]>
  /** Routes that may not be rendered, with the reason. A name that cannot be looked up now keeps its last answer. */
  refused(routes: readonly Route[]): Promise<Map<string, string>>
}

/** An address of our own that no route may lead to; `port` as in a URL. */
export type OwnAddress = { what: string; host: string; port: number }

const LOOKUP_WITHIN_MS = 2_000
const MAX_KNOWN = 5_000

export function createTargetGuard(options: {
  networks: TargetNetworks
  own: readonly OwnAddress[]
  now: () => number
  keepMs?: number
  /** Addresses of a host name; throws where there are none. */
  lookup?: (name: string) => Promise<string[]>
}): TargetGuard {
  const { networks, own, now, keepMs = 30_000, lookup = lookupAll } = options
  const known = new Map<string, { at: number; addresses: string[] | undefined }>()

  const addressesOf = async (host: string): Promise<string[] | undefined> => {
    if (isIP(host) !== 0) return [host]
    const last = known.get(host)
    if (last && now() - last.at < keepMs) return last.addresses
    const addresses = await Promise.race([
      lookup(host).catch(() => undefined),
      delay(LOOKUP_WITHIN_MS, undefined, { ref: false }),
    ])
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(host, { at: now(), addresses: addresses ?? last?.addresses })
    return addresses ?? last?.addresses
  }

  const mend = `; UNDERSTUDY_TARGET_NETWORKS is ${networks.text}: add it there if it may be called`

  /** `isStrict`: a name that cannot be looked up is refused too, unless it can only be a service of the same compose file. */
  const problemOf = async (text: string, isStrict: boolean): Promise<string | undefined> => {
    const url = new URL(text)
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    const addresses = await addressesOf(host)
    const isListed = networks.allowsName(host)
    const mine = own.find((each) => each.port === port && isSameHost(each.host, host, addresses ?? []))
    if (mine) return `${host}:${port} is ${mine.what} itself: a route must not lead there`
    if (addresses === undefined) {
      return isStrict && host.includes('.') && !isListed
        ? `${host} cannot be looked up: is it spelled right?${mend}`
        : undefined
    }
    const forbidden = addresses.find(isForbiddenAddress)
    if (forbidden !== undefined) {
      return `${shown(host, forbidden)} is a link-local, metadata or multicast address, which is never a target`
    }
    const outside = isListed ? undefined : addresses.find((address) => !networks.allowsAddress(address))
    return outside === undefined
      ? undefined
      : `${shown(host, outside)} is not in a network that targets may be in${mend}`
  }

  const problemsOf = async (route: Route, isStrict: boolean): Promise<Problem[]> => {
    const found = await Promise.all(
      targetsOf(route).map(async ({ pointer, url }) => {
        const message = await problemOf(url, isStrict)
        return message === undefined ? [] : [{ pointer, message }]
      }),
    )
    return found.flat()
  }

  return {
    problems: (route) => problemsOf(route, true),
    async refused(routes) {
      const found = await Promise.all(
        routes.map(async (route): Promise<[string, string][]> => {
          const [first] = await problemsOf(route, false)
          return first ? [[route.name, first.message]] : []
        }),
      )
      return new Map(found.flat())
    },
  }
}

function targetsOf(route: Route): { pointer: string; url: string }[] {
  const shadows = route.shadows.flatMap((shadow, index) =>
    'url' in shadow ? [{ pointer: `/shadows/${index}/url`, url: shadow.url }] : [],
  )
  const primary = 'url' in route.primary ? [{ pointer: '/primary/url', url: route.primary.url }] : []
  const { control } = route
  return [
    ...primary,
    ...shadows,
    ...(typeof control === 'object' && control.url !== undefined
      ? [{ pointer: '/control/url', url: control.url }]
      : []),
  ]
}

async function lookupAll(name: string): Promise<string[]> {
  return (await lookUp(name, { all: true })).map(({ address }) => address)
}

function isSameHost(own: string, host: string, addresses: readonly string[]): boolean {
  const isLoopback = (address: string) => /^(127\.|::1$|::ffff:127\.|localhost$)/.test(address)
  if (own === host || addresses.includes(own)) return true
  return (isLoopback(own) || own === '0.0.0.0' || own === '::') && addresses.some(isLoopback)
}

const shown = (host: string, address: string) => (host === address ? host : `${host} (${address})`)
