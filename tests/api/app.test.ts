import { afterEach, describe, expect, it } from '@jest/globals'
import { RoutePage } from '../../collector/api/route-schemas.ts'
import { Problem, Report, Status } from '../../collector/api/schemas.ts'
import { UnderstudyError } from '../../collector/errors.ts'
import { startApi, type TestApi } from './api-server.ts'

let api: TestApi
afterEach(() => api.close())

function failing(error: unknown): Parameters<typeof startApi>[0] {
  const fail = () => Promise.reject(error)
  return { reader: { list: fail, listInFull: fail, pairsOf: fail, exchange: fail } }
}

describe('every answer', () => {
  it('carries the security headers, a request id and no hint at what serves it', async () => {
    api = await startApi()
    const { headers } = await api.get('/api/status')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self';object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-request-id')).toBe('request-1')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a problem', () => {
  it('is a problem document at an unknown address', async () => {
    api = await startApi()
    const { status, json, headers } = await api.get('/api/v1/nowhere?x=1')
    expect(status).toBe(404)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(json).toEqual({
      type: 'urn:understudy:problem:not-found',
      title: 'There is nothing here',
      status: 404,
      detail: 'there is no /api/v1/nowhere; GET / lists the addresses',
      instance: '/api/v1/nowhere',
      requestId: 'request-1',
    })
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'POST'])('names the methods an address takes when asked to %s', async (method) => {
    api = await startApi()
    const { status, headers } = await api.send(method, '/api/v1/comparisons', {
      headers: { 'Content-Type': 'application/json' },
    })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('answers OPTIONS and HEAD', async () => {
    api = await startApi()
    expect(await api.send('OPTIONS', '/api/v1/comparisons')).toMatchObject({ status: 204 })
    expect(await api.send('HEAD', '/api/v1/comparisons')).toMatchObject({ status: 200, text: '' })
  })

  it.each(['/%', '/api/v1/routes/%E0%A4', '/api/v1/comparisons/%zz'])('is 4xx at %s', async (path) => {
    api = await startApi()
    expect([400, 404]).toContain((await api.get(path)).status)
  })

  it.each([
    ['an address that refuses', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['two addresses that refuse', new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])],
    ['an operator who stopped it', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['a question that took too long', Object.assign(new Error('canceling statement'), { code: '57014' })],
    ['a schema that is not made yet', Object.assign(new Error('relation does not exist'), { code: '42P01' })],
    ['no connection in time', new Error('timeout exceeded when trying to connect')],
    [
      'our own word for it',
      new UnderstudyError('database-unavailable', 'the database does not answer', { retriable: true }),
    ],
  ])('is 503 with Retry-After for %s', async (_name, error) => {
    api = await startApi(failing(error))
    const { status, headers, json } = await api.get('/api/v1/comparisons')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('5')
    expect(Problem.parse(json).detail).not.toBe('')
  })

  it('keeps the message of what nobody foresaw out of the answer, and in the log', async () => {
    api = await startApi(failing(new Error('password=hunter2')))
    const { status, text } = await api.get('/api/v1/comparisons')
    expect(status).toBe(500)
    expect(text).not.toContain('hunter2')
    expect(api.logged).toMatchObject([
      { level: 'error', fields: { requestId: 'request-1', path: '/api/v1/comparisons' } },
    ])
  })

  it('logs an outage once a while and a refusal never', async () => {
    api = await startApi({
      ...failing(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
      status: async () => ({ components: [{ name: 'kafka', state: 'down' }] }),
    })
    for (let asked = 0; asked < 5; asked += 1) await api.get('/api/v1/comparisons')
    await api.get('/readyz')
    await api.get('/nowhere')
    expect(api.logged).toMatchObject([{ level: 'warn', fields: { path: '/api/v1/comparisons' } }])
  })

  it('says which role is missing where this process has no such part', async () => {
    api = await startApi()
    const { overlay: _, discovery: __, subscribe: ___, ...rest } = api.parts
    await api.close()
    api = await startApi({ ...rest, ...({ overlay: undefined, discovery: undefined, subscribe: undefined } as object) })
    expect((await api.get('/api/v1/discovery')).status).toBe(501)
    expect((await api.get('/api/v1/events')).status).toBe(501)
    expect(
      (await api.send('POST', '/api/v1/overlay/off', { headers: { 'Content-Type': 'application/json' } })).status,
    ).toBe(501)
  })
})

describe('health', () => {
  it('tells each part, and the worst as the whole', async () => {
    api = await startApi()
    expect(Status.parse((await api.get('/api/status')).json)).toMatchObject({ state: 'degraded', version: '1.2.3' })
  })

  it('names the part that is down in /readyz, and stays alive', async () => {
    api = await startApi({
      status: async () => ({
        components: [
          { name: 'kafka', state: 'down', detail: 'refused' },
          { name: 'traefik', state: 'down', required: false },
        ],
      }),
    })
    const { status, json } = await api.get('/readyz')
    expect(status).toBe(503)
    expect(json).toMatchObject({
      detail: 'not ready: kafka',
      errors: [{ pointer: '/components/kafka', message: 'kafka is down' }],
    })
    expect((await api.get('/healthz')).json).toEqual({ status: 'ok' })
  })

  it('is not ready once the process stops', async () => {
    const stop = new AbortController()
    api = await startApi({ stopping: stop.signal })
    expect((await api.get('/readyz')).status).toBe(200)
    stop.abort()
    expect((await api.get('/readyz')).status).toBe(503)
    expect((await api.get('/healthz')).status).toBe(200)
  })

  it('looks at the parts once for many callers', async () => {
    let looks = 0
    let nowMs = 0
    api = await startApi({
      now: () => nowMs,
      status: async () => {
        looks += 1
        return { components: [] }
      },
    })
    await Promise.all(Array.from({ length: 20 }, () => api.get('/api/status')))
    expect(looks).toBe(1)
    nowMs += 1000
    await api.get('/readyz')
    expect(looks).toBe(2)
  })

  it('serves metrics and the version', async () => {
    api = await startApi()
    const metrics = await api.get('/metrics')
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(metrics.text).toContain('understudy_build_info')
    expect((await api.get('/version')).json).toEqual({ version: '1.2.3', node: process.version })
  })
})

describe('routes', () => {
  it('lists them with the state of their overlay', async () => {
    api = await startApi()
    expect(RoutePage.parse((await api.get('/api/v1/routes')).json)).toMatchObject({
      items: [
        { name: 'ticketing', share: 10, version: 3, managedBy: 'rest', state: 'applied', reason: null },
        { name: 'billing', state: 'refused', reason: 'priority taken' },
      ],
      nextCursor: null,
    })
    const billing = await api.get('/api/v1/routes/billing')
    expect(billing.json).toMatchObject({ state: 'refused' })
    expect(billing.headers.get('etag')).toBe('"3"')
  })

  it('suggests the route that was meant', async () => {
    api = await startApi()
    expect((await api.get('/api/v1/routes/tiketing')).json).toMatchObject({
      status: 404,
      detail: expect.stringContaining('did you mean ticketing?'),
    })
  })

  it.each(['a%2Fb', '..%2f', '%F0%9F%98%80', 'a@b', 'x'.repeat(150)])('has no route %s', async (name) => {
    api = await startApi()
    expect((await api.get(`/api/v1/routes/${name}`)).status).toBe(404)
  })

  it('reports coverage with the reasons for the rest', async () => {
    api = await startApi()
    const report = Report.parse((await api.get('/api/v1/routes/ticketing/report')).json)
    expect(report.window).toEqual({ from: '2026-07-01T12:00:00.000Z', to: '2026-07-01T12:01:00.000Z' })
    expect(report.coverage).toEqual({
      tapped: 100,
      compared: 90,
      unpaired: { 'no-shadow': 4 },
      dropped: { 'pending-full': 1, 'queue-full': 2 },
      shed: { 'shed-breaker': 7 },
      waiting: 3,
      ratio: 0.9,
    })
    expect(report).toMatchObject({ causes: [{ path: '/total' }] })
    const told = (await api.get('/api/v1/routes/ticketing/report')).json as { verdict: unknown }
    expect(told.verdict).toMatchObject({ verdict: 'fail', variant: 'shadow', generation: 2 })
  })

  it('reports a window by whole minutes, without the counters that cannot be cut to it', async () => {
    api = await startApi()
    const path = '/api/v1/routes/ticketing/report?from=2026-07-01T12:00:59Z&to=2026-07-01T13:00:01Z'
    const report = Report.parse((await api.get(path)).json)
    expect(report.window).toEqual({ from: '2026-07-01T12:00:00.000Z', to: '2026-07-01T13:00:00.000Z' })
    expect(report.coverage).toMatchObject({ tapped: null, waiting: null, dropped: { 'pending-full': 1 } })
  })

  it('reports no ratio of nothing', async () => {
    api = await startApi({
      reports: {
        counts: async () => ({
          firstMinuteMs: null,
          lastMinuteMs: null,
          compared: 0,
          unpaired: {},
          dropped: {},
          variants: {},
          endpoints: [],
          endpointsCut: false,
        }),
        taps: async () => ({ tapped: 0, dropped: {}, shed: {}, instances: 0, reportedAtMs: null }),
      },
    })
    const report = Report.parse((await api.get('/api/v1/routes/ticketing/report')).json)
    expect(report.window.from).toBeNull()
    expect(report.coverage).toMatchObject({ tapped: null, ratio: null })
  })
})
