// The ways to run docker-compose.yaml otherwise, as its comment and the examples tell them: roles split and scaled; the
// user's own Kafka and PostgreSQL, with a Traefik that runs elsewhere.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from '@jest/globals'
import { stringify } from 'yaml'
import { PROJECT_FOLDER } from '../../collector/local-stack/docker/production-stack.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { openDocker } from '../helpers/docker.ts'
import { ask, type DockerStack, openDockerStack } from '../helpers/docker-stack.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'understudy-variant-'))
  chmodSync(path, 0o755)
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function opened(options: Parameters<typeof openDockerStack>[0]): Promise<DockerStack> {
  const stack = await openDockerStack(options)
  cleanups.push(() => stack.remove())
  return stack
}

async function firstComparison({ api }: DockerStack, url: string, route: string): Promise<{ outcome: string }> {
  const found = await waitUntil(
    async () => {
      expect((await ask(url)).status).toBe(200)
      return (await api<{ items: { outcome: string }[] }>(`/api/v1/comparisons?route=${route}`)).items[0]
    },
    { withinMs: 120_000, everyMs: 250, what: `a comparison of the route ${route}` },
  )
  return found
}

/** The comment of docker-compose.yaml as the file that it tells to write. */
function splitRoles(): string {
  const text = readFileSync(join(PROJECT_FOLDER, 'docker-compose.yaml'), 'utf8')
  const [, after = ''] = text.split('put this into docker-compose.override.yaml:\n')
  const [block = ''] = after.split('  # and UNDERSTUDY_INGEST_URL')
  const source = join(PROJECT_FOLDER, 'docker-compose.yaml')
  return block.replaceAll(/^ {2}# {3}/gm, '').replaceAll('file: docker-compose.yaml', `file: ${source}`)
}

it('roles split over containers, and scaled', async () => {
  const file = join(folder(), 'split.yaml')
  writeFileSync(file, splitRoles())
  const stack = await opened({
    profiles: [],
    files: [file],
    settings: {
      UNDERSTUDY_INGEST_URL: 'http://ingest:8082/v1/taps',
      UNDERSTUDY_COLLECTOR_IMAGE: 'understudy-parts/collector:here',
    },
  })
  await stack.up()
  const port = (name: string) => ({ [`traefik.http.services.${name}.loadbalancer.server.port`]: '8080' })
  await stack.ownProject('split', {
    shop: { 'traefik.http.routers.shop.rule': 'PathPrefix(`/shop`)', ...port('shop') },
    'shop-shadow': { ...port('shop-shadow'), 'understudy.share': '100' },
  })
  await waitUntil(async () => (await ask(`${stack.webUrl}/shop`)).status === 200, { withinMs: 120_000 })
  expect(await firstComparison(stack, `${stack.webUrl}/shop`, 'shop')).toMatchObject({ outcome: 'different' })
  // Kafka's group shares the partitions among the three.
  await waitUntilHolds(
    async () => {
      const logs = await stack.logs('compare')
      const joined = logs.matchAll(/"partitions":\[([\d,]*)\],"msg":"consumer joined its group"/g)
      expect(new Set([...joined].flatMap(([, partitions = '']) => partitions.split(','))).size).toBeGreaterThanOrEqual(
        6,
      )
    },
    { everyMs: 500 },
  )
  expect((await stack.id('compare')).split('\n')).toHaveLength(3)
  expect(await stack.logs('collector')).not.toContain('consumer joined its group')
})

it('a Kafka, a PostgreSQL and a Traefik of the user', async () => {
  const here = folder()
  const [kafkaPort, controllerPort, postgresPort, webPort, apiPort, ingestPort, shopPort, nextPort] = (await freePorts(
    8,
  )) as [number, number, number, number, number, number, number, number]
  const machine = await (await openDocker()).run(
    ...['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'],
  )
  const stack = await opened({
    profiles: [],
    files: ['external-parts', 'own-traefik'].map((name) =>
      join(PROJECT_FOLDER, `traefik/examples/compose.${name}.yaml`),
    ),
    settings: {
      KAFKA_BROKERS: `${machine}:${kafkaPort}`,
      UNDERSTUDY_TRAEFIK_API: `http://${machine}:${apiPort}`,
      UNDERSTUDY_INGEST_URL: `http://127.0.0.1:${ingestPort}/v1/taps`,
      UNDERSTUDY_INGEST_PUBLISHED: `127.0.0.1:${ingestPort}`,
    },
  })
  const { docker, secretsDir } = stack
  const { images } = docker
  const secret = (name: string) => readFileSync(join(secretsDir, name), 'utf8').trim()
  const password = secret('postgres-password')
  rmSync(join(secretsDir, 'database-url'))
  const databaseUrl = `postgres://understudy:${password}@${machine}:${postgresPort}/understudy`
  writeFileSync(join(secretsDir, 'database-url'), databaseUrl, { mode: 0o444 })

  // On this machine's own network, as far as ours can tell: elsewhere.
  const start = (...args: string[]) => docker.start('--network', 'host', ...args)
  const secrets = (...names: string[]) =>
    names.flatMap((name) => ['--volume', `${join(secretsDir, name)}:/run/secrets/${name}:ro`])
  const compose = join(here, 'compose')
  cpSync(join(PROJECT_FOLDER, 'collector/compose'), compose, { recursive: true })
  const properties = readFileSync(join(compose, 'kafka.properties'), 'utf8')
    .replace('//kafka:9092', `//${machine}:${kafkaPort}`)
    .replaceAll(':9092', `:${kafkaPort}`)
    .replaceAll(':9093', `:${controllerPort}`)
  writeFileSync(join(compose, 'kafka.properties'), properties)
  const run = (name: string) => ['--volume', `${compose}:/etc/understudy:ro`, '--entrypoint', '/bin/sh', name]
  await start(...run(await images.kafka()), '/etc/understudy/kafka.sh')
  await start(
    ...['--user', 'postgres', '--env', `PGPORT=${postgresPort}`],
    ...secrets('postgres-password', 'demo-password', 'grafana-database-password'),
    ...run(await images.postgres()),
    '/etc/understudy/postgres.sh',
  )
  const tiny = await images.tinyServer()
  await start('--env', 'NAME=shop', '--env', `PORT=${shopPort}`, tiny)
  await start('--env', 'NAME=next', '--env', `PORT=${nextPort}`, tiny)

  const traefik = join(here, 'traefik')
  mkdirSync(join(traefik, 'dynamic'), { recursive: true })
  const server = (port: number) => ({ loadBalancer: { servers: [{ url: `http://127.0.0.1:${port}` }] } })
  writeFileSync(
    join(traefik, 'dynamic/shop.yaml'),
    stringify({
      http: {
        routers: { shop: { rule: 'PathPrefix(`/shop`)', service: 'shop' } },
        services: { shop: server(shopPort), next: server(nextPort) },
      },
    }),
  )
  writeFileSync(
    join(traefik, 'traefik.yaml'),
    stringify({
      entryPoints: {
        web: { address: `127.0.0.1:${webPort}`, asDefault: true },
        traefik: { address: `${machine}:${apiPort}` },
      },
      api: { insecure: true },
      providers: {
        providersThrottleDuration: '500ms',
        file: { directory: '/etc/traefik/dynamic' },
        http: {
          endpoint: `http://127.0.0.1:${ingestPort}/traefik/config`,
          pollInterval: '1s',
          headers: { Authorization: `Bearer ${secret('ingest-token')}` },
        },
      },
      experimental: { localPlugins: { understudy: { moduleName: 'github.com/understudy-proxy/tap' } } },
    }),
  )
  await start(
    ...['--workdir', '/', '--volume', `${traefik}:/etc/traefik:ro`, ...secrets('ingest-token', 'hmac-key')],
    ...['--volume', `${join(PROJECT_FOLDER, 'traefik/plugins-local')}:/plugins-local:ro`],
    ...[await images.traefik(), '--configFile=/etc/traefik/traefik.yaml'],
  )

  await stack.up()
  const services = (await stack.compose(['ps', '--services'])).output.trim().split('\n').sort()
  expect(services).toEqual(['collector', 'docker-proxy'])
  await stack.post('/api/v1/routes', {
    name: 'shop',
    primary: { service: 'shop@file' },
    shadows: [{ name: 'next', service: 'next@file' }],
    share: 100,
  })
  expect(await firstComparison(stack, `http://127.0.0.1:${webPort}/shop`, 'shop')).toMatchObject({
    outcome: 'different',
    variant: 'next',
  })
})
