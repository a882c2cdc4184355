import { describe, expect, it } from '@jest/globals'
import { renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute } from '../../plugin-config/route.ts'

const tap = { ingestUrl: 'http://127.0.0.1:8082/v1/taps', tokenFile: '/run/token', hmacKeyFile: '/run/key' }

function parse(shadow: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const url = 'service' in shadow ? {} : { url: 'http://10.0.0.1' }
  return parseRoute(
    {
      ...{ name: 'app', rule: 'PathPrefix(`/`)', primary: { url: 'http://127.0.0.1:3000' } },
      ...{ shadows: [{ name: 'next', ...url, ...shadow }], ...more },
    },
    'file',
  )
}

function leg(shadow: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const parsed = parse(shadow, more)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const { http } = renderTraefik({ routes: [parsed.route], base: [], tap }).config
  return {
    http,
    service: http.services?.['understudy-app-leg.next'],
    headers: http.middlewares['understudy-app-headers.next'],
  }
}

const changed = (shadow: Record<string, unknown>, more: Record<string, unknown> = {}) => {
  const { headers } = leg(shadow, more)
  return headers && 'headers' in headers && 'customRequestHeaders' in headers.headers
    ? headers.headers.customRequestHeaders
    : undefined
}

describe("a shadow's headers", () => {
  it('stay as they are unless something is said', () => {
    expect(leg({}).headers).toBeUndefined()
    expect(leg({ credentials: 'pass', host: 'pass', headers: {} }).service).toMatchObject({
      middlewares: ['understudy-app-tap.next'],
    })
  })

  it('are set and removed behind the tap, one spelling for each', () => {
    const shadow = { headers: { set: { 'x-ENV': 'shadow' }, remove: ['X-Debug', 'x-env'] } }
    expect(changed(shadow)).toEqual({ 'X-Env': 'shadow', 'X-Debug': '' })
    expect(leg(shadow).service).toMatchObject({
      middlewares: ['understudy-app-tap.next', 'understudy-app-headers.next'],
    })
  })

  it('lose the credentials, those of the route too', () => {
    expect(changed({ credentials: 'strip' }, { redact: { headers: ['x-ticket'] } })).toEqual({
      ...{ Authorization: '', 'Proxy-Authorization': '', Cookie: '', 'X-Ticket': '' },
      ...{ 'X-Api-Key': '', 'X-Auth-Token': '', 'X-Csrf-Token': '', 'X-Xsrf-Token': '' },
    })
  })

  it('get other credentials from a file that the tap reads, and never show them', () => {
    const { http } = leg({ credentials: { file: '/run/secrets/next.credentials' } })
    expect(http.middlewares['understudy-app-tap.next']).toMatchObject({
      plugin: { understudy: { credentialsFile: '/run/secrets/next.credentials' } },
    })
    expect(changed({ credentials: { file: '/run/secrets/next.credentials' } })).not.toHaveProperty('Authorization')
    expect(changed({ credentials: { file: '/run/secrets/next.credentials' } })).toHaveProperty('Cookie', '')
  })

  it('name another host, or that of the target', () => {
    expect(changed({ host: 'next.example:8443' })).toEqual({ Host: 'next.example:8443' })
    const { http, headers } = leg({ host: 'target' })
    expect(headers).toBeUndefined()
    expect(http.services?.['understudy-app-server.next']).toMatchObject({ loadBalancer: { passHostHeader: false } })
  })

  it.each([
    [{ headers: { set: { 'X-Shadow-Request': 'false' } } }, /set by Understudy/],
    [{ headers: { set: { 'x-understudy-id': 'a' } } }, /set by Understudy/],
    [{ headers: { set: { 'X-Canary-Weight': '5' } } }, /set by Understudy/],
    [{ headers: { remove: ['X-Original-Host'] } }, /set by Understudy/],
    [{ headers: { remove: ['Content-Length'] } }, /belongs to the connection/],
    [{ headers: { set: { Host: 'a' } } }, /belongs to the connection/],
    [{ headers: { set: { 'X-A': 'a\r\nX-B: b' } } }, /printable/],
    [{ headers: { set: { 'X-A': '{{env "HOME"}}' } } }, /template/],
    [{ headers: { set: { 'X A': 'a' } } }, /header name/],
    [{ headers: { set: { 'X-A': '' } } }, /1 to 2000/],
    [{ headers: { sets: {} } }, /did you mean set/],
    [{ host: 'a b' }, /host name/],
    [{ host: 'a`b' }, /host name/],
    [{ host: '{{a}}' }, /host name/],
    [{ host: 'target', service: 'app-next@docker' }, /with a url/],
    [{ credentials: 'steal' }, /pass, strip/],
    [{ credentials: { file: '/run/secrets/hmac-key' } }, /absolute path/],
    [{ credentials: { file: '/run/../etc/x.credentials' } }, /absolute path/],
    [{ credentials: { file: 'x.credentials' } }, /absolute path/],
  ])('are refused as %j', (shadow, message) => {
    const parsed = parse(shadow)
    expect(parsed.ok ? [] : parsed.problems.map(({ message: text }) => text)).toEqual([expect.stringMatching(message)])
  })
})

describe('GraphQL over POST', () => {
  it('is let in by its path, and told from mutations by the tap', () => {
    const { http } = leg({}, { graphql: ['/graphql'] })
    expect(http.routers?.['understudy-app-overlay']?.rule).toContain('(Method(`POST`) && Path(`/graphql`))')
    expect(http.routers?.['understudy-app-overlay']?.rule).toContain('!HeaderRegexp(`Expect`, `.+`)')
    expect(http.middlewares['understudy-app-tap']).toMatchObject({ plugin: { understudy: { graphqlBytes: 65_536 } } })
  })

  it.each([{ methods: ['GET', 'POST'] }, { operations: ['POST /search'] }])('needs a route without %j', (more) => {
    expect(parse({}, { graphql: ['/graphql'], ...more })).toMatchObject({
      ok: false,
      problems: [{ pointer: '/graphql' }],
    })
    expect(parse({}, { graphql: ['/graphql`) || Path(`/'] }).ok).toBe(false)
  })
})

describe('a share by user', () => {
  const base = {
    ...{ name: 'app@docker', rule: 'Host(`a.example`)', priority: 17, entryPoints: ['web'], service: 'app@docker' },
    ...{ status: 'enabled' as const, middlewares: ['auth@docker'] },
  }
  const render = (more: Record<string, unknown>) => {
    const parsed = parse({}, { rule: undefined, primary: { service: 'app@docker' }, ...more })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    return renderTraefik({ routes: [parsed.route], base: [base], tap })
  }

  it("is decided behind the router's own middlewares, and leads below to the one branch or the other", () => {
    const { config, routes } = render({ share: 12.5, stickyBy: { cookie: 'sid' } })
    expect(config.http.routers).toEqual({
      'understudy-app-overlay': expect.objectContaining({
        ...{ priority: 18, entryPoints: ['web'], middlewares: ['auth@docker', 'understudy-app-lane'] },
      }),
      'understudy-app-overlay.sampled': expect.objectContaining({
        ...{ service: 'understudy-app-mirrored', parentRefs: ['understudy-app-overlay'] },
      }),
      'understudy-app-overlay.rest': expect.objectContaining({
        ...{ service: 'app@docker', parentRefs: ['understudy-app-overlay'] },
      }),
    })
    expect(config.http.routers?.['understudy-app-overlay']).not.toHaveProperty('service')
    expect(config.http.middlewares['understudy-app-lane']).toMatchObject({
      plugin: { understudy: { side: 'lane', keepPpm: 125_000, stickyCookie: 'sid' } },
    })
    expect(config.http.middlewares['understudy-app-tap']).toMatchObject({
      plugin: { understudy: { keepPpm: 1_000_000, stickyCookie: 'sid' } },
    })
    expect(routes).toMatchObject([
      { state: 'applied', routers: expect.arrayContaining(['understudy-app-overlay.rest']) },
    ])
  })

  it('of all needs no decision', () => {
    const { config } = render({ share: 100, stickyBy: { header: 'X-User' } })
    expect(Object.keys(config.http.routers ?? {})).toEqual(['understudy-app-overlay'])
    expect(config.http.middlewares).not.toHaveProperty('understudy-app-lane')
  })
})
