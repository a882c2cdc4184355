import { describe, expect, it } from '@jest/globals'
import {
  explainRequest,
  type ShownRoute,
  type ShownRouter,
  type Situation,
} from '../../plugin-config/explain-request.ts'
import { matchRule, type ProbedRequest } from '../../plugin-config/rule-match.ts'

const request = (changed: Partial<Situation['request']> = {}): Situation['request'] => ({
  ...{ method: 'GET', scheme: 'http', host: 'shop.example', port: 80, path: '/api/tickets' },
  ...{ query: [['a', '1']] as [string, string][], headers: { 'x-lane': 'b' } },
  ...changed,
})

describe('matching a rule', () => {
  it.each<[string, string, Partial<ProbedRequest>?]>([
    ['Host(`SHOP.example`)', 'yes'],
    ['Host(`other`)', 'no'],
    ['PathPrefix(`/api`) && Method(`GET`)', 'yes'],
    ['PathPrefix(`/api`) && !Method(`GET`)', 'no'],
    ['Path(`/api`) || Query(`a`, `1`)', 'yes'],
    ['Query(`a`, `2`)', 'no'],
    ['Header(`X-Lane`, `b`)', 'yes'],
    ['HeaderRegexp(`X-None`, `.+`)', 'no'],
    ['PathRegexp(`^/api/[^/]+$`)', 'yes'],
    ['HostRegexp(`(?i)^SHOP\\.`)', 'yes'],
    ['ClientIP(`10.0.0.0/8`)', 'unknown'],
    ['ClientIP(`10.0.0.0/8`) && Host(`other`)', 'no'],
    ['ClientIP(`10.0.0.0/8`) || Host(`shop.example`)', 'yes'],
    ['PathRegexp(`^(a+)+$`)', 'unknown'],
    ['PathRegexp(`(?P<x>a)`)', 'unknown'],
    ['not a rule', 'unknown'],
  ])('%s: %s', (rule, verdict) => {
    expect(matchRule(rule, request()).verdict).toBe(verdict)
  })

  it('reads values of syntax v2, and leaves its templates open', () => {
    expect(matchRule('Host(`a`, `shop.example`)', request(), 'v2').verdict).toBe('yes')
    expect(matchRule('Path(`/{x:.*}`)', request(), 'v2').verdict).toBe('unknown')
  })

  it('names the parts that are not met', () => {
    expect(matchRule('Host(`b`) && PathPrefix(`/api`) && (Method(`PUT`) || Method(`POST`))', request()).failed).toEqual(
      [...['Host(`b`)', 'Method(`PUT`)', 'Method(`POST`)']],
    )
  })
})

const router = (name: string, rule: string, rest: Partial<ShownRouter> = {}): ShownRouter => ({
  ...{ name, rule, priority: rule.length, entryPoints: ['web'], service: 'shop@docker', status: 'enabled' },
  ...{ errors: [], hasTls: false, ...rest },
})
const route = (rest: Partial<ShownRoute> = {}): ShownRoute => ({
  ...{ name: 'shop', state: 'applied', reason: null, share: 10, enabled: true, primary: 'shop@docker' },
  ...rest,
})
const base = router('shop@docker', 'Host(`shop.example`)')
const overlay = router(
  'understudy-shop-overlay@file',
  '(Host(`shop.example`)) && (Method(`GET`) || Method(`HEAD`)) && !HeaderRegexp(`Upgrade`, `.+`)',
  {
    priority: base.priority + 1,
    service: 'understudy-shop-share@file',
  },
)
const api = router('api@internal', 'PathPrefix(`/api`)', {
  entryPoints: ['traefik'],
  service: 'api@internal',
  priority: 9e15,
})

function told(changed: Partial<Situation>) {
  const { steps, ...rest } = explainRequest({
    request: request(),
    entryPoints: [
      { name: 'web', port: 80 },
      { name: 'traefik', port: 8002 },
    ],
    routers: [base, overlay, api],
    routes: [route()],
    pairs: [],
    mirroring: new Set(),
    ...changed,
  })
  return { ...rest, text: steps.map(({ step, state, detail }) => `${step} ${state}: ${detail}`), last: steps.at(-1) }
}

describe('why a URL is not routed', () => {
  it('is no question where the overlay takes it', () => {
    expect(told({})).toMatchObject({
      router: 'understudy-shop-overlay@file',
      route: 'shop',
      text: [
        'entry point passed: web listens on port 80',
        expect.stringContaining('router passed: understudy-shop-overlay@file'),
        'mirrored passed: by route shop: 10 % of such requests',
      ],
    })
  })

  it.each<[string, Partial<Situation>, string]>([
    [
      'the host is another',
      { request: request({ host: 'shop.exampel' }) },
      'router failed: no router matches GET http://shop.exampel/api/tickets: Traefik answers 404; the nearest, shop@docker, wants Host(`shop.example`)',
    ],
    [
      'there is no router at all',
      { routers: [] },
      'router failed: no router matches GET http://shop.example/api/tickets: Traefik answers 404',
    ],
    [
      'Traefik refuses the router',
      { routers: [{ ...base, status: 'disabled', errors: ['the service "x@docker" does not exist'] }] },
      'router failed: shop@docker would take it, and Traefik refuses that router: the service "x@docker" does not exist',
    ],
    [
      'the router wants https',
      { routers: [{ ...base, hasTls: true }] },
      'router failed: shop@docker takes it by https alone',
    ],
    [
      'a rule cannot be told from here',
      { routers: [router('ip@docker', 'ClientIP(`10.0.0.0/8`)')] },
      'router doubtful: ip@docker may take it: ClientIP(`10.0.0.0/8`) cannot be told from here',
    ],
    [
      'no entry point has the port',
      { request: request({ port: 8443, host: 'no' }) },
      'entry point doubtful: no entry point listens on port 8443 (web on 80, traefik on 8002); every one is looked at',
    ],
  ])('because %s', (_what, changed, text) => {
    const found = told(changed)
    expect(found.text).toContain(text)
    expect(found.last?.mend).toBeTruthy()
  })

  it('sees a router of higher priority that may take it first', () => {
    const rival = router('vip@file', 'ClientIP(`10.0.0.0/8`)', { priority: 1_000 })
    expect(told({ routers: [base, rival] }).text[1]).toContain(
      'router doubtful: shop@docker (priority 20) takes it, unless vip@file does',
    )
  })
})

describe('why a URL is not mirrored', () => {
  it.each<[string, Partial<Situation>, string]>([
    [
      'its method is not',
      { request: request({ method: 'POST' }) },
      'route shop is applied, but POST /api/tickets is none of its methods and operations',
    ],
    [
      'it is an upgrade',
      { request: request({ headers: { upgrade: 'websocket' } }) },
      'route shop is applied, but it leaves out !HeaderRegexp(`Upgrade`, `.+`)',
    ],
    [
      'the route is refused',
      { routers: [base], routes: [route({ state: 'refused', reason: 'router x has the same priority' })] },
      'route shop is refused: router x has the same priority',
    ],
    [
      'the shadow is not there',
      { routers: [base], routes: [route({ state: 'waiting', reason: 'Traefik has no service shop-shadow@docker' })] },
      'route shop is waiting: Traefik has no service shop-shadow@docker',
    ],
    [
      'the route is not enabled',
      { routers: [base], routes: [route({ enabled: false, state: 'off' })] },
      'route shop is not enabled',
    ],
    [
      'overlays are off',
      { routers: [base], routes: [route({ state: 'off', reason: 'every overlay is switched off' })] },
      'route shop is off: every overlay is switched off',
    ],
    [
      'there is no shadow',
      { routers: [base], routes: [] },
      'there is no route for shop@docker, and no service shop-shadow',
    ],
    [
      'the shadow is ambiguous',
      {
        routers: [base],
        routes: [],
        pairs: [{ primary: null, shadow: 'shop-shadow@docker', state: 'ambiguous', reason: 'may be of two' }],
      },
      'shop-shadow@docker is ambiguous: may be of two',
    ],
    [
      'its label says no',
      {
        routers: [base],
        routes: [],
        pairs: [
          {
            primary: 'shop@docker',
            shadow: 'shop-shadow@docker',
            state: 'paired',
            reason: 'understudy.enable=false on shop@docker',
          },
        ],
      },
      'shop-shadow@docker pairs with shop@docker, but has no route: understudy.enable=false on shop@docker',
    ],
    [
      'nothing is known of routes',
      { routers: [base], routes: undefined },
      'not by an overlay; the collector does not answer, so no more is known',
    ],
  ])('because %s', (_what, changed, detail) => {
    const found = told(changed)
    expect(found.last).toMatchObject({ step: 'mirrored', detail })
    expect(found.last?.mend).toBeTruthy()
  })

  it('knows mirroring that was written by hand', () => {
    expect(told({ routers: [base], routes: [], mirroring: new Set(['shop@docker']) }).last).toMatchObject({
      state: 'passed',
      detail: 'by shop@docker, which was written by hand',
    })
  })
})
