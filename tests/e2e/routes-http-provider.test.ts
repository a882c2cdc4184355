import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type EchoService, startEchoService } from '../helpers/echo-service.ts'
import { freshDatabase, freshTopicPrefix, kafka, startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const TOKEN = 'a-token-that-proxies-bring'
/** The same service, behind a login at one Traefik and open at the other. */
let closed: TestTraefik
let open: TestTraefik
let collector: CollectorProcess
let database: { url: string; drop: () => Promise<void> }
let primary: EchoService
let shadow: EchoService
let folder: string
let ingest: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-http-'))
  const [port] = (await freePorts(1)) as [number]
  ingest = `http://127.0.0.1:${port}`
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, TOKEN)
  ;[primary, shadow, database] = await Promise.all([
    startEchoService('primary'),
    startEchoService('shadow'),
    freshDatabase(),
  ])
  const dynamic = (middlewares: object) => ({
    http: {
      routers: { app: { rule: 'PathPrefix(`/app`)', service: 'app', middlewares: Object.keys(middlewares) } },
      services: { app: { loadBalancer: { servers: [{ url: primary.url }] } } },
      ...(Object.keys(middlewares).length > 0 && { middlewares }),
    },
  })
  const fetching = (name: string) => ({
    endpoint: `${ingest}/traefik/config/${name}`,
    token: TOKEN,
    pollInterval: '500ms',
  })
  // user:secret
  const login = { login: { basicAuth: { users: ['user:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='] } } }
  ;[closed, open] = await Promise.all([
    startTraefik({ dynamic: dynamic(login), httpProvider: fetching('closed') }),
    startTraefik({ dynamic: dynamic({}), httpProvider: fetching('open') }),
  ])
  collector = await startCollectorProcess({
    databaseUrl: database.url,
    kafka: kafka(),
    topicPrefix: freshTopicPrefix(),
    env: {
      UNDERSTUDY_ROLES: 'ingest,compare,api,control',
      UNDERSTUDY_TRAEFIK_API: `closed=${closed.apiUrl},open=${open.apiUrl}`,
      UNDERSTUDY_INGEST_PORT: String(port),
      UNDERSTUDY_INGEST_TOKEN_FILE: tokenFile,
    },
  })
})
afterAll(async () => {
  await collector?.stop()
  await Promise.all([closed?.stop(), open?.stop(), primary?.close(), shadow?.close(), database?.drop()])
  await rm(folder, { recursive: true, force: true })
})

const api = async (method: string, path: string, body?: object) => {
  const headers = { 'Content-Type': 'application/json', 'If-Match': '*' }
  const response = await fetch(`${collector.api}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}
const stateIs = (wanted: string) =>
  waitUntil(async () => (await api('GET', '/api/v1/routes/app')).json.state === wanted, { withinMs: 60_000 })
const traefiks = async () =>
  (await api('GET', '/api/v1/discovery')).json.traefiks as {
    name?: string
    url: string
    confirmed: boolean
    reachable: boolean
    detail: string | null
  }[]
const statusAt = async ({ webUrl }: TestTraefik) => (await fetch(`${webUrl}/app/x`)).status

describe('two Traefiks that fetch their configuration', () => {
  it('get each what is rendered from its own routers, so that a login stays a login', async () => {
    await api('POST', '/api/v1/routes', {
      name: 'app',
      primary: { service: 'app@file' },
      shadows: [{ name: 'shadow', url: shadow.url }],
      share: 100,
    })
    await stateIs('applied')
    await waitUntil(async () => (await traefiks()).every(({ confirmed }) => confirmed), { withinMs: 60_000 })
    expect([await statusAt(closed), await statusAt(open)]).toEqual([401, 200])
    await waitUntil(() => shadow.received.length === 1)
    const headers = { Authorization: `Basic ${Buffer.from('user:secret').toString('base64')}` }
    expect((await fetch(`${closed.webUrl}/app/y`, { headers })).status).toBe(200)
    await waitUntil(() => shadow.received.length === 2)
    await api('PATCH', '/api/v1/routes/app', { enabled: false })
    await stateIs('off')
    await waitUntil(async () => (await traefiks()).every(({ confirmed }) => confirmed))
    expect([await statusAt(closed), await statusAt(open)]).toEqual([401, 200])
    expect(shadow.received).toHaveLength(2)
  })

  it('are served to whoever brings the token, and never an empty document', async () => {
    const get = (path: string, headers: Record<string, string> = {}) => fetch(`${ingest}${path}`, { headers })
    const bearer = { Authorization: `Bearer ${TOKEN}` }
    expect((await get('/traefik/config/open')).status).toBe(401)
    const wrong = { Authorization: `Basic ${Buffer.from('x:wrong').toString('base64')}` }
    expect((await get('/traefik/config/open', wrong)).status).toBe(401)
    const basic = { Authorization: `Basic ${Buffer.from(`traefik:${TOKEN}`).toString('base64')}` }
    const found = await get('/traefik/config/open', basic)
    expect(found.status).toBe(200)
    expect(await found.json()).toMatchObject({ http: { middlewares: { 'understudy-revision': expect.any(Object) } } })
    const etag = found.headers.get('etag') as string
    expect((await get('/traefik/config/open', { ...bearer, 'If-None-Match': etag })).status).toBe(304)
    expect((await get('/traefik/config/nobody', bearer)).status).toBe(404)
    await api('PATCH', '/api/v1/routes/app', { enabled: true })
    await stateIs('applied')
    expect((await get('/traefik/config', bearer)).status).toBe(409)
  })

  it('are shown when one of them is away, while the other goes on', async () => {
    await waitUntil(async () => (await traefiks()).every(({ confirmed }) => confirmed), { withinMs: 60_000 })
    await open.stop()
    const gone = await waitUntil(async () =>
      (await traefiks()).find(({ url, reachable }) => url === open.apiUrl && !reachable),
    )
    expect(gone.detail).toContain(open.apiUrl)
    await waitUntilHolds(async () => {
      const { components } = (await api('GET', '/api/status')).json as {
        components: { name: string; detail: string }[]
      }
      expect(components.find(({ name }) => name === 'traefik')?.detail).toContain('open: ')
    })
    expect(await statusAt(closed)).toBe(401)
    expect(await readFile(closed.logFile, 'utf8')).not.toContain('panic')
  })
})
