import { afterEach, describe, expect, it } from '@jest/globals'
import { startApi, type TestApi } from './api-server.ts'

const token = 'a-token-of-24-characters'
let api: TestApi
afterEach(() => api.close())

const json = { 'Content-Type': 'application/json' }
const bearer = { Authorization: `Bearer ${token}` }

describe('with a token configured', () => {
  it.each(['/api/v1/comparisons', '/api/v1/routes', '/metrics', '/version', '/openapi.json', '/', '/nowhere'])(
    'asks for it at %s',
    async (path) => {
      api = await startApi({ adminToken: token })
      const { status, headers } = await api.get(path)
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer realm="understudy"')
      expect((await api.get(path, bearer)).status).toBe(path === '/nowhere' ? 404 : 200)
    },
  )

  it.each([
    ['another token', 'Bearer another-token-of-24-chars'],
    ['the beginning of it', `Bearer ${token.slice(0, -1)}`],
    ['more than it', `Bearer ${token}x`],
    ['another scheme', `Basic ${token}`],
    ['no scheme', token],
    ['an empty one', 'Bearer '],
    ['two', `Bearer ${token} ${token}`],
  ])('refuses %s', async (_name, authorization) => {
    api = await startApi({ adminToken: token })
    const { status, headers } = await api.get('/api/v1/routes', { Authorization: authorization })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('invalid_token')
  })

  it('never takes it from the query', async () => {
    api = await startApi({ adminToken: token })
    expect((await api.get(`/api/v1/routes?token=${token}`)).status).toBe(401)
  })

  it('leaves probes open, and a status without details', async () => {
    api = await startApi({ adminToken: token })
    expect((await api.get('/healthz')).status).toBe(200)
    expect((await api.get('/readyz')).status).toBe(200)
    const { json: summary } = await api.get('/api/status')
    expect(summary).toMatchObject({
      components: [
        { name: 'kafka', state: 'ok' },
        { name: 'taps', state: 'degraded' },
      ],
    })
    expect(JSON.stringify(summary)).not.toContain('9092')
    expect(JSON.stringify((await api.get('/api/status', bearer)).json)).toContain('9092')
  })
})

describe('the Host header', () => {
  it.each(['evil.example', 'evil.example:8081', '127.0.0.1.evil.example', 'localhost:8081:1', '0.0.0.0'])(
    'is refused as %s',
    async (host) => {
      api = await startApi()
      for (const path of ['/api/v1/comparisons', '/api/status', '/metrics', '/nowhere']) {
        expect((await api.get(path, { Host: host })).status).toBe(403)
      }
    },
  )

  it.each(['localhost', 'LOCALHOST:8081', '127.0.0.1:1', '[::1]:8081', 'understudy.internal:8081', 'localhost.'])(
    'is accepted as %s',
    async (host) => {
      api = await startApi({ allowedHosts: ['understudy.internal'] })
      expect((await api.get('/api/v1/routes', { Host: host })).status).toBe(200)
    },
  )

  it('may be any for a probe and for who brings the token', async () => {
    api = await startApi({ adminToken: token })
    expect((await api.get('/healthz', { Host: '10.0.0.7:8081' })).status).toBe(200)
    expect((await api.get('/readyz', { Host: '10.0.0.7:8081' })).status).toBe(200)
    expect((await api.get('/metrics', { Host: 'collector:8081', ...bearer })).status).toBe(200)
    expect((await api.get('/metrics', { Host: 'collector:8081' })).status).toBe(403)
  })
})

describe('a request that changes something', () => {
  const post = (headers: Record<string, string>, body = '{}') =>
    api.send('POST', '/api/v1/overlay/off', { headers, body })

  it.each([
    ['no Origin', {}],
    ['our own Origin', { Origin: 'http://localhost:8081', Host: 'localhost:8081' }],
    ['our own Origin behind TLS', { Origin: 'https://localhost', Host: 'localhost' }],
    ['a tool that says it is no site', { 'Sec-Fetch-Site': 'none' }],
    ['our own page', { 'Sec-Fetch-Site': 'same-origin' }],
  ])('passes with %s', async (_name, headers) => {
    api = await startApi()
    expect((await post({ ...json, ...headers })).json).toEqual({ overlay: 'off', routes: 2 })
  })

  it.each([
    ['another site', 'http://evil.example', 403],
    ['a null Origin', 'null', 403],
    ['another port', 'http://localhost:3000', 403],
  ])('is refused from %s', async (_name, origin, status) => {
    api = await startApi()
    expect((await post({ ...json, Origin: origin })).status).toBe(status)
  })

  it.each(['cross-site', 'same-site'])('is refused with Sec-Fetch-Site %s', async (site) => {
    api = await startApi()
    expect((await post({ ...json, 'Sec-Fetch-Site': site })).status).toBe(403)
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('is refused as %s', async (type) => {
    api = await startApi()
    expect((await post(type ? { 'Content-Type': type } : {})).status).toBe(415)
  })

  it.each([
    ['text that is no JSON', '{', 400],
    ['an unknown field', '{"routes":1}', 400],
    ['a prototype', '{"__proto__":{"admin":true}}', 400],
    ['a constructor', '{"constructor":{"prototype":{"x":1}}}', 400],
    ['a key given twice', '{"a":1,"a":2}', 400],
    ['an array', '[]', 400],
    ['null', 'null', 400],
    ['30,000 open brackets', '['.repeat(30_000), 400],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
    ['2 MB', `{"a":"${'a'.repeat(2_000_000)}"}`, 413],
  ])('is refused with a body of %s', async (_name, body, expected) => {
    api = await startApi()
    const { status, headers } = await api.send('POST', '/api/v1/overlay/off', {
      headers: { ...json, 'Content-Length': String(Buffer.byteLength(body)) },
      body,
    })
    expect(status).toBe(expected)
    expect(headers.get('content-type')).toContain('application/problem+json')
  })

  it('is refused compressed', async () => {
    api = await startApi()
    expect((await post({ ...json, 'Content-Encoding': 'br' })).status).toBe(415)
  })

  it('needs no body', async () => {
    api = await startApi()
    expect((await api.send('POST', '/api/v1/overlay/on', { headers: json })).status).toBe(200)
  })

  it('never happens by GET', async () => {
    api = await startApi()
    const { status, headers } = await api.get('/api/v1/overlay/off')
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('POST, OPTIONS')
  })
})
