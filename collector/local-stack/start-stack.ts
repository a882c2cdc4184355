// Starts the native stack, as much as possible at once, and stops it in the order in which data flows.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type DemoTraffic, startDemoTraffic } from './demo/traffic.ts'
import { type KeptPart, keepRunning } from './keep-running.ts'
import { startCollector, startTicketing } from './own-processes.ts'
import type { Progress, RunningPart } from './parts/finding.ts'
import { startKafka } from './parts/kafka-broker.ts'
import { ensureDatabase, startPostgres } from './parts/postgres.ts'
import { identityOf } from './parts/process-identity.ts'
import { startTraefik } from './parts/traefik.ts'
import { freePorts } from './ports.ts'
import type { Env, Found, Parts } from './preflight.ts'
import { routesText } from './routes-text.ts'
import { ensureSecrets, type Home, type StackFile, writeStackFile } from './stack-home.ts'
import { demoRoute, type StartOptions } from './stack-options.ts'

const PLUGINS_DIR = resolve(import.meta.dirname, '../../traefik')
const DEMO_REQUESTS_PER_SECOND = 4
const DATABASE = 'understudy'
const DEMO_DATABASES = { primary: 'understudy_demo_primary', shadow: 'understudy_demo_shadow' }

/** How long each part may take to end; the phases add up to less than 10 s. */
const graceMs = { traefik: 2_500, collector: 4_000, demo: 1_500, stores: 3_000 }

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

export type Stack = {
  file: StackFile
  /** For `java -cp`; undefined with a Kafka that runs elsewhere. */
  kafkaClassPath: string | undefined
  /** By name; undefined between the end of a process and its next start. */
  pids: () => Record<string, number | undefined>
  /** In order, within 10 s. */
  stop: () => Promise<void>
  /** At once. */
  kill: () => void
}

/** Throws what the first part that could not be started threw; whatever was started is stopped by then. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { env, home, ports, parts, routes, say, dynamicDir } = options
  const givenUp = new AbortController()
  const signal = AbortSignal.any([options.signal, givenUp.signal])
  const kept = new Map<string, KeptPart>()
  const traffic = new AbortController()
  let demoTraffic: DemoTraffic | undefined
  let kafkaClassPath: string | undefined
  const loopback = (port: number) => `http://127.0.0.1:${port}`
  const file: StackFile = {
    startedAt: new Date().toISOString(),
    proxy: loopback(ports.web),
    traefikApi: loopback(ports.traefikApi),
    api: loopback(ports.http),
    databaseUrl: env.DATABASE_URL ?? '',
    kafkaBrokers: env.KAFKA_BROKERS ?? `127.0.0.1:${ports.kafka}`,
    dynamicDir,
    overlayFile: join(dynamicDir, 'understudy.yaml'),
    routesFile: routes.from === 'file' ? routes.path : home.routesFile,
    children: [],
  }
  const remember = () => {
    const running = [...kept.values()].flatMap((part) => part.current() ?? [])
    file.children = running.map(({ name, pid }) => ({ name, pid, identity: identityOf(pid) }))
    writeStackFile(home, file)
  }
  const keep = async (name: string, start: () => Promise<RunningPart>) => {
    const startedAt = performance.now()
    const part = await keepRunning({ name, start, say: (message) => say(name, message), changed: () => remember() })
    kept.set(name, part)
    remember()
    say(name, `is up on ${part.current()?.address ?? '?'} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
  }
  const logFile = (name: string) => join(home.logs, `${name}.log`)

  const traefik = async () => {
    const part = await obtain(parts.traefik, (message) => say('Traefik', message), signal)
    const folders = { dynamicDir, pluginsDir: PLUGINS_DIR, runDir: home.run }
    const addresses = { webPort: ports.web, apiPort: ports.traefikApi }
    await keep('Traefik', () =>
      startTraefik(part, { ...addresses, ...folders, logFile: logFile('traefik'), env, signal }),
    )
  }
  const kafka = async () => {
    if (!parts.kafka) return
    const part = await obtain(parts.kafka, (message) => say('Kafka', message), signal)
    kafkaClassPath = part.classPath
    const { kafkaData: dataDir } = home
    await keep('Kafka', () => startKafka(part, { port: ports.kafka, dataDir, logFile: logFile('kafka'), signal }))
  }
  const postgres = async () => {
    if (!parts.postgres) return
    const part = await obtain(parts.postgres, (message) => say('PostgreSQL', message), signal)
    const { postgresData: dataDir, postgresPasswordFile: passwordFile } = home
    await keep('PostgreSQL', async () => {
      const running = await startPostgres(part, {
        port: ports.postgres,
        dataDir,
        passwordFile,
        logFile: logFile('postgres'),
        signal,
      })
      file.databaseUrl = running.url(DATABASE)
      await ensureDatabase(running.url('postgres'), DATABASE)
      return running
    })
  }
  const demo = async (isStored: Promise<void>) => {
    if (routes.from !== 'demo') return
    await isStored
    const [primaryPort, shadowPort] = (await freePorts(2)) as [number, number]
    const sides = [
      { express: 4, port: primaryPort, database: DEMO_DATABASES.primary },
      { express: 5, port: shadowPort, database: DEMO_DATABASES.shadow },
    ] as const
    await Promise.all(
      sides.map(async ({ express, port, database }) => {
        await ensureDatabase(file.databaseUrl, database)
        const databaseUrl = withDatabase(file.databaseUrl, database)
        await keep(`Express ${express}`, () => startTicketing({ express, port, databaseUrl, logs: home.logs, signal }))
      }),
    )
    writeFileSync(home.routesFile, routesText(demoRoute(loopback(primaryPort), loopback(shadowPort))))
  }
  const collector = async (...before: Promise<void>[]) => {
    await Promise.all(before)
    await keep('Collector', () =>
      startCollector({ httpPort: ports.http, env: collectorEnv(options, file), logs: home.logs, signal }),
    )
  }

  const stop = async () => {
    traffic.abort()
    await demoTraffic?.done
    const end = (grace: number, ...names: string[]) => Promise.all(names.map((name) => kept.get(name)?.stop(grace)))
    await end(graceMs.traefik, 'Traefik')
    await Promise.all([end(graceMs.collector, 'Collector'), end(graceMs.demo, 'Express 4', 'Express 5')])
    await end(graceMs.stores, 'Kafka', 'PostgreSQL')
    rmSync(home.stackFile, { force: true })
  }

  ensureSecrets(home)
  for (const folder of [home.logs, home.run, dynamicDir]) mkdirSync(folder, { recursive: true })
  // An overlay of an earlier run would send requests to ports of that run until the collector writes its own.
  rmSync(file.overlayFile, { force: true })
  if (routes.from === 'flags') writeFileSync(home.routesFile, routesText(routes.route))
  remember()

  let failure: { reason: unknown } | undefined
  // The first failure ends the starts that are still under way.
  const orGiveUp = async (work: Promise<void>) => {
    try {
      await work
    } catch (reason) {
      failure ??= { reason }
      givenUp.abort(reason)
      throw reason
    }
  }
  const isQueued = orGiveUp(kafka())
  const isStored = orGiveUp(postgres())
  const isServed = orGiveUp(demo(isStored))
  const isCompared = orGiveUp(collector(isQueued, isStored, isServed))
  await Promise.allSettled([isQueued, isStored, isServed, isCompared, orGiveUp(traefik())])
  if (failure) {
    await stop()
    throw failure.reason
  }
  if (routes.from === 'demo' && options.demoTraffic) {
    demoTraffic = startDemoTraffic({
      baseUrl: file.proxy,
      ratePerSecond: DEMO_REQUESTS_PER_SECOND,
      signal: traffic.signal,
    })
  }
  return {
    file,
    kafkaClassPath,
    pids: () => Object.fromEntries([...kept].map(([name, part]) => [name, part.current()?.pid])),
    stop,
    kill: () => {
      traffic.abort()
      for (const part of kept.values()) void part.stop(0)
    },
  }
}

/** Fetches what is not here yet. The time it took is told apart from the time to start. */
async function obtain<Part>(found: Found<Part>, say: Progress, signal: AbortSignal): Promise<Part> {
  if (found.state === 'ready') return found.part
  const startedAt = performance.now()
  const part = await found.fetch(say, signal)
  say(`fetched in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  return part
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

function collectorEnv({ env, home, ports }: StackOptions, file: StackFile): Env {
  return {
    ...env,
    DATABASE_URL: file.databaseUrl,
    KAFKA_BROKERS: file.kafkaBrokers,
    UNDERSTUDY_HTTP_PORT: String(ports.http),
    UNDERSTUDY_INGEST_PORT: String(ports.ingest),
    UNDERSTUDY_TRAEFIK_API: file.traefikApi,
    UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: file.dynamicDir,
    UNDERSTUDY_ROUTES_FILE: file.routesFile,
    UNDERSTUDY_HMAC_KEY_FILE: home.hmacKeyFile,
    UNDERSTUDY_INGEST_TOKEN_FILE: home.ingestTokenFile,
  }
}
