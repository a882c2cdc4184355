import http from 'node:http'
import https from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createTraefikApi } from '../../collector/discovery/traefik-api.ts'
import { createTrafficPort } from '../../collector/rollout/traffic-port.ts'
import { type Rendered, renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { type EchoService, startEchoService } from '../helpers/echo-service.ts'
import { passThroughPlugin } from '../helpers/pass-through-plugin.ts'
import { startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

// user:secret
const USERS = ['user:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=']

/** Routers as people have them; each leads to a service of its own, so that an answer tells which router took it. */
const routers: Record<string, Record<string, unknown>> = {
  open: { rule: 'PathPrefix(`/open`)' },
  auth: { rule: 'PathPrefix(`/auth`)', middlewares: ['basic'] },
  inside: { rule: 'PathPrefix(`/inside`)', middlewares: ['office'] },
  strip: { rule: 'PathPrefix(`/strip`)', middlewares: ['strip', 'basic'] },
  api: { rule: 'PathPrefix(`/api`)' },
  special: { rule: 'PathPrefix(`/api/special`)', middlewares: ['basic'] },
  hosts: { rule: 'Host(`alpha.example`) || Host(`b.example`)', middlewares: ['mark'] },
  low: { rule: 'PathPrefix(`/`)', priority: 1 },
  high: { rule: 'PathPrefix(`/open/high`)', priority: 500 },
  old: { rule: 'Path(`/old/{id:[0-9]+}`, `/older`)', ruleSyntax: 'v2' },
  moved: { rule: 'Path(`/moved`)', middlewares: ['moved'] },
  query: { rule: 'PathPrefix(`/query`) && Query(`v`, `2`)' },
  not: { rule: 'PathPrefix(`/not`) && !Header(`X-Skip`, `1`)' },
  posts: { rule: 'PathPrefix(`/posts`) && Method(`POST`)' },
  secure: { rule: 'PathPrefix(`/secure`)', tls: {} },
  named: { rule: 'PathPrefix(`/named`)', entryPoints: ['web'] },
  errors: { rule: 'PathPrefix(`/errors`)', middlewares: ['compress'] },
}

const middlewares = {
  basic: { basicAuth: { users: USERS } },
  office: { ipAllowList: { sourceRange: ['10.1.2.3/32'] } },
  strip: { stripPrefix: { prefixes: ['/strip'] } },
  mark: { headers: { customResponseHeaders: { 'X-Mark': 'yes' } } },
  moved: { redirectRegex: { regex: '.*', replacement: 'http://elsewhere.example/', permanent: true } },
  compress: { compress: {} },
}

type Request = { method: string; path: string; headers?: Record<string, string>; secure?: boolean; body?: string }

/** 200 requests over every router, with and without what makes them be refused. */
function requests(): Request[] {
  const paths = Object.keys(routers).flatMap((name) => [`/${name}`, `/${name}/a?x=1&x=2`])
  const more = [
    '/api/special/1',
    '/open/high',
    '/old/12',
    '/older',
    '/old/x',
    '/query?v=2',
    '/',
    '/none',
    '/open?status=500',
  ]
  const reads = [...paths, ...more].flatMap((path): Request[] => [
    { method: 'GET', path },
    { method: 'HEAD', path },
    { method: 'POST', path, body: '{"a":1}' },
    { method: 'OPTIONS', path },
  ])
  const authorized = ['/auth/1', '/strip/x/y', '/api/special/2', '/inside'].flatMap((path): Request[] => [
    { method: 'GET', path, headers: { authorization: 'Basic dXNlcjpzZWNyZXQ=' } },
    { method: 'GET', path, headers: { authorization: 'Basic dXNlcjp3cm9uZw==' } },
    { method: 'OPTIONS', path, headers: { authorization: 'Basic dXNlcjpzZWNyZXQ=' } },
  ])
  const special: Request[] = [
    ...['alpha.example', 'b.example:8000', 'ALPHA.EXAMPLE', 'c.example'].map((host) => ({
      method: 'GET',
      path: '/open',
      headers: { host },
    })),
    { method: 'GET', path: '/not/1', headers: { 'x-skip': '1' } },
    { method: 'GET', path: '/not/2' },
    { method: 'GET', path: '/open', headers: { 'content-type': 'application/grpc+proto' } },
    { method: 'GET', path: '/open', headers: { upgrade: 'foo', connection: 'upgrade' } },
    { method: 'GET', path: '/open/%2e%2e/auth' },
    { method: 'GET', path: '/open/../auth' },
    { method: 'GET', path: '//open' },
    { method: 'GET', path: '/OPEN' },
    { method: 'DELETE', path: '/open/1' },
    { method: 'GET', path: '/secure/1', secure: true },
    { method: 'HEAD', path: '/secure/2', secure: true },
    { method: 'POST', path: '/secure/3', secure: true, body: 'x' },
    { method: 'GET', path: '/open', secure: true },
    { method: 'GET', path: '/errors', headers: { 'accept-encoding': 'gzip' } },
  ]
  return [...reads, ...authorized, ...special]
}

describe.each([
  ['with a plugin that does nothing', false, {}],
  ['with the tap', true, {}],
  ['with the tap, by user', true, { share: 99.99, stickyBy: { header: 'X-User' } }],
])('the overlay on real Traefik %s', (_which, withTap, more) => {
  const services: EchoService[] = []
  let traefik: TestTraefik
  let plugin: { pluginsDir: string; remove: () => Promise<void> }
  let shadow: EchoService
  let plain: string[]
  let mirrored: string[]
  let rendered: Rendered

  const api = () => createTraefikApi({ apiUrl: traefik.apiUrl })
  const port = () =>
    createTrafficPort({ dynamicDir: traefik.dynamicDir, api: api(), now: Date.now, confirmWithinMs: 60_000 })

  beforeAll(async () => {
    plugin = await passThroughPlugin()
    shadow = await startEchoService('shadow')
    services.push(shadow)
    const loadBalancers: Record<string, unknown> = {}
    for (const name of Object.keys(routers)) {
      const service = await startEchoService(name)
      services.push(service)
      loadBalancers[`${name}-service`] = { loadBalancer: { servers: [{ url: service.url }] } }
    }
    const named = Object.entries(routers).map(([name, router]) => [name, { ...router, service: `${name}-service` }])
    traefik = await startTraefik({
      ...(withTap ? {} : { pluginsDir: plugin.pluginsDir }),
      dynamic: { http: { routers: Object.fromEntries(named), services: loadBalancers, middlewares } },
    })
    plain = await sendAll()
    const discovered = await api().discover()
    rendered = renderTraefik({
      routes: Object.keys(routers).map(routeTo),
      base: discovered.routers,
      services: discovered.services.map((service) => service.name),
      tap: { ingestUrl: 'http://127.0.0.1:9/v1/taps', tokenFile: '', hmacKeyFile: '' },
    })
    const confirmation = await port().apply(rendered)
    expect(confirmation).toEqual({ confirmed: true, revision: rendered.revision })
    mirrored = await sendAll()
  })

  afterAll(async () => {
    await traefik?.stop()
    await Promise.all(services.map((service) => service.close()))
    await plugin?.remove()
  })

  const routeTo = (name: string): Route => {
    const parsed = parseRoute(
      {
        name,
        primary: { service: `${name}-service@file` },
        share: 100,
        shadows: [{ name: 'shadow', url: shadow.url }],
        ...more,
      },
      'file',
    )
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    return parsed.route
  }

  const sendAll = async () => {
    const answers: string[] = []
    for (const request of requests()) answers.push(await send(traefik.webUrl, request))
    return answers
  }

  it('gives every router of the table an overlay', () => {
    expect(rendered.refusals).toEqual([])
    expect(rendered.routes.filter((route) => route.state !== 'applied')).toEqual([])
  })

  it('changes no answer of 200 requests, refusals included', () => {
    const changed = requests().flatMap((request, index) =>
      plain[index] === mirrored[index] ? [] : [{ request, plain: plain[index], mirrored: mirrored[index] }],
    )
    expect(changed).toEqual([])
    expect(plain.length).toBeGreaterThanOrEqual(200)
  })

  it('was asked for refusals, redirects and errors too', () => {
    const statuses = new Set(plain.map((answer) => answer.slice(0, 3)))
    expect([...statuses].sort()).toEqual(expect.arrayContaining(['200', '301', '401', '403', '404', '500']))
  })

  it('mirrors reads and nothing else', async () => {
    await waitUntilHolds(() => {
      const methods = new Set(shadow.received.map((line) => line.split(' ')[0]))
      expect([...methods].sort()).toEqual(['GET', 'HEAD', 'OPTIONS'])
      expect(shadow.received.length).toBeGreaterThan(60)
    })
  })

  it('mirrors nothing that the base router refused', () => {
    const refused = requests().filter((_, index) => /^40[13]/.test(plain[index] ?? ''))
    expect(refused.length).toBeGreaterThan(10)
    expect(shadow.received.filter((line) => / \/(auth|inside)$/.test(line))).toEqual([])
  })

  it('would be caught here if it forgot the middlewares', async () => {
    const { routers: overlays = {}, ...rest } = rendered.config.http
    const forgetful = Object.entries(overlays).map(([name, { middlewares: _forgotten, ...router }]) => [name, router])
    await traefik.writeDynamic('understudy.yaml', { http: { ...rest, routers: Object.fromEntries(forgetful) } })
    const get = () => send(traefik.webUrl, { method: 'GET', path: '/auth' })
    expect(await waitUntil(async () => (await get()).startsWith('200'))).toBe(true)
  })

  it('goes with one call, and the answers stay', async () => {
    expect(await port().off()).toMatchObject({ confirmed: true })
    const state = await api().renderedState()
    expect(state.routers).toEqual([])
    expect(await sendAll()).toEqual(plain)
  })
})

/** Status, headers and body as one text, without what differs between any two answers. */
function send(webUrl: string, request: Request): Promise<string> {
  const { hostname, port } = new URL(webUrl)
  const client = request.secure ? https : http
  return new Promise((done, failed) => {
    const sent = client.request(
      {
        hostname,
        port,
        path: request.path,
        method: request.method,
        headers: request.headers,
        agent: false,
        ...(request.secure ? { rejectUnauthorized: false } : {}),
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const headers = Object.entries(response.headers).filter(([name]) => name !== 'date')
          done(`${response.statusCode} ${JSON.stringify(headers.sort())} ${Buffer.concat(chunks).toString('base64')}`)
        })
        response.on('error', failed)
      },
    )
    sent.on('error', failed)
    sent.end(request.body)
  })
}
