// Services that Traefik's file provider knows pair by name alone: a route comes up by itself. That it goes
// again, half a minute after its shadow, is for tests/docker and tests/roles.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Discovery } from '../../collector/api/discovery-schemas.ts'
import type { RouteView } from '../../collector/api/route-schemas.ts'
import type { ComparisonPage } from '../../collector/api/schemas.ts'
import { understudy } from '../cli/run-understudy.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type EchoService, startEchoService } from '../helpers/echo-service.ts'
import { freshTopicPrefix, kafka, startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

const WITHIN = { withinMs: 60_000, everyMs: 100 }

let database: FreshDatabase
let traefik: TestTraefik
let collector: CollectorProcess
let services: EchoService[]

const get = async <T>(path: string) => (await (await fetch(`${collector.api}${path}`)).json()) as T
const routes = async () => (await get<{ items: RouteView[] }>('/api/v1/routes')).items
const routeNamed = async (name: string) => (await routes()).find((route) => route.name === name)
const discovery = () => get<Discovery>('/api/v1/discovery')

const servers = (url: string | undefined) => ({ loadBalancer: { servers: [{ url }] } })
const writeShadow = () =>
  traefik.writeDynamic('shadow.yaml', { http: { services: { 'app-shadow': servers(services[1]?.url) } } })

beforeAll(async () => {
  services = await Promise.all(['primary', 'shadow'].map(startEchoService))
  database = await freshDatabase()
  traefik = await startTraefik({
    dynamic: {
      http: {
        routers: { app: { rule: 'PathPrefix(`/app`)', service: 'app' } },
        services: { app: servers(services[0]?.url), 'other-shadow': servers('http://127.0.0.1:9') },
      },
    },
  })
  collector = await startCollectorProcess({
    databaseUrl: database.url,
    kafka: kafka(),
    topicPrefix: freshTopicPrefix(),
    env: {
      UNDERSTUDY_ROLES: 'ingest,compare,api,control',
      UNDERSTUDY_TRAEFIK_API: traefik.apiUrl,
      UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: traefik.dynamicDir,
    },
  })
})

afterAll(async () => {
  await collector?.stop()
  await Promise.all([traefik?.stop(), database?.drop(), ...(services ?? []).map((each) => each.close())])
})

describe('services of the file provider', () => {
  it('make no route while there is no shadow, and a shadow alone is told', async () => {
    const pairs = await waitUntil(async () => (await discovery()).pairs.length > 0 && (await discovery()).pairs, WITHIN)
    expect(pairs).toMatchObject([{ shadow: 'other-shadow@file', state: 'unpaired', primary: null, route: null }])
    expect(await routes()).toEqual([])
    await waitUntilHolds(() => {
      expect(collector.log()).toContain('"service":"app@file","msg":"discovered service"')
    }, WITHIN)
  })

  it('are mirrored and compared when a service called app-shadow appears, with no other action', async () => {
    await writeShadow()
    await waitUntil(async () => (await routeNamed('app'))?.state === 'applied', { ...WITHIN, what: 'the overlay' })
    expect(await routeNamed('app')).toMatchObject({ managedBy: 'label', share: 10, control: 0, store: { sample: 1 } })
    expect((await discovery()).pairs).toContainEqual(
      expect.objectContaining({ primary: 'app@file', shadow: 'app-shadow@file', variant: 'shadow', route: 'app' }),
    )
    const page = await waitUntil(
      async () => {
        await Promise.all(Array.from({ length: 20 }, async () => (await fetch(`${traefik.webUrl}/app/x`)).text()))
        const found = await get<ComparisonPage>('/api/v1/comparisons?route=app')
        return found.items.length > 0 && found
      },
      { ...WITHIN, what: 'a comparison' },
    )
    expect(page.items[0]).toMatchObject({ route: 'app', variant: 'shadow', endpoint: 'GET /app/x' })
  })

  it('send the primary nothing a second time until a person accepts it, and then at most 5 a second', async () => {
    expect((await discovery()).proposals).toEqual([
      { route: 'app', field: 'control', value: 5, reason: expect.stringContaining('understudy discovery accept app') },
    ])
    const env = { UNDERSTUDY_API: collector.api }
    const accepted = await understudy(['discovery', 'accept', 'app'], env)
    expect(accepted.out).toContain('route app sends 5 % to the primary again, at most 5 a second')
    expect(await routeNamed('app')).toMatchObject({ managedBy: 'label', control: { percent: 5, rate: 5 } })
    expect((await discovery()).proposals).toEqual([])
    await waitUntilHolds(async () => {
      expect((await routeNamed('app'))?.state).toBe('applied')
      const tap = await fetch(`${traefik.apiUrl}/api/http/middlewares/understudy-app-tap@file`)
      expect(await tap.text()).toMatch(/"controlRate":"?5\b/)
    }, WITHIN)
    await understudy(['discovery', 'accept', 'app', '--percent', '2', '--rate', '20'], env)
    expect(await routeNamed('app')).toMatchObject({ control: { percent: 2, rate: 20 } })
  })

  it('keep what was accepted when the collector starts again', async () => {
    await collector.killAndRestart()
    const again = await waitUntil(
      async () => (await routeNamed('app'))?.state === 'applied' && routeNamed('app'),
      WITHIN,
    )
    expect(again).toMatchObject({ control: { percent: 2, rate: 20 } })
    const { items } = await get<{ items: { kind: string; actor: string }[] }>('/api/v1/audit?route=app')
    expect(items.map(({ kind }) => kind).filter((kind) => kind === 'control.accepted')).toHaveLength(2)
    await understudy(['discovery', 'withdraw', 'app'], { UNDERSTUDY_API: collector.api })
    await waitUntilHolds(async () => {
      expect(await routeNamed('app')).toMatchObject({ control: 0 })
      expect((await discovery()).proposals).toHaveLength(1)
    }, WITHIN)
  })

  it('are followed by doctor from a URL to its comparisons, or to where the way ends', async () => {
    const env = { UNDERSTUDY_API: collector.api, UNDERSTUDY_TRAEFIK_API: traefik.apiUrl }
    const doctor = async (...args: string[]) => {
      const { json } = await understudy(['doctor', '--json', ...args], env)
      return (json as { findings: { check: string; state: string; detail: string }[] }).findings
    }
    // The route was changed a moment ago.
    await waitUntilHolds(async () => {
      const way = await doctor('--url', `${traefik.webUrl}/app/x`)
      expect(way.map(({ check, state }) => [check, state])).toEqual([
        ['url: entry point', 'passed'],
        ['url: router', 'passed'],
        ['url: mirrored', 'passed'],
        ['url: compared', 'passed'],
      ])
      expect(way[1]?.detail).toContain('understudy-app-overlay@file')
    }, WITHIN)
    const post = await doctor('--url', `${traefik.webUrl}/app/x`, '--method', 'POST')
    expect(post.at(-1)?.detail).toBe('route app is applied, but POST /app/x is none of its methods and operations')
    const lost = await doctor('--url', `${traefik.webUrl}/ap`)
    expect(lost.at(-1)?.detail).toContain('the nearest, app@file, wants PathPrefix(`/app`)')
  })

  it('leave the audit, and the route is not to be changed elsewhere', async () => {
    const { items } = await get<{ items: { kind: string; actor: string }[] }>('/api/v1/audit?route=app')
    expect(items.at(-1)).toMatchObject({ kind: 'route.created', actor: 'labels' })
    const version = String((await routeNamed('app'))?.version)
    const refused = await fetch(`${collector.api}/api/v1/routes/app`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/merge-patch+json', 'If-Match': `"${version}"` },
      body: '{"share":50}',
    })
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect((await routeNamed('app'))?.share).toBe(10)
  })

  it('give way to a route that a person writes for the same primary', async () => {
    const made = await fetch(`${collector.api}/api/v1/routes`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        ...{ name: 'mine', primary: { service: 'app@file' }, share: 25 },
        shadows: [{ name: 'shadow', service: 'app-shadow@file' }],
      }),
    })
    expect(made.status).toBe(201)
    await waitUntil(async () => (await routeNamed('mine'))?.state === 'applied', WITHIN)
    await waitUntilHolds(async () => {
      expect((await routes()).map(({ name, managedBy }) => [name, managedBy])).toEqual([['mine', 'rest']])
    }, WITHIN)
    const { version } = (await routeNamed('mine')) as { version: number }
    await fetch(`${collector.api}/api/v1/routes/mine`, { method: 'DELETE', headers: { 'If-Match': `"${version}"` } })
    await waitUntil(async () => (await routeNamed('app'))?.state === 'applied', WITHIN)
  })

  it('answer 200 throughout while the shadow goes', async () => {
    const statuses = new Set<number>()
    let isDone = false
    const asking = (async () => {
      while (!isDone) {
        const answer = await fetch(`${traefik.webUrl}/app/y`)
        await answer.text()
        statuses.add(answer.status)
      }
    })()
    await rm(join(traefik.dynamicDir, 'shadow.yaml'))
    await waitUntil(async () => (await routeNamed('app'))?.state === 'waiting', {
      ...WITHIN,
      what: 'the overlay to go',
    })
    isDone = true
    await asking
    expect([...statuses]).toEqual([200])
  })
})
