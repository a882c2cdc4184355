import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { baseRouter } from '../../collector/discovery/base-router.ts'
import type { DiscoveredEntryPoint } from '../../plugin-config/discovered.ts'
import { type RenderInput, renderTraefik } from '../../plugin-config/render-traefik.ts'
import { withoutOverlays } from '../../plugin-config/rendered-file.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import type { BaseRouter } from '../../plugin-config/traefik-config.ts'

type Golden = {
  entryPoints: DiscoveredEntryPoint[]
  routers: {
    what: string
    shown: Record<string, unknown>
    others?: unknown[]
    route?: Record<string, unknown>
    overlay?: unknown
    refused?: string
    waiting?: string
  }[]
}
const golden: Golden = parse(readFileSync(resolve(import.meta.dirname, '../fixtures/overlay-golden.yaml'), 'utf8'))

const tap = { ingestUrl: 'http://127.0.0.1:8082/v1/taps', tokenFile: '/run/token', hmacKeyFile: '/run/key' }

function route(written: Record<string, unknown>): Route {
  const shadows = [{ name: 'shadow', url: 'http://127.0.0.1:3001' }]
  const parsed = parseRoute({ name: 'app', share: 100, shadows, ...written }, 'file')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.route
}

const toUrl = (written: Record<string, unknown> = {}) =>
  route({ rule: 'PathPrefix(`/app`)', primary: { url: 'http://127.0.0.1:3000' }, ...written })

const router = (name: string, rule: string, more: Partial<BaseRouter> = {}): BaseRouter => ({
  name,
  rule,
  priority: rule.length,
  entryPoints: ['web'],
  service: name,
  status: 'enabled',
  middlewares: [],
  ...more,
})

const render = (input: Partial<RenderInput>) => renderTraefik({ routes: [], base: [], tap, ...input })
const routersOf = (input: Partial<RenderInput>) => render(input).config.http.routers ?? {}

describe('an overlay', () => {
  it.each(golden.routers)('above $what', ({ shown, others = [], route: more, overlay, refused, waiting }) => {
    const base = [shown, ...others].flatMap((each) => baseRouter(each, golden.entryPoints) ?? [])
    const rendered = render({ routes: [route({ primary: { service: base[0]?.service }, ...more })], base })
    expect(rendered.config.http.routers?.['understudy-app-overlay']).toEqual(overlay)
    expect(rendered.routes[0]?.state).toBe(overlay ? 'applied' : refused ? 'refused' : 'waiting')
    expect(rendered.routes[0]?.reason).toBe(refused ?? waiting)
    expect(rendered.ok).toBe(refused === undefined)
  })

  it('stands above each router of a service, in the order of their names', () => {
    const base = [
      router('b@docker', 'Host(`b.example.com`)', { service: 'app@docker', entryPoints: ['internal'] }),
      router('a@docker', 'Host(`a.example`)', { service: 'app@docker' }),
    ]
    const routers = routersOf({ routes: [route({ primary: { service: 'app@docker' } })], base })
    expect(Object.entries(routers).map(([name, { rule }]) => [name, rule.slice(0, 19)])).toEqual([
      ['understudy-app-overlay', '(Host(`a.example`))'],
      ['understudy-app-overlay.2', '(Host(`b.example.co'],
    ])
  })

  it('is refused on a router that another route has already', () => {
    const base = [router('a@docker', 'Host(`a.example`)')]
    const routes = ['one', 'two'].map((name) => route({ name, primary: { service: 'a@docker' } }))
    expect(render({ routes, base }).routes).toMatchObject([
      { route: 'one', state: 'applied' },
      { route: 'two', state: 'refused', reason: expect.stringContaining('route one') },
    ])
  })

  it('waits while the routers are not known', () => {
    const rendered = render({
      routes: [route({ primary: { service: 'a@docker' } }), toUrl({ name: 'own' })],
      base: undefined,
    })
    expect(rendered.routes.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
    expect(Object.keys(rendered.config.http.routers ?? {})).toEqual(['understudy-own-plain'])
  })

  it('leaves out a shadow that Traefik does not have, and waits when none is left', () => {
    const shadows = [
      { name: 'here', service: 'here@docker' },
      { name: 'gone', service: 'gone@docker' },
    ]
    const input = { routes: [toUrl({ shadows })], base: [] }
    const partly = render({ ...input, services: ['here@docker'] })
    expect(partly.routes).toMatchObject([{ state: 'applied', reason: 'Traefik has no service gone@docker' }])
    expect(partly.yaml).not.toContain('name: gone@docker')
    const waiting = render({ ...input, services: [] })
    expect(waiting.routes).toMatchObject([{ state: 'waiting', routers: ['understudy-app-plain'] }])
  })

  it('warns about Retry before a mirroring', () => {
    const base = [router('a@docker', 'Host(`a.example`)', { middlewares: ['again@docker'] })]
    const rendered = render({ routes: [route({ primary: { service: 'a@docker' } })], base, retries: ['again@docker'] })
    expect(rendered.routes).toMatchObject([{ state: 'applied', reason: expect.stringContaining('Retry') }])
  })

  it('is refused where nothing may be mirrored', () => {
    expect(render({ routes: [toUrl({ methods: [] })] }).routes).toMatchObject([{ state: 'refused' }])
  })
})

describe('a route to a URL', () => {
  it('has a plain router below its overlay, so that traffic flows whatever happens to the overlay', () => {
    const routers = routersOf({ routes: [toUrl({ entryPoints: ['web'] })] })
    expect(routers['understudy-app-plain']).toEqual({
      rule: 'PathPrefix(`/app`)',
      priority: 18,
      entryPoints: ['web'],
      service: 'understudy-app-primary',
    })
    expect(routers['understudy-app-overlay']).toMatchObject({ priority: 19, entryPoints: ['web'] })
  })

  it.each([
    ['disabled', { routes: [toUrl({ enabled: false })] }],
    ['with overlays off', { routes: [toUrl()], overlays: false }],
  ])('keeps its plain router alone when %s', (_how, input) => {
    const rendered = render(input)
    expect(Object.keys(rendered.config.http.routers ?? {})).toEqual(['understudy-app-plain'])
    expect(rendered.config.http.services).toEqual({
      'understudy-app-primary': {
        loadBalancer: { serversTransport: 'understudy-app-primary', servers: [{ url: 'http://127.0.0.1:3000' }] },
      },
    })
    expect(rendered.routes).toMatchObject([{ state: 'off' }])
  })

  it('gets no overlay that another router, ours included, would notice', () => {
    const rival = router('theirs@docker', 'HostRegexp(`^.+$`)', { priority: 19 })
    expect(render({ routes: [toUrl()], base: [rival] }).routes).toMatchObject([
      { state: 'refused', reason: expect.stringContaining('theirs@docker'), routers: ['understudy-app-plain'] },
    ])
    const ours = [toUrl(), toUrl({ name: 'apps', rule: 'PathPrefix(`/apps`)' })]
    expect(render({ routes: ours }).routes).toMatchObject([
      { route: 'app', state: 'refused', reason: expect.stringContaining('understudy-apps-plain') },
      { route: 'apps', state: 'applied' },
    ])
  })

  it("does not hide a router that leads to Traefik's own API", () => {
    const dashboard = router('ops@docker', 'Host(`ops.example`)', { service: 'api@internal', priority: 18 })
    const above = render({ routes: [toUrl({ rule: 'PathPrefix(`/`)', priority: 18 })], base: [dashboard] })
    expect(above.routes).toMatchObject([
      { state: 'refused', reason: expect.stringContaining('ops@docker'), routers: [] },
    ])
    expect(above.config.http.routers).toBeUndefined()
    const below = render({ routes: [toUrl({ rule: 'PathPrefix(`/`)', priority: 15 })], base: [dashboard] })
    expect(below.routes).toMatchObject([{ state: 'applied' }])
  })

  it("does not go onto the entry point of Traefik's own API", () => {
    const base = [
      router('api@internal', 'PathPrefix(`/api`)', { entryPoints: ['traefik'], priority: Number.MAX_VALUE }),
    ]
    expect(render({ routes: [toUrl({ entryPoints: ['traefik'] })], base }).routes).toMatchObject([
      { state: 'refused', reason: "entry point traefik serves Traefik's own API" },
    ])
  })
})

describe('what stands behind an overlay', () => {
  it('is the mirroring itself where everything is mirrored', () => {
    const { routers, services } = render({ routes: [toUrl()] }).config.http
    expect(routers?.['understudy-app-overlay']?.service).toBe('understudy-app-mirrored')
    expect(services?.['understudy-app-share']).toBeUndefined()
  })

  it('is a weighted service of prime period for a share', () => {
    const { routers, services, middlewares } = render({ routes: [toUrl({ share: 10 })] }).config.http
    expect(routers?.['understudy-app-overlay']?.service).toBe('understudy-app-share')
    expect(services?.['understudy-app-share']).toEqual({
      weighted: {
        services: [
          { name: 'understudy-app-mirrored', weight: 11 },
          { name: 'understudy-app-primary', weight: 90 },
        ],
      },
    })
    expect(middlewares['understudy-app-tap']).toMatchObject({ plugin: { understudy: { keepPpm: 918182 } } })
  })

  it('guards and times out each shadow, and no primary', () => {
    const { middlewares, serversTransports } = render({ routes: [toUrl({ protect: { timeoutMs: 3000 } })] }).config.http
    expect(middlewares['understudy-app-tap']).toMatchObject({
      plugin: { understudy: { side: 'primary', variant: '', expects: ['shadow'], guardRate: 0, guardInFlight: 0 } },
    })
    expect(middlewares['understudy-app-tap.shadow']).toMatchObject({
      plugin: {
        understudy: {
          side: 'shadow',
          variant: 'shadow',
          guardRate: 100,
          guardBurst: 200,
          guardInFlight: 50,
          timeoutMs: 3000,
        },
      },
    })
    expect(serversTransports?.['understudy-app-shadows']?.forwardingTimeouts).toEqual({
      dialTimeout: '1s',
      responseHeaderTimeout: '3000ms',
      idleConnTimeout: '4s',
    })
  })

  it('sends control traffic to the primary again, or to an instance of its own', () => {
    const again = render({ routes: [toUrl({ control: 5 })] }).config.http
    expect(again.services?.['understudy-app-leg.control']).toEqual({
      weighted: { services: [{ name: 'understudy-app-primary', weight: 1 }] },
      middlewares: ['understudy-app-tap.control'],
    })
    expect(again.middlewares['understudy-app-tap']).toMatchObject({
      plugin: { understudy: { controlPpm: 50_000, controlLearn: 250, controlRate: 5 } },
    })
    const apart = render({ routes: [toUrl({ control: { url: 'http://10.0.0.9', percent: 5, rate: 20, learn: 0 } })] })
    expect(apart.config.http.services?.['understudy-app-server.control']).toMatchObject({
      loadBalancer: { servers: [{ url: 'http://10.0.0.9' }] },
    })
    expect(apart.config.http.middlewares['understudy-app-tap']).toMatchObject({
      plugin: { understudy: { controlPpm: 50_000, controlLearn: 0, controlRate: 20 } },
    })
  })

  it('learns the noise anew when a side or the evidence is another one', () => {
    const generationOf = (input: Partial<RenderInput>) => {
      const middleware = render(input).config.http.middlewares['understudy-app-tap']
      return middleware && 'plugin' in middleware && middleware.plugin.understudy.generation
    }
    const routes = [toUrl({ control: 5 })]
    const same = [toUrl({ control: 8, share: 3, methods: ['GET'] })]
    const other = [toUrl({ control: 5, shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3009' }] })]
    expect(generationOf({ routes: same })).toBe(generationOf({ routes }))
    const different = [{ routes }, { routes: other }, { routes, generations: { app: '2' } }].map(generationOf)
    expect(new Set(different).size).toBe(3)
  })

  it('leaves out a control instance that Traefik does not have', () => {
    const control = { service: 'app-control@docker', percent: 5 }
    const rendered = render({ routes: [toUrl({ control })], services: ['app@docker'] })
    expect(rendered.yaml).not.toContain('leg.control')
    expect(rendered.routes).toMatchObject([
      { state: 'applied', reason: 'no control traffic: Traefik has no service app-control@docker' },
    ])
    expect(render({ routes: [toUrl({ control })], services: ['app-control@docker'] }).yaml).toContain('leg.control')
  })

  it('refers to nothing that is not there', () => {
    const shadows = [
      { name: 'a', url: 'http://10.0.0.1' },
      { name: 'b', service: 'b@docker' },
    ]
    const { routers, services, middlewares, serversTransports } = render({
      routes: [toUrl({ shadows, control: 5, share: 3 })],
    }).config.http
    const defined = new Set([
      ...Object.keys(services ?? {}),
      ...Object.keys(middlewares),
      ...Object.keys(serversTransports ?? {}),
    ])
    const references = JSON.stringify([routers, services]).match(/understudy-app-(?!plain|overlay)[a-z.]+/g) ?? []
    expect(references.filter((name) => !defined.has(name))).toEqual([])
  })
})

describe('the file', () => {
  const many = () =>
    ['c', 'a', 'b'].map((name) => toUrl({ name, rule: `PathPrefix(\`/${name}\`)`, entryPoints: ['web'], share: 10 }))

  it('is the same whatever the order of the routes', () => {
    expect(render({ routes: many().reverse() }).yaml).toBe(render({ routes: many() }).yaml)
  })

  it('says who manages it, and holds its own revision', () => {
    const { yaml, revision } = render({ routes: many() })
    expect(yaml).toMatch(/^# Managed by Understudy/)
    expect(yaml).toContain(`X-Understudy-Revision: ${revision}`)
    expect(render({ routes: many().slice(1) }).revision).not.toBe(revision)
  })

  it('is never empty, so that Traefik takes it', () => {
    expect(parse(render({}).yaml)).toMatchObject({
      http: { middlewares: { 'understudy-revision': expect.anything() } },
    })
  })

  it('reads back as what was rendered, without aliases', () => {
    const rendered = render({ routes: many() })
    expect(parse(rendered.yaml, { maxAliasCount: 0 })).toEqual(rendered.config)
  })

  it('without its overlays is what rendering without overlays gives', () => {
    const routes = [...many(), route({ name: 'found', primary: { service: 'a@docker' } })]
    const base = [router('a@docker', 'Host(`a.example`)', { priority: 40 })]
    const on = render({ routes, base })
    expect(on.routes.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied', 'applied'])
    expect(withoutOverlays(on.yaml)).toEqual(
      expect.objectContaining({ yaml: render({ routes, base, overlays: false }).yaml }),
    )
  })

  it.each(['', '# nothing', 'null', 'http:', '[', 'http: {routers: {a-plain: {service: gone}}}'])(
    'without its overlays holds no router when it was %j',
    (text) => {
      expect(withoutOverlays(text).config.http.routers).toBeUndefined()
    },
  )
})
