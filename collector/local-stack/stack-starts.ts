// How each part of the native stack is started for given options. What waits for what is start-stack.ts's matter.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { KeptParts } from './kept-parts.ts'
import { startCollector, startTicketing } from './own-processes.ts'
import { startKafka } from './parts/kafka-broker.ts'
import { ensureDatabase, startPostgres } from './parts/postgres.ts'
import { startTraefik } from './parts/traefik.ts'
import { freePorts } from './ports.ts'
import type { Env, Found, Parts } from './preflight.ts'
import { routesText } from './routes-text.ts'
import type { Home, StackFile } from './stack-home.ts'
import { demoRoute, type StartOptions } from './stack-options.ts'

const PLUGINS_DIR = resolve(import.meta.dirname, '../../traefik')
const DATABASE = 'understudy'

export type StackOptions = StartOptions & {
  parts: Parts
  home: Home
  /** Folder that Traefik watches and the collector writes `understudy.yaml` to. */
  dynamicDir: string
  env: Env
  say: (part: string, message: string) => void
  /** Aborts a start that is under way. */
  signal: AbortSignal
}

export type Starting = { options: StackOptions; file: StackFile; kept: KeptParts; signal: AbortSignal }

export async function startTraefikOf({ options, kept, signal }: Starting): Promise<void> {
  const { home, ports, env, dynamicDir } = options
  const part = await obtain('Traefik', options.parts.traefik, options, signal)
  const folders = { dynamicDir, pluginsDir: PLUGINS_DIR, runDir: home.run }
  const addresses = { webPort: ports.web, apiPort: ports.traefikApi }
  await kept.keep('Traefik', () =>
    startTraefik(part, {
      ...addresses,
      ...folders,
      logFile: join(home.logs, 'traefik.log'),
      dockerHost: env.UNDERSTUDY_DOCKER_HOST,
      env,
      signal,
    }),
  )
}

/** Gives the class path of its jars; undefined when the environment names a broker. */
export async function startKafkaOf({ options, kept, signal }: Starting): Promise<string | undefined> {
  const { home, ports, parts } = options
  if (!parts.kafka) return undefined
  const part = await obtain('Kafka', parts.kafka, options, signal)
  const logFile = join(home.logs, 'kafka.log')
  await kept.keep('Kafka', () => startKafka(part, { port: ports.kafka, dataDir: home.kafkaData, logFile, signal }))
  return part.classPath
}

/** Fills in the URL of the stack's database, which it makes. */
export async function startPostgresOf({ options, file, kept, signal }: Starting): Promise<void> {
  const { home, ports, parts } = options
  if (!parts.postgres) return
  const part = await obtain('PostgreSQL', parts.postgres, options, signal)
  const { postgresData: dataDir, postgresPasswordFile: passwordFile } = home
  const logFile = join(home.logs, 'postgres.log')
  await kept.keep('PostgreSQL', async () => {
    const running = await startPostgres(part, { port: ports.postgres, dataDir, passwordFile, logFile, signal })
    try {
      await ensureDatabase(running.url('postgres'), DATABASE)
    } catch (error) {
      await running.stop()
      throw error
    }
    file.databaseUrl = running.url(DATABASE)
    return running
  })
}

/** The demo's two services, each with a database of its own, and the route between them. */
export async function startDemoOf({ options, file, kept, signal }: Starting): Promise<void> {
  const { logs, seedFile } = options.home
  const [primaryPort, shadowPort] = (await freePorts(2)) as [number, number]
  const sides = [
    { express: 4, port: primaryPort, database: 'understudy_demo_primary' },
    { express: 5, port: shadowPort, database: 'understudy_demo_shadow' },
  ] as const
  await Promise.all(
    sides.map(async ({ express, port, database }) => {
      await ensureDatabase(file.databaseUrl, database)
      const databaseUrl = withDatabase(file.databaseUrl, database)
      await kept.keep(`Express ${express}`, () => startTicketing({ express, port, databaseUrl, logs, signal }))
    }),
  )
  writeFileSync(seedFile, routesText(demoRoute(`http://127.0.0.1:${primaryPort}`, `http://127.0.0.1:${shadowPort}`)))
}

export async function startCollectorOf({ options, file, kept, signal }: Starting): Promise<void> {
  const { home, ports, env } = options
  await kept.keep('Collector', () => {
    const settings: Env = {
      ...env,
      DATABASE_URL: file.databaseUrl,
      KAFKA_BROKERS: file.kafkaBrokers,
      UNDERSTUDY_HTTP_PORT: String(ports.http),
      UNDERSTUDY_INGEST_PORT: String(ports.ingest),
      UNDERSTUDY_TRAEFIK_API: file.traefikApi,
      UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: file.dynamicDir,
      UNDERSTUDY_ROUTES_FILE: file.routesFile,
      UNDERSTUDY_SEED_FILE: home.seedFile,
      UNDERSTUDY_HMAC_KEY_FILE: home.hmacKeyFile,
      UNDERSTUDY_INGEST_TOKEN_FILE: home.ingestTokenFile,
    }
    return startCollector({ httpPort: ports.http, env: settings, logs: home.logs, signal })
  })
}

/** Fetches what is not here yet. The time it took is told apart from the time to start. */
async function obtain<Part>(
  name: string,
  found: Found<Part>,
  { say }: Pick<StackOptions, 'say'>,
  signal: AbortSignal,
): Promise<Part> {
  if (found.state === 'ready') return found.part
  const startedAt = performance.now()
  const part = await found.fetch((message) => say(name, message), signal)
  say(name, `fetched in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  return part
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}
