// Starts the native stack, as much as possible at once, and stops it in the order in which data flows.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDemoTraffic } from './demo/traffic.ts'
import { createKeptParts } from './kept-parts.ts'
import { noRoutesText, routesText } from './routes-text.ts'
import { ensureSecrets, type StackFile, turnLogs } from './stack-home.ts'
import {
  type StackOptions,
  type Starting,
  startCollectorOf,
  startDemoOf,
  startKafkaOf,
  startPostgresOf,
  startTraefikOf,
} from './stack-starts.ts'

const DEMO_REQUESTS_PER_SECOND = 4

/** How long each part may take to end; the phases add up to less than 10 s. */
const graceMs = { traefik: 2_500, collector: 4_000, demo: 1_500, stores: 3_000 }

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
  const { home, routes } = options
  const file = stackFileOf(options)
  prepare(options, file)
  const kept = createKeptParts(home, file, options.say)
  const traffic = new AbortController()
  const stop = async () => {
    traffic.abort()
    await kept.stop(graceMs.traefik, 'Traefik')
    await Promise.all([kept.stop(graceMs.collector, 'Collector'), kept.stop(graceMs.demo, 'Express 4', 'Express 5')])
    await kept.stop(graceMs.stores, 'Kafka', 'PostgreSQL')
    rmSync(home.stackFile, { force: true })
  }

  const givenUp = new AbortController()
  const starting: Starting = { options, file, kept, signal: AbortSignal.any([options.signal, givenUp.signal]) }
  let failure: { reason: unknown } | undefined
  // The first failure ends the starts that are still under way.
  const orGiveUp = async <Value>(work: Promise<Value>) => {
    try {
      return await work
    } catch (reason) {
      failure ??= { reason }
      givenUp.abort(reason)
      throw reason
    }
  }
  const isRouting = orGiveUp(startTraefikOf(starting))
  const kafkaClassPath = orGiveUp(startKafkaOf(starting))
  const isStoring = orGiveUp(startPostgresOf(starting))
  const isServing = orGiveUp(isStoring.then(() => (routes.from === 'demo' ? startDemoOf(starting) : undefined)))
  const isComparing = orGiveUp(Promise.all([kafkaClassPath, isServing]).then(() => startCollectorOf(starting)))
  await Promise.allSettled([isRouting, kafkaClassPath, isStoring, isServing, isComparing])
  if (failure) {
    await stop()
    throw failure.reason
  }
  if (routes.from === 'demo' && options.demoTraffic) {
    startDemoTraffic({ baseUrl: file.proxy, ratePerSecond: DEMO_REQUESTS_PER_SECOND, signal: traffic.signal })
  }
  return {
    file,
    kafkaClassPath: await kafkaClassPath,
    pids: kept.pids,
    stop,
    kill: () => {
      traffic.abort()
      kept.kill()
    },
  }
}

function stackFileOf({ env, home, ports, routes, dynamicDir }: StackOptions): StackFile {
  const loopback = (port: number) => `http://127.0.0.1:${port}`
  return {
    startedAt: new Date().toISOString(),
    proxy: loopback(ports.web),
    traefikApi: loopback(ports.traefikApi),
    api: loopback(ports.http),
    databaseUrl: env.DATABASE_URL ?? '',
    kafkaBrokers: env.KAFKA_BROKERS ?? `127.0.0.1:${ports.kafka}`,
    dynamicDir,
    overlayFile: join(dynamicDir, 'understudy.yaml'),
    routesFile: routes.from === 'file' ? routes.path : home.noRoutesFile,
    children: [],
  }
}

function prepare({ home, routes, dynamicDir }: StackOptions, file: StackFile): void {
  ensureSecrets(home)
  turnLogs(home)
  for (const folder of [home.run, dynamicDir]) mkdirSync(folder, { recursive: true })
  // An overlay of an earlier run would send requests to ports of that run until the collector writes its own.
  rmSync(file.overlayFile, { force: true })
  writeFileSync(home.noRoutesFile, noRoutesText)
  // The demo's route is written when the ports of its services are known.
  writeFileSync(home.seedFile, routes.from === 'flags' ? routesText(routes.route) : noRoutesText)
}
