import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AuditPage } from '../../collector/api/audit-schemas.ts'
import type { RoutePreview, RouteView } from '../../collector/api/route-schemas.ts'
import { understudy } from '../cli/run-understudy.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type EchoService, startEchoService } from '../helpers/echo-service.ts'
import { freshDatabase, freshTopicPrefix, kafka, startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

let traefik: TestTraefik
let database: { url: string; drop: () => Promise<void> }
/** One process does everything but the API of the other; the other has the API alone. */
let full: CollectorProcess
let apiOnly: CollectorProcess
let primary: EchoService
let shadow: EchoService
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-routes-'))
  ;[traefik, database, primary, shadow] = await Promise.all([
    startTraefik(),
    freshDatabase(),
    startEchoService('primary'),
    startEchoService('shadow'),
  ])
  const shared = { databaseUrl: database.url, kafka: kafka(), topicPrefix: freshTopicPrefix() }
  const routesFile = join(folder, 'routes.yaml')
  await writeFile(routesFile, fileOf(10))
  full = await startCollectorProcess({
    ...shared,
    env: {
      UNDERSTUDY_ROLES: 'ingest,compare,api,control',
      UNDERSTUDY_TRAEFIK_API: traefik.apiUrl,
      UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: traefik.dynamicDir,
      UNDERSTUDY_ROUTES_FILE: routesFile,
    },
  })
  apiOnly = await startCollectorProcess({ ...shared, env: { UNDERSTUDY_ROLES: 'api' } })
})
afterAll(async () => {
  await Promise.all([full?.stop(), apiOnly?.stop()])
  await traefik?.stop()
  await Promise.all([primary?.close(), shadow?.close(), database?.drop()])
  await rm(folder, { recursive: true, force: true })
})

const fileOf = (share: number) => `routes:
  - name: from-file
    rule: PathPrefix(\`/from-file\`)
    primary: { url: '${primary.url}' }
    shadows: [{ name: shadow, url: '${shadow.url}' }]
    share: ${share}
`
const route = () => ({
  name: 'shop',
  rule: 'PathPrefix(`/shop`)',
  primary: { url: primary.url },
  shadows: [{ name: 'shadow', url: shadow.url }],
  share: 100,
  protect: { rate: 0, burst: 1000, inFlight: 1000 },
})

type Answer = { status: number; etag: string | null; json: unknown }
async function ask(collector: CollectorProcess, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${collector.api}/api/v1/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', 'If-Match': '*' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, etag: response.headers.get('etag'), json: text === '' ? null : JSON.parse(text) }
}

let rounds = 0
/**
 * Sends so many requests, all of which the primary has to answer, and counts those that the shadow got; where that
 * can be said beforehand, once it got as many as `expected`.
 */
async function mirrored(requests: number, expected = 0): Promise<number> {
  rounds += 1
  const place = `/shop/round-${rounds}/`
  const seen = () => shadow.received.filter((line) => line.includes(place)).length
  const send = async (index: number) => {
    const response = await fetch(`${traefik.webUrl}${place}${index}`)
    expect([response.status, response.headers.get('x-service')]).toEqual([200, 'primary'])
    await response.arrayBuffer()
  }
  // One after another: Traefik counts requests under one lock and compares under another, so that of several at once
  // one may go unmirrored even at 100 %.
  for (let sent = 0; sent < requests; sent += 1) await send(sent)
  // Mirrors run after the answer: the last ones have come when none came for a while.
  let last = -1
  await waitUntil(
    () => {
      const isQuiet = seen() === last
      last = seen()
      return isQuiet && last >= expected
    },
    { everyMs: 300, what: `${expected} copies or more` },
  )
  return seen()
}

describe('a route that is made over REST', () => {
  it('is mirrored, changed while requests run, switched off, deleted and restored', async () => {
    expect((await fetch(`${traefik.webUrl}/shop/x`)).status).toBe(404)
    const preview = (await ask(full, 'POST', 'routes?dryRun=true', route())).json as RoutePreview
    expect(preview.after).toContain('understudy-shop-overlay:')
    const made = await ask(full, 'POST', 'routes', route())
    expect(made).toMatchObject({ status: 201, etag: '"1"', json: { state: 'applied', managedBy: 'rest' } })
    expect(await mirrored(100, 100)).toBe(100)

    const bounds: Record<number, [number, number]> = { 10: [10, 90], 50: [140, 260], 100: [400, 400] }
    for (const share of [10, 50, 100]) {
      const changed = await ask(full, 'PATCH', 'routes/shop', { share })
      expect(changed).toMatchObject({ status: 200, json: { share, state: 'applied', reason: null } })
      const [least, most] = bounds[share]!
      const seen = await mirrored(400, least)
      expect(seen).toBeGreaterThanOrEqual(least)
      expect(seen).toBeLessThanOrEqual(most)
    }
    expect(await understudy(['routes', 'disable', 'shop'], { UNDERSTUDY_API: full.api })).toMatchObject({
      code: 0,
      out: expect.stringContaining('off'),
    })
    expect(await mirrored(40)).toBe(0)
    expect((await ask(full, 'DELETE', 'routes/shop')).status).toBe(204)
    await waitUntil(async () => (await fetch(`${traefik.webUrl}/shop/x`)).status === 404)
    const back = await understudy(['routes', 'restore', 'shop', '1', '--json'], { UNDERSTUDY_API: full.api })
    expect(back.json).toMatchObject({ share: 100, state: 'applied', version: 7 })
    expect(await mirrored(40, 40)).toBe(40)
    const audit = (await ask(full, 'GET', 'audit?route=shop')).json as AuditPage
    const kinds = audit.items.flatMap(({ kind }) => (kind.startsWith('route.') ? kind.slice('route.'.length) : []))
    expect(kinds.reverse()).toEqual([...['created', 'changed', 'changed', 'changed', 'changed', 'deleted', 'restored']])
  })

  it('loses no request to changes of the share while they run', async () => {
    let isOver = false
    let failed = 0
    let sent = 0
    const client = async () => {
      while (!isOver) {
        const response = await fetch(`${traefik.webUrl}/shop/busy`)
        if (response.status !== 200 || response.headers.get('x-service') !== 'primary') failed += 1
        await response.arrayBuffer()
        sent += 1
      }
    }
    const clients = Array.from({ length: 4 }, client)
    for (const share of [1, 33, 0.1, 100, 50, 10])
      expect((await ask(full, 'PATCH', 'routes/shop', { share })).json).toMatchObject({ state: 'applied' })
    await waitUntil(() => sent > 100, { what: 'more than 100 requests' })
    isOver = true
    await Promise.all(clients)
    expect({ failed, isMany: sent > 100 }).toEqual({ failed: 0, isMany: true })
  })

  it('is seen and changed by a process that has the API alone', async () => {
    const seen = await waitUntil(async () => {
      const { status, json } = await ask(apiOnly, 'GET', 'routes/shop')
      return status === 200 && (json as RouteView).state === 'applied' && (json as RouteView)
    })
    expect(seen).toMatchObject({ managedBy: 'rest', share: 10 })
    const changed = await ask(apiOnly, 'PATCH', 'routes/shop', { share: 100 })
    expect(changed).toMatchObject({ status: 200, json: { share: 100, state: 'applied' } })
    expect(await mirrored(40, 40)).toBe(40)
    const preview = (await ask(apiOnly, 'PATCH', 'routes/shop?dryRun=true', { share: 20 })).json as RoutePreview
    expect(preview.diff).toContain('understudy-shop-share:')
  })
})

describe('a route of a watched file', () => {
  it('follows the file, is read-only elsewhere, and is restored as an ordinary one when the file drops it', async () => {
    const view = (collector: CollectorProcess) => ask(collector, 'GET', 'routes/from-file')
    expect((await view(apiOnly)).json).toMatchObject({ managedBy: 'file', share: 10, updatedBy: 'file' })
    const refused = await ask(apiOnly, 'PATCH', 'routes/from-file', { share: 50 })
    expect(refused).toMatchObject({ status: 409, json: { detail: expect.stringContaining('the routes file') } })
    await writeFile(join(folder, 'routes.yaml'), fileOf(20))
    await waitUntil(async () => ((await view(apiOnly)).json as RouteView).share === 20)
    await writeFile(join(folder, 'routes.yaml'), 'routes:\n  - name: broken\n')
    await waitUntil(async () => {
      const { components } = (await (await fetch(`${full.api}/api/status`)).json()) as {
        components: { name: string; state: string }[]
      }
      return components.some(({ name, state }) => name === 'routes' && state === 'degraded')
    })
    expect((await view(full)).json).toMatchObject({ share: 20 })
    await writeFile(join(folder, 'routes.yaml'), 'routes: []\n')
    await waitUntil(async () => (await view(apiOnly)).status === 404)
    const restored = await ask(full, 'POST', 'routes/from-file/restore', { version: 1 })
    expect(restored.json).toMatchObject({ managedBy: 'rest', share: 10 })
  })
})

describe("other people's files in Traefik's folder", () => {
  const example = resolve(import.meta.dirname, '../../plugin-config/examples/hand-written-dynamic.yaml')

  it('show taps that are attached by hand as an external route', async () => {
    const text = (await readFile(example, 'utf8')).replaceAll('route: shop', 'route: by-hand')
    await traefik.writeDynamic('hand.yaml', text.replaceAll('`/shop`', '`/by-hand`'))
    for (const collector of [full, apiOnly]) {
      const seen = await waitUntil(async () => {
        const { status, json } = await ask(collector, 'GET', 'routes/by-hand')
        return status === 200 && (json as RouteView)
      })
      expect(seen).toMatchObject({ managedBy: 'external', share: 10, primary: { service: 'shop@file' } })
      const refused = await ask(collector, 'PATCH', 'routes/by-hand', { share: 1 })
      expect(refused).toMatchObject({
        status: 409,
        json: { detail: expect.stringContaining("Traefik's own configuration") },
      })
    }
    const { items } = (await ask(full, 'GET', 'routes')).json as { items: RouteView[] }
    expect(items.map(({ name, managedBy }) => `${name} ${managedBy}`)).toContain('by-hand external')
    expect((await ask(full, 'POST', 'routes', { ...route(), name: 'by-hand' })).status).toBe(409)
  })

  it('name one that is broken, which keeps Traefik from reading any', async () => {
    await traefik.writeDynamic('theirs.yaml', 'http:\n  routers: [\n')
    const part = async () => {
      const { components } = (await (await fetch(`${full.api}/api/status`)).json()) as {
        components: { name: string; state: string; detail: string }[]
      }
      return components.find(({ name }) => name === 'traefik')
    }
    await waitUntilHolds(async () => {
      expect(await part()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('theirs.yaml: ') })
    })
    const changed = await ask(full, 'PATCH', 'routes/shop', { share: 40 })
    expect(changed).toMatchObject({ status: 200, json: { state: 'pending' } })
    const reason = await waitUntil(
      async () => {
        const view = (await ask(full, 'GET', 'routes/shop')).json as RouteView
        return view.state === 'waiting' && view.reason?.includes('theirs.yaml') && view.reason
      },
      { withinMs: 60_000 },
    )
    expect(reason).toContain('while one is broken')
    await rm(join(traefik.dynamicDir, 'theirs.yaml'))
    await waitUntil(async () => ((await ask(full, 'GET', 'routes/shop')).json as RouteView).state === 'applied', {
      withinMs: 60_000,
    })
    await waitUntilHolds(async () => expect((await part())?.state).toBe('ok'))
  })
})
