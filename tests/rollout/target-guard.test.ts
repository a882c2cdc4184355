import { describe, expect, it } from '@jest/globals'
import { createTargetGuard, type TargetGuard } from '../../collector/rollout/target-guard.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { parseTargetNetworks, type TargetNetworks } from '../../plugin-config/target-networks.ts'

function networks(text: string): TargetNetworks {
  const parsed = parseTargetNetworks(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.networks
}

function route(primary: string, shadow = 'http://10.0.0.2'): Route {
  const parsed = parseRoute(
    { name: 'shop', rule: 'Host(`a`)', primary: { url: primary }, shadows: [{ name: 'shadow', url: shadow }] },
    'rest',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.route
}

const names: Record<string, string[]> = {
  localhost: ['127.0.0.1', '::1'],
  app: ['172.20.0.3'],
  'public.example': ['93.184.216.34'],
  'both.example': ['10.0.0.9', '93.184.216.34'],
  'metadata.example': ['169.254.169.254'],
  'mapped.example': ['::ffff:169.254.169.254'],
}

function guard(text = 'loopback,private', at = { ms: 0 }): TargetGuard {
  return createTargetGuard({
    networks: networks(text),
    own: [
      { what: "Understudy's API", host: '127.0.0.1', port: 8081 },
      { what: "Traefik's API", host: 'traefik', port: 8080 },
    ],
    now: () => at.ms,
    async lookup(name) {
      const found = names[name]
      if (!found) throw new Error('ENOTFOUND')
      return found
    },
  })
}

describe('where a route may lead', () => {
  it.each([
    ['http://127.0.0.1:3000'],
    ['http://[::1]:3000'],
    ['http://10.1.2.3'],
    ['http://192.168.1.4:8080'],
    ['http://[fd12::1]'],
    ['http://localhost:3000'],
    ['http://app:8080'],
    ['http://not-started-yet:8080'],
  ])('to %s', async (url) => {
    expect(await guard().problems(route(url))).toEqual([])
  })

  it.each([
    ['http://93.184.216.34', 'UNDERSTUDY_TARGET_NETWORKS is loopback,private: add it there'],
    ['http://public.example', 'public.example (93.184.216.34) is not in a network'],
    ['http://both.example', 'both.example (93.184.216.34) is not in a network'],
    ['http://metadata.example', 'never a target'],
    ['http://mapped.example', 'never a target'],
    ['http://nowhere.example', 'cannot be looked up'],
    ['http://127.0.0.1:8081', "is Understudy's API itself"],
    ['http://localhost:8081', "is Understudy's API itself"],
    ['http://[::1]:8081', "is Understudy's API itself"],
    ['http://traefik:8080', "is Traefik's API itself"],
  ])('and not to %s', async (url, told) => {
    for (const [which, pointer] of [
      [route(url), '/primary/url'],
      [route('http://10.0.0.1', url), '/shadows/0/url'],
    ] as const)
      expect(await guard().problems(which)).toEqual([{ pointer, message: expect.stringContaining(told) }])
  })

  it('by what is listed, but never to a metadata address', async () => {
    const listed = guard('203.0.113.0/24,public.example,*.svc.cluster.local,metadata.example,169.254.0.0/16')
    expect(await listed.problems(route('http://203.0.113.9', 'http://public.example'))).toEqual([])
    expect(await listed.problems(route('http://a.b.svc.cluster.local', 'http://203.0.113.9'))).toEqual([])
    expect(await listed.problems(route('http://203.0.113.9', 'http://10.0.0.1'))).toHaveLength(1)
    expect(await listed.problems(route('http://203.0.113.9', 'http://metadata.example'))).toHaveLength(1)
  })

  it('no longer once a name changes its mind, and still while it cannot be looked up', async () => {
    const at = { ms: 0 }
    const watched = guard('loopback,private', at)
    names['flips.example'] = ['10.0.0.5']
    const routes = [route('http://flips.example')]
    expect(await watched.problems(routes[0]!)).toEqual([])
    names['flips.example'] = ['169.254.169.254']
    expect((await watched.refused(routes)).size).toBe(0)
    at.ms = 31_000
    expect((await watched.refused(routes)).get('shop')).toContain('flips.example (169.254.169.254)')
    delete names['flips.example']
    at.ms = 62_000
    expect((await watched.refused(routes)).size).toBe(1)
    expect((await watched.refused([route('http://nowhere.example')])).size).toBe(0)
  })

  it.each(['10.0.0.0/33', '::/129', 'a b', '1.2.3', 'http://x', '*', '10.0.0.0/x', '{{x}}'])(
    'refuses the setting %s',
    (text) => {
      expect(parseTargetNetworks(text)).toMatchObject({
        ok: false,
        message: expect.stringContaining('expected loopback'),
      })
    },
  )
})
