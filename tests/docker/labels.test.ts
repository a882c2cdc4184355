// Label-only operation on a real engine: a second container called `<service>-shadow`, and nothing else, is enough.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { stringify } from 'yaml'
import type { Discovery } from '../../collector/api/discovery-schemas.ts'
import type { RouteView } from '../../collector/api/route-schemas.ts'
import type { ComparisonPage } from '../../collector/api/schemas.ts'
import { understudy } from '../cli/run-understudy.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { openDocker, type TestDocker } from '../helpers/docker.ts'
import {
  freshDatabase,
  freshTopicPrefix,
  type SharedParts,
  startSharedParts,
  startTraefik,
  type TestTraefik,
} from '../helpers/real-parts.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const PROJECT = `labels-${process.pid}`
const WITHIN = { withinMs: 120_000, everyMs: 200 }

let docker: TestDocker
let parts: SharedParts
let traefik: TestTraefik
let collector: CollectorProcess
let database: Awaited<ReturnType<typeof freshDatabase>>
let folder: string

/** A Compose service that Traefik takes: its port is exposed, and its name is left to Traefik. */
const service = (image: string, name: string, labels: Record<string, string> = {}) => ({
  image,
  expose: ['8080'],
  environment: { NAME: name },
  labels: { 'traefik.enable': 'true', ...labels },
})

async function compose(...args: string[]): Promise<void> {
  const { code, output } = await docker.composeCommand(['-p', PROJECT, '-f', join(folder, 'compose.yaml'), ...args])
  if (code !== 0) throw new Error(`docker compose ${args.join(' ')}: ${output}`)
}

const get = async <T>(path: string) => (await (await fetch(`${collector.api}${path}`)).json()) as T
const discovery = () => get<Discovery>('/api/v1/discovery')
const routes = async () => (await get<{ items: RouteView[] }>('/api/v1/routes')).items
const isRouted = (path: string) =>
  waitUntil(async () => (await fetch(`${traefik.webUrl}${path}`)).status === 200, {
    ...WITHIN,
    what: `${path} to be routed`,
  })

/** Requests one after the other until `stop`, which gives how many had which status. */
function keepAsking(path: string): { answered: () => number; stop: () => Promise<Record<string, number>> } {
  const statuses: Record<string, number> = {}
  let isDone = false
  const asking = (async () => {
    while (!isDone) {
      const status = await fetch(`${traefik.webUrl}${path}`).then(
        async (answer) => {
          await answer.text()
          return String(answer.status)
        },
        (error: unknown) => String(error),
      )
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  })()
  return {
    answered: () => Object.values(statuses).reduce((sum, count) => sum + count, 0),
    async stop() {
      isDone = true
      await asking
      return statuses
    },
  }
}

beforeAll(async () => {
  docker = await openDocker()
  const image = await docker.images.tinyServer()
  folder = await mkdtemp(join(tmpdir(), 'understudy-labels-'))
  const rule = (name: string) => ({ [`traefik.http.routers.${name}.rule`]: `PathPrefix(\`/${name}\`)` })
  const services = {
    shop: service(image, 'shop', rule('shop')),
    'shop-shadow': service(image, 'shop-shadow', { 'understudy.share': '50', 'understudy.ignore': '/headers' }),
    users: service(image, 'users', {
      ...rule('users'),
      'traefik.http.services.users.loadbalancer.server.port': '8080',
      'understudy.shadow.percent': 'abc',
    }),
    'users-shadow-pr-7': service(image, 'users-shadow', {
      'traefik.http.services.users-shadow-pr-7.loadbalancer.server.port': '8080',
    }),
  }
  await writeFile(join(folder, 'compose.yaml'), stringify({ services }))
  parts = await startSharedParts()
  Object.assign(process.env, { UNDERSTUDY_TEST_KAFKA: parts.kafka, UNDERSTUDY_TEST_POSTGRES: parts.postgres })
  database = await freshDatabase()
  traefik = await startTraefik({ dockerHost: docker.engine.host })
  collector = await startCollectorProcess({
    databaseUrl: database.url,
    kafka: parts.kafka,
    topicPrefix: freshTopicPrefix(),
    env: {
      UNDERSTUDY_ROLES: 'ingest,compare,api,control',
      UNDERSTUDY_TRAEFIK_API: traefik.apiUrl,
      UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: traefik.dynamicDir,
      UNDERSTUDY_DOCKER_HOST: docker.engine.host,
    },
  })
})

afterAll(async () => {
  await collector?.stop()
  await traefik?.stop()
  await compose('down', '--timeout', '1').catch(() => undefined)
  await database?.drop()
  await parts?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
  await docker?.removeAll()
})

describe('labels alone', () => {
  it('find two services, log each, and make no route while there is no shadow', async () => {
    await compose('up', '-d', 'shop', 'users')
    await Promise.all([isRouted('/shop'), isRouted('/users')])
    // Traefik and the engine tell of each container on their own.
    await waitUntilHolds(async () => {
      const { services, docker: engine } = await discovery()
      expect(engine).toMatchObject({ reachable: true })
      expect(services.find(({ name }) => name === 'users@docker')?.images).toHaveLength(1)
      expect(services.find(({ name }) => name === `shop-${PROJECT}@docker`)).toMatchObject({
        provider: 'docker',
        images: [{ imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }],
      })
    }, WITHIN)
    await waitUntilHolds(() => {
      for (const name of [`shop-${PROJECT}@docker`, 'users@docker']) {
        expect(collector.log()).toMatch(new RegExp(`"service":"${name}","msg":"discovered service"`))
      }
    }, WITHIN)
    expect(await routes()).toEqual([])
  })

  it('tell a mistyped label in the API, in doctor and in the log', async () => {
    const where = `container ${PROJECT}-users-1, label understudy.shadow.percent`
    await waitUntilHolds(async () => {
      const problems = (await discovery()).problems.filter((each) => each.where === where)
      expect(problems).toMatchObject([{ what: 'there is no such label', mend: 'did you mean understudy.share?' }])
      expect(collector.log()).toContain('did you mean understudy.share?')
    }, WITHIN)
    const { out } = await understudy(['doctor', '--json'], {
      UNDERSTUDY_API: collector.api,
      UNDERSTUDY_TRAEFIK_API: traefik.apiUrl,
      DATABASE_URL: database.url,
      KAFKA_BROKERS: parts.kafka,
    })
    expect(out).toContain(where)
  })

  it('compare as soon as a shadow is started, with no other action', async () => {
    await compose('up', '-d', 'shop-shadow', 'users-shadow-pr-7')
    const asking = [keepAsking('/shop/x'), keepAsking('/users/x')]
    const compared = (route: string) =>
      waitUntil(
        async () => {
          const { items } = await get<ComparisonPage>(`/api/v1/comparisons?route=${route}`)
          return items[0]
        },
        { ...WITHIN, what: `a comparison of ${route}` },
      )
    const [shop, users] = await Promise.all([compared('shop'), compared('users')])
    for (const each of asking) expect(Object.keys(await each.stop())).toEqual(['200'])
    expect(shop).toMatchObject({ variant: 'shadow', outcome: 'different', endpoint: 'GET /shop/x' })
    expect(users).toMatchObject({ variant: 'shadow-pr-7', outcome: 'different' })
    await waitUntilHolds(async () => {
      expect(await routes()).toMatchObject([
        {
          ...{ name: 'shop', state: 'applied', managedBy: 'label', share: 50, control: 0, store: { sample: 1 } },
          rules: [{ name: 'ignore /headers', at: '/headers', treat: 'ignore' }],
        },
        { name: 'users', state: 'applied', managedBy: 'label', share: 10 },
      ])
      expect((await discovery()).proposals.map(({ route, field, value }) => ({ route, field, value }))).toEqual([
        { route: 'shop', field: 'control', value: 5 },
        { route: 'users', field: 'control', value: 5 },
      ])
    }, WITHIN)
  })

  it('leave the primary answering 200 throughout while its shadow is stopped and started', async () => {
    const asking = keepAsking('/shop/y')
    const stateOf = async (name: string) => (await routes()).find((route) => route.name === name)?.state
    await compose('stop', '--timeout', '1', 'shop-shadow')
    await waitUntil(async () => (await stateOf('shop')) === 'waiting', { ...WITHIN, what: 'the overlay to go' })
    await compose('start', 'shop-shadow')
    await waitUntil(async () => (await stateOf('shop')) === 'applied', { ...WITHIN, what: 'the overlay to come back' })
    await compose('rm', '--stop', '--force', 'shop-shadow')
    await waitUntil(async () => (await stateOf('shop')) === undefined, { ...WITHIN, what: 'the route to go' })
    await waitUntil(() => asking.answered() > 200, { ...WITHIN, what: 'more than 200 answers' })
    const statuses = await asking.stop()
    process.stderr.write(`while the shadow went and came: ${JSON.stringify(statuses)}\n`)
    expect(Object.keys(statuses)).toEqual(['200'])
    expect(statuses['200']).toBeGreaterThan(200)
    expect((await routes()).map(({ name }) => name)).toEqual(['users'])
  })
})
