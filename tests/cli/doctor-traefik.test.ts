import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { ApiParts } from '../../collector/api/parts.ts'
import { emptyDiscovery, startApi } from '../api/api-server.ts'
import { baseMs } from '../api/stored-rows.ts'
import { understudy } from './run-understudy.ts'

type Finding = { check: string; state: string; detail: string; mend?: string }
type Lists = Partial<Record<'routers' | 'services' | 'middlewares' | 'entrypoints', unknown[]>> & {
  providers?: string[]
}

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function traefik(lists: Lists, clockMs: number): Promise<string> {
  const server: Server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    response.setHeader('Date', new Date(clockMs).toUTCString())
    if (path === '/api/version') response.end(JSON.stringify({ Version: '3.7.15' }))
    else if (path === '/api/overview') response.end(JSON.stringify({ providers: lists.providers ?? ['File'] }))
    else response.end(JSON.stringify(lists[path.split('/').at(-1) as 'routers'] ?? []))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanups.push(() => new Promise((done) => server.close(done)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const web = { name: 'web', address: ':80', asDefault: true }
const admin = { name: 'traefik', address: '127.0.0.1:8002', asDefault: false }
const api = {
  name: 'api@internal',
  rule: 'PathPrefix(`/api`)',
  service: 'api@internal',
  using: ['traefik'],
  status: 'enabled',
  priority: 9e15,
}
const shop = {
  name: 'shop@docker',
  rule: 'Host(`shop.example`)',
  service: 'shop',
  using: ['web'],
  status: 'enabled',
  priority: 20,
}
const overlay = {
  name: 'understudy-ticketing-overlay@file',
  rule: '(Host(`shop.example`)) && (Method(`GET`))',
  service: 'understudy-ticketing-share',
  using: ['web'],
  status: 'enabled',
  priority: 21,
}
const lists = { entrypoints: [web, admin], routers: [api, shop] }

async function doctor(changed: Lists, args: string[] = [], parts: Partial<ApiParts> = {}, clockMs = baseMs + 60_000) {
  const running = await startApi({ overlayState: () => ({ state: 'applied', reason: null }), ...parts })
  cleanups.push(() => running.close())
  const ran = await understudy(
    ['doctor', '--json', '--timeout', '20', ...args],
    {
      KAFKA_BROKERS: '127.0.0.1:2',
      UNDERSTUDY_TRAEFIK_API: await traefik({ ...lists, ...changed }, clockMs),
      UNDERSTUDY_API: running.url,
    },
    { nowMs: baseMs + 60_000 },
  )
  const findings = ran.out === '' ? [] : (ran.json as { findings: Finding[] }).findings
  const { code, err } = ran
  return { code, err, findings, finding: (check: string) => findings.find((each) => each.check === check) }
}

describe('what doctor sees in Traefik', () => {
  it('passes what is as it should be', async () => {
    const { finding } = await doctor({})
    expect(finding('entry points')).toEqual({
      check: 'entry points',
      state: 'passed',
      detail: 'web :80 (default), traefik 127.0.0.1:8002',
    })
    expect(finding('providers')).toMatchObject({
      state: 'passed',
      detail: expect.stringMatching(/^File; Docker is not on/),
    })
  })

  const retrying = { name: 'again@docker', type: 'retry', status: 'enabled' }
  it.each<[string, Lists, string, string]>([
    ['no provider for our file', { providers: ['Docker'] }, 'providers', 'none of them reads what we render'],
    [
      'an admin entry point that is a default',
      { entrypoints: [web, { ...admin, asDefault: true }] },
      'entry points',
      "serves Traefik's API",
    ],
    [
      'entry points of which none is marked',
      { entrypoints: [{ ...web, asDefault: false }, admin] },
      'entry points',
      "serves Traefik's API",
    ],
    [
      'a router that Traefik refuses',
      { routers: [{ ...shop, status: 'disabled', error: ['the service "shop@docker" does not exist'] }] },
      'router shop@docker',
      'does not exist',
    ],
    [
      'Retry before mirroring',
      { middlewares: [retrying], routers: [{ ...overlay, middlewares: ['again@docker'] }] },
      'retry on understudy-ticketing-overlay@file',
      'again@docker stands before mirroring',
    ],
    [
      'Retry before mirroring by hand',
      {
        middlewares: [retrying],
        services: [{ name: 'shop@docker', type: 'mirroring', mirroring: { maxBodySize: 1 } }],
        routers: [{ ...shop, middlewares: ['again'] }],
      },
      'retry on shop@docker',
      'corrupt',
    ],
    [
      'mirroring without a bound',
      { services: [{ name: 'm@file', type: 'mirroring', mirroring: { service: 'x' } }] },
      'maxBodySize of m@file',
      'of any size',
    ],
    [
      'mirroring with a large one',
      { services: [{ name: 'm@file', mirroring: { maxBodySize: 9_000_000 } }] },
      'maxBodySize of m@file',
      '9000000 bytes are allocated',
    ],
    [
      'a shadow that clients can reach',
      { routers: [{ ...shop, name: 's@docker', service: 'shop-shadow-v2', rule: 'Host(`shop-shadow`)' }] },
      'router s@docker',
      'clients can reach the shadow shop-shadow-v2@docker',
    ],
  ])('tells %s, and what mends it', async (_what, changed, check, detail) => {
    const { finding } = await doctor(changed)
    expect(finding(check)).toMatchObject({ detail: expect.stringContaining(detail), mend: expect.any(String) })
    expect(finding(check)?.state).not.toBe('passed')
  })

  it('tells clocks that differ', async () => {
    const { finding } = await doctor({}, [], {}, baseMs)
    expect(finding('clock of Traefik')).toMatchObject({ state: 'failed', detail: '60 s behind the clock here' })
  })
})

describe('what doctor sees in discovery', () => {
  it('tells labels, pairs and a Docker that is away', async () => {
    const found = {
      ...emptyDiscovery,
      docker: { host: '/d', reachable: false, detail: 'Docker at /d: is not there', containers: 0 },
      problems: [
        {
          where: 'container x, label understudy.shaer',
          what: 'there is no such label',
          mend: 'did you mean understudy.share?',
        },
      ],
      pairs: [
        ...[
          {
            primary: null,
            shadow: 'x-shadow@docker',
            variant: 'shadow',
            state: 'ambiguous' as const,
            reason: 'two',
            candidates: [],
            route: null,
          },
        ],
      ],
    }
    const { finding, code } = await doctor({}, [], { discovery: async () => found })
    expect(finding('container x, label understudy.shaer')).toMatchObject({
      state: 'doubtful',
      mend: 'did you mean understudy.share?',
    })
    expect(finding('shadow x-shadow@docker')).toMatchObject({ state: 'doubtful', detail: 'ambiguous: two' })
    expect(finding('docker')).toMatchObject({ state: 'failed', detail: 'Docker at /d: is not there' })
    expect(code).toBe(3)
  })
})

describe('doctor --url', () => {
  const url = (address: string, ...rest: string[]) => ['--url', address, ...rest]

  it('follows a URL to its comparisons', async () => {
    const { code, findings } = await doctor({ routers: [api, shop, overlay] }, url('http://shop.example/'))
    expect(code).toBe(0)
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      ...['url: entry point passed', 'url: router passed', 'url: mirrored passed', 'url: compared passed'],
    ])
    expect(findings.at(-1)?.detail).toMatch(/^90 pairs of route ticketing.*not compared: no-shadow 4, /)
  })

  it.each<[string, Lists, string[], Partial<ApiParts>, string]>([
    ['routed', {}, url('http://shop.exampel/'), {}, 'the nearest, shop@docker, wants Host(`shop.example`)'],
    [
      'mirrored for its method',
      { routers: [shop, overlay] },
      url('http://shop.example/', '--method', 'POST'),
      {},
      'POST / is none of its methods',
    ],
    ['mirrored for want of a route', {}, url('http://shop.example/'), {}, 'there is no route for shop@docker'],
    [
      'asked by the right host',
      {},
      url('http://127.0.0.1/', '--header', 'Host: other'),
      {},
      'no router matches GET http://other/',
    ],
  ])('tells why it is not %s', async (_what, changed, args, parts, detail) => {
    const { code, findings } = await doctor(changed, args, parts)
    expect(code).toBe(3)
    expect(findings.at(-1)).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining(detail),
      mend: expect.any(String),
    })
  })

  it.each([
    ['nothing was tapped', { compared: 0 }, 'doubtful', 'no tap of route ticketing has reported'],
    [
      'every pair was lost',
      { compared: 0, unpaired: { 'no-shadow': 7 }, dropped: { 'queue-full': 9 } },
      'failed',
      'nothing of route ticketing is: queue-full 9, no-shadow 7',
    ],
  ])('tells why nothing is compared: %s', async (_what, counts, state, detail) => {
    const reports = {
      counts: async () => ({
        firstMinuteMs: null,
        lastMinuteMs: null,
        unpaired: {},
        dropped: {},
        variants: {},
        endpoints: [],
        endpointsCut: false,
        ...counts,
      }),
      taps: async () => ({ tapped: 0, dropped: {}, instances: 1, reportedAtMs: baseMs }),
    } as unknown as ApiParts['reports']
    const { findings } = await doctor({ routers: [shop, overlay] }, url('http://shop.example/'), { reports })
    expect(findings.at(-1)).toMatchObject({
      check: 'url: compared',
      state,
      detail: expect.stringContaining(detail),
      mend: expect.any(String),
    })
  })

  it.each([
    [url('shop.example/'), '--url is "shop.example/": expected an address'],
    [url('http://x/', '--method', 'G T'), '--method is "G T"'],
    [url('http://x/', '--header', 'nothing'), '--header is "nothing": expected "Name: value"'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await doctor({}, args)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})
