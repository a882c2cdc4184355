import { describe, expect, it } from '@jest/globals'
import { routesFromLabels } from '../../plugin-config/label-routes.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { composed, container, serviceOf } from './containers.ts'

const service = (name: string) => ({ name, servers: {} })

function fromContainers(
  containers: ReturnType<typeof container>[],
  rest: Partial<Parameters<typeof routesFromLabels>[0]> = {},
) {
  return routesFromLabels({ services: containers.map(serviceOf), containers, others: [], ...rest })
}

function other(written: Record<string, unknown>): Route {
  const parsed = parseRoute(written, 'file')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.route
}

describe('routes that come up by themselves', () => {
  it('have the defaults of discovered routes, from names alone', () => {
    const { routes, pairs, problems } = routesFromLabels({
      services: [service('x@file'), service('x-shadow@file')],
      others: [],
    })
    expect(problems).toEqual([])
    expect(routes).toEqual([
      {
        name: 'x',
        primary: { service: 'x@file' },
        shadows: [{ name: 'shadow', service: 'x-shadow@file', sandbox: false }],
        entryPoints: [],
        control: 0,
        share: 10,
        methods: ['GET', 'HEAD', 'OPTIONS'],
        operations: [],
        endpoints: [],
        graphql: [],
        store: { sample: 1 },
        exposeId: false,
        enabled: true,
        protect: { rate: 100, burst: 200, inFlight: 50, timeoutMs: 5_000, breakAtPercent: 50, pauseMs: 60_000 },
        captureBytes: 262_144,
        maxBodySize: 65_536,
        redact: { headers: [], query: [] },
      },
    ])
    expect(pairs).toMatchObject([{ primary: 'x@file', shadow: 'x-shadow@file', state: 'paired', route: 'x' }])
  })

  it('propose control traffic, with the reason for and against it', () => {
    const { proposals } = routesFromLabels({ services: [service('x@file'), service('x-shadow@file')], others: [] })
    expect(proposals).toMatchObject([{ route: 'x', field: 'control', value: 5 }])
    expect(proposals[0]?.reason).toContain('may cost money or quota')
    const accepted = fromContainers([composed('x', { 'understudy.control': '5' }), composed('x-shadow')])
    expect(accepted.proposals).toEqual([])
    expect(accepted.routes[0]?.control).toBe(5)
  })

  it('take bounds of the control with or without its percentage, and what a person accepted where no label says it', () => {
    const controlWith = (labels: Record<string, string>, accepted?: { percent: number; rate: number }) =>
      fromContainers([composed('x', labels), composed('x-shadow')], {
        accepted: { 'x-shop@docker': accepted } as never,
      }).routes[0]?.control
    expect(controlWith({ 'understudy.control': '5', 'understudy.control.rate': '9' })).toEqual({ percent: 5, rate: 9 })
    expect(controlWith({ 'understudy.control.learn': '9' })).toEqual({ percent: 0, learn: 9 })
    expect(controlWith({}, { percent: 3, rate: 4 })).toEqual({ percent: 3, rate: 4 })
    expect(controlWith({ 'understudy.control.rate': '9' }, { percent: 3, rate: 4 })).toEqual({ percent: 3, rate: 9 })
    expect(controlWith({ 'understudy.control': '0' }, { percent: 3, rate: 4 })).toBe(0)
  })

  it('leave an accepted control out where it does not fit, and say so', () => {
    const { routes, problems } = fromContainers(
      [composed('x', { 'understudy.protect.timeoutMs': '30000' }), composed('x-shadow')],
      { accepted: { 'x-shop@docker': { percent: 5, rate: 5 } } },
    )
    expect(routes).toHaveLength(1)
    expect(problems).toHaveLength(1)
  })

  it('take what is about one side from its own container', () => {
    const { routes, problems } = fromContainers([
      composed('x', { 'understudy.version': 'build-1', 'understudy.graphql': '/graphql' }),
      composed('x-shadow', {
        ...{ 'understudy.version': 'build-2', 'understudy.host': 'x.test', 'understudy.credentials': 'strip' },
      }),
    ])
    expect(problems).toEqual([])
    expect(routes).toMatchObject([
      {
        graphql: ['/graphql'],
        primary: { version: 'build-1' },
        shadows: [{ name: 'shadow', version: 'build-2', host: 'x.test', credentials: 'strip' }],
      },
    ])
  })

  it("take labels of the primary and the shadows, and the primary's where both speak", () => {
    const { routes, problems } = fromContainers([
      composed('x', { 'understudy.share': '5', 'understudy.protect.rate': '7' }),
      composed('x-shadow', {
        'understudy.share': '50',
        'understudy.protect.burst': '9',
        'understudy.sandbox': 'true',
        'understudy.ignore': '/at',
      }),
    ])
    expect(routes).toMatchObject([
      { name: 'x', share: 5, protect: { rate: 7, burst: 9, inFlight: 50 }, shadows: [{ sandbox: true }] },
    ])
    expect(problems).toEqual([
      {
        where: 'service x-shadow-shop@docker, label understudy.share',
        what: 'says 50, and x-shop@docker says 5, which holds',
        mend: 'leave one out',
      },
    ])
  })

  it('have the compare rules of the primary and the shadows, each once', () => {
    const { routes, problems } = fromContainers([
      composed('x', { 'understudy.ignore': '/at', 'understudy.compare.uuid': '/id' }),
      composed('x-shadow', { 'understudy.ignore': '/at,/more', 'understudy.compare.uuid': '/id' }),
    ])
    expect(problems).toEqual([])
    expect(routes[0]?.rules).toEqual([
      { name: 'uuid /id', at: '/id', treat: 'uuid' },
      { name: 'ignore /at', at: '/at', treat: 'ignore' },
      { name: 'ignore /at (2)', at: ['/at', '/more'], treat: 'ignore' },
    ])
  })

  it('have one route for a primary with all its shadows', () => {
    const { routes } = fromContainers([composed('x'), composed('x-shadow'), composed('x-shadow-pr-1')])
    expect(routes.map(({ name, shadows }) => [name, shadows.map((each) => each.name)])).toEqual([
      ['x', ['shadow', 'shadow-pr-1']],
    ])
  })

  it.each([
    ['the primary', { 'understudy.enable': 'false' }, {}],
    ['the shadow', {}, { 'understudy.enable': 'false' }],
  ])('do not come where %s says no', (_who, ofPrimary, ofShadow) => {
    const { routes, pairs } = fromContainers([composed('x', ofPrimary), composed('x-shadow', ofShadow)])
    expect(routes).toEqual([])
    expect(pairs).toMatchObject([{ state: 'paired', route: null, reason: expect.stringContaining('enable=false') }])
  })

  it('give way to a route that a person wrote for the same primary', () => {
    const services = [service('x@file'), service('x-shadow@file'), service('x-shadow-b@file')]
    const shadows = [{ name: 'a', service: 'x-shadow@file' }]
    const others = [other({ name: 'mine', primary: { service: 'x@file' }, shadows })]
    const { routes, pairs } = routesFromLabels({ services, others })
    expect(routes).toEqual([])
    expect(pairs.map(({ route, reason }) => [route, reason])).toEqual([
      [null, 'route mine of x@file does not list it'],
      ['mine', null],
    ])
  })

  it('find a name of their own where one is taken', () => {
    const services = [service('X.y@file'), service('X.y-shadow@file')]
    const taken = (name: string) =>
      other({ name, primary: { service: 'z@file' }, shadows: [{ name: 'a', service: 'b@file' }] })
    expect(routesFromLabels({ services, others: [] }).routes[0]?.name).toBe('x-y')
    expect(routesFromLabels({ services, others: [taken('x-y')] }).routes[0]?.name).toBe('x-y-file')
    const labelled = fromContainers([composed('x', { 'understudy.route': 'shop' }), composed('x-shadow')])
    expect(labelled.routes[0]?.name).toBe('shop')
    const clash = fromContainers([composed('x', { 'understudy.route': 'shop' }), composed('x-shadow')], {
      others: [taken('shop')],
    })
    expect(clash.routes[0]?.name).toBe('x')
    expect(clash.problems).toMatchObject([{ what: 'there is another route shop' }])
  })

  it('wait for the labels of a container that Docker has not told yet, and keep what was there', () => {
    const services = [service('x@docker'), service('x-shadow@docker')]
    const unknown = new Set(['x-shadow@docker'])
    const first = routesFromLabels({ services, containers: [], others: [], unknown })
    expect(first.routes).toEqual([])
    expect(first.pairs).toMatchObject([{ route: null, reason: expect.stringContaining('Docker has not told') }])
    const before = routesFromLabels({ services, others: [] }).routes
    expect(routesFromLabels({ services, containers: [], others: [], unknown, before }).routes).toHaveLength(1)
  })

  it('stay within what a route may have', () => {
    const shadows = Array.from({ length: 10 }, (_, index) => composed(`x-shadow-${index}`))
    const { routes, pairs, problems } = fromContainers([composed('x', { 'understudy.control': '5' }), ...shadows])
    expect(routes[0]?.shadows).toHaveLength(8)
    expect(routes[0]?.control).toBe(0)
    expect(pairs.filter(({ route }) => route === null)).toHaveLength(2)
    expect(problems).toMatchObject([
      { where: expect.stringContaining('understudy.control'), what: expect.stringContaining('45000 ms') },
    ])
  })
})

describe('labels that are wrong or odd', () => {
  const pair = (labels: Record<string, string>) =>
    fromContainers([composed('x'), composed('x-shadow', labels), composed('y'), composed('y-shadow')])

  it.each([
    ['a mistyped label', { 'understudy.shadow.percent': 'abc' }, 'did you mean understudy.share?'],
    ['a value that is none', { 'understudy.share': 'abc' }, 'write for example understudy.share=25'],
    ['a line break in a value', { 'understudy.route': 'x\ny' }, 'write it in one line'],
    ['a template in a name', { 'understudy.route': '{{env "X"}}' }, 'write for example understudy.route=ticketing'],
  ])('%s is told with its container, and stops nothing', (_what, labels, mend) => {
    const { routes, problems } = pair(labels)
    expect(routes.map(({ name, share }) => [name, share])).toEqual([
      ['x', 10],
      ['y', 10],
    ])
    expect(problems).toEqual([
      {
        where: expect.stringMatching(/^container shop-x-shadow-1, label understudy\./),
        what: expect.any(String),
        mend,
      },
    ])
  })

  it.each([
    [
      'traefik.enable=false with our label',
      composed('z', { 'traefik.enable': 'false', 'understudy.share': '5' }),
      'traefik.enable=false hides it',
    ],
    ['no exposed port', composed('z', { 'understudy.share': '5' }, { ports: [] }), 'exposes no port'],
    ['a stopped container', composed('z', { 'understudy.share': '5' }, { state: 'exited' }), 'is exited'],
    [
      'a service that nothing makes',
      composed('z', { 'understudy.share': '5', 'traefik.http.services.gone.loadbalancer.server.scheme': 'http' }),
      'Traefik has no service of it',
    ],
    ['a restart loop', composed('z', { 'understudy.share': '5' }, { state: 'restarting' }), 'is restarting'],
    [
      'a health check that fails',
      composed('z', { 'understudy.share': '5' }, { health: 'unhealthy' }),
      'says unhealthy',
    ],
    [
      'two networks',
      composed(
        'z',
        { 'understudy.share': '5' },
        { networks: ['a', 'b'].map((name) => ({ name, address: '10.0.0.9' })) },
      ),
      'is in several networks (a, b)',
    ],
    ['nothing that shows why', composed('z', { 'understudy.share': '5' }), 'Traefik has no service of it'],
  ])('a container that Traefik does not take is told: %s', (_what, stranger, what) => {
    const x = composed('x')
    const { problems } = routesFromLabels({ services: [serviceOf(x)], containers: [x, stranger], others: [] })
    expect(problems).toEqual([
      { where: 'container shop-z-1', what: expect.stringContaining(what), mend: expect.any(String) },
    ])
  })

  it('fifty that start at once have a route each', () => {
    const both = Array.from({ length: 25 }, (_, index) => [composed(`s${index}`), composed(`s${index}-shadow`)]).flat()
    const { routes, problems } = fromContainers(both)
    expect(problems).toEqual([])
    expect(new Set(routes.map(({ name }) => name)).size).toBe(25)
    expect(routes.every(({ shadows }) => shadows.length === 1)).toBe(true)
  })

  it('a stranger without our labels is none of our business', () => {
    expect(routesFromLabels({ services: [], containers: [composed('db')], others: [] }).problems).toEqual([])
  })

  it('routers that two containers define in different ways are told', () => {
    const rule = (path: string) => ({ 'traefik.http.routers.app.rule': `PathPrefix(\`${path}\`)` })
    const told = (a: string, b: string) => fromContainers([composed('a', rule(a)), composed('b', rule(b))]).problems
    expect(told('/a', '/a')).toEqual([])
    expect(told('/a', '/b')).toMatchObject([
      { where: 'router app@docker', what: expect.stringContaining('shop-a-1 and shop-b-1') },
    ])
  })

  it('replicas with other labels than the first are told', () => {
    const containers = ['1', '2'].map((count) =>
      container(`shop-x-${count}`, { 'understudy.share': count }, { service: 'x' }),
    )
    const { problems, routes } = routesFromLabels({
      services: [service('x-shop@docker'), service('x-shadow-shop@docker')],
      containers: [...containers, composed('x-shadow')],
      others: [],
    })
    expect(routes[0]?.share).toBe(1)
    expect(problems).toMatchObject([{ where: 'container shop-x-2' }])
  })

  it('a service name of the label is found, and by address where names do not help', () => {
    const labelled = composed('web', {
      'traefik.http.services.Shop.loadbalancer.server.port': '80',
      'understudy.share': '3',
    })
    const odd = container('odd', { 'understudy.share': '4' })
    const { containers } = routesFromLabels({
      services: [
        service('shop@docker'),
        { name: 'else@docker', servers: { [`http://${odd.networks[0]?.address}:80`]: 'UP' } },
      ],
      containers: [labelled, odd],
      others: [],
    })
    expect([...containers].map(([name, of]) => [name, of[0]?.name])).toEqual([
      ['else@docker', 'odd'],
      ['shop@docker', 'shop-web-1'],
    ])
  })
})

describe('a shadow that goes', () => {
  const services = [service('x@file'), service('x-shadow@file'), service('x-shadow-b@file')]
  const { routes: before } = routesFromLabels({ services, others: [] })
  const after = (names: string[], recent: string[]) =>
    routesFromLabels({
      services: names.map(service),
      others: [],
      before: structuredClone(before),
      recent: new Set(recent),
    }).routes.map(({ name, shadows }) => [name, ...shadows.map((each) => each.name)])

  it.each<[string, string[], string[], unknown[]]>([
    [
      'a moment ago stays in its route',
      ['x@file', 'x-shadow@file'],
      ['x-shadow-b@file'],
      [['x', 'shadow', 'shadow-b']],
    ],
    ['for good leaves it', ['x@file', 'x-shadow@file'], [], [['x', 'shadow']]],
    ['as the last of them takes the route with it', ['x@file'], [], []],
    [
      'as the last, a moment ago, does not',
      ['x@file'],
      ['x-shadow@file', 'x-shadow-b@file'],
      [['x', 'shadow', 'shadow-b']],
    ],
    [
      'with everything else, as when Traefik starts again, does not',
      [],
      services.map(({ name }) => name),
      [['x', 'shadow', 'shadow-b']],
    ],
    ['with its primary, for good', ['x-shadow@file'], [], []],
  ])('%s', (_what, names, recent, expected) => {
    expect(after(names, recent)).toEqual(expected)
  })

  it('does not come back into a route that a person wrote since', () => {
    const mine = other({ name: 'mine', primary: { service: 'x@file' }, shadows: [{ name: 'a', url: 'http://a:1' }] })
    const recent = new Set(['x-shadow@file', 'x-shadow-b@file'])
    expect(routesFromLabels({ services: [service('x@file')], others: [mine], before, recent }).routes).toEqual([])
  })
})
