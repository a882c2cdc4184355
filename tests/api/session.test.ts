import { afterEach, describe, expect, it } from '@jest/globals'
import { startApi, type TestApi } from './api-server.ts'
import { baseMs } from './stored-rows.ts'

const token = 'a-token-of-24-characters'
const json = { 'Content-Type': 'application/json' }
let api: TestApi
afterEach(() => api.close())

const logIn = (given: string, headers = {}) =>
  api.send('POST', '/api/v1/session', { headers: { ...json, ...headers }, body: JSON.stringify({ token: given }) })
const cookieOf = (header: string | null) => ({ Cookie: (header ?? '').split(';')[0] ?? '' })

describe('a session', () => {
  it('stands for the token, in a cookie that no script reads and no other site sends', async () => {
    api = await startApi({ adminToken: token })
    const { status, headers, text } = await logIn(token)
    expect([status, JSON.parse(text)]).toEqual([200, { loggedIn: true, required: true }])
    const cookie = headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(
      /^understudy_session=[\w-]{22}\.[0-9a-z]+\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    )
    expect(cookie).not.toContain(token)
    expect((await api.get('/api/v1/routes', cookieOf(cookie))).status).toBe(200)
    expect((await api.get('/api/v1/session', cookieOf(cookie))).json).toEqual({ loggedIn: true, required: true })
    expect((await api.get('/api/v1/session')).json).toEqual({ loggedIn: false, required: true })
  })

  it('is kept to TLS where the client came over TLS', async () => {
    api = await startApi({ adminToken: token })
    expect((await logIn(token, { 'X-Forwarded-Proto': 'https' })).headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('ends by logging out, by its time, and with the token', async () => {
    let now = baseMs
    api = await startApi({ adminToken: token, now: () => now })
    const first = cookieOf((await logIn(token)).headers.get('set-cookie'))
    const second = cookieOf((await logIn(token)).headers.get('set-cookie'))
    const end = await api.send('DELETE', '/api/v1/session', { headers: { ...json, ...first } })
    expect(end.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await api.get('/api/v1/routes', first)).status).toBe(401)
    expect((await api.get('/api/v1/routes', second)).status).toBe(200)
    now += 12 * 3_600_000
    expect((await api.get('/api/v1/routes', second)).status).toBe(401)
    await api.close()
    api = await startApi({ adminToken: 'another-token-of-24-chars', now: () => baseMs })
    expect((await api.get('/api/v1/routes', second)).status).toBe(401)
  })

  it.each(['', 'x', 'a.b.c', '..', 'a'.repeat(5000)])('is not made up: %j', async (value) => {
    api = await startApi({ adminToken: token })
    const headers = { Cookie: `other=1; understudy_session=${value}` }
    expect((await api.get('/api/v1/routes', headers)).status).toBe(401)
  })

  it('cannot be changed: neither its end nor its signature', async () => {
    api = await startApi({ adminToken: token })
    const { Cookie } = cookieOf((await logIn(token)).headers.get('set-cookie'))
    const [id, , signature] = Cookie.split('.')
    for (const changed of [`${id}.zzzzzz.${signature}`, `${Cookie.slice(0, -2)}xx`]) {
      expect((await api.get('/api/v1/routes', { Cookie: changed })).status).toBe(401)
    }
  })

  it('is refused to wrong tokens, and after twenty of them in a minute to everybody', async () => {
    let now = baseMs
    api = await startApi({ adminToken: token, now: () => now })
    for (let at = 0; at < 20; at += 1) expect((await logIn(`wrong ${at}`)).status).toBe(401)
    const { status, headers } = await logIn(token)
    expect([status, headers.get('retry-after')]).toEqual([429, '60'])
    now += 60_000
    expect((await logIn(token)).status).toBe(200)
  })

  it('lets another site change nothing', async () => {
    api = await startApi({ adminToken: token })
    const session = cookieOf((await logIn(token)).headers.get('set-cookie'))
    const off = (headers: Record<string, string>) =>
      api.send('POST', '/api/v1/overlay/off', { headers: { ...session, ...headers } })
    expect((await off({ ...json, Origin: 'http://evil.example' })).status).toBe(403)
    expect((await off({ ...json, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await off({ 'Content-Type': 'text/plain' })).status).toBe(415)
    expect((await off(json)).status).toBe(200)
  })

  it('is not needed where no token is set', async () => {
    api = await startApi()
    expect((await api.get('/api/v1/session')).json).toEqual({ loggedIn: true, required: false })
    expect((await logIn('anything')).headers.get('set-cookie')).toBeNull()
  })
})
