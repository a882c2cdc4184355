// The real parts for tests: one Kafka and one PostgreSQL for all of a run, one Traefik for whoever asks.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { stringify } from 'yaml'
import type { Finding, RunningPart } from '../../collector/local-stack/parts/finding.ts'
import { findKafka } from '../../collector/local-stack/parts/kafka.ts'
import { startKafka } from '../../collector/local-stack/parts/kafka-broker.ts'
import { findPostgres, startPostgres } from '../../collector/local-stack/parts/postgres.ts'
import { findTraefik, startTraefik as startTraefikPart } from '../../collector/local-stack/parts/traefik.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import type { StaticOptions } from '../../plugin-config/render-static.ts'
import { waitUntil } from './wait-until.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** `host:port` of the run's Kafka. */
export function kafka(): string {
  return fromSetup('UNDERSTUDY_TEST_KAFKA')
}

/** URL of the run's PostgreSQL, for its administrator; tests take a database of their own from `freshDatabase`. */
export function postgres(): string {
  return fromSetup('UNDERSTUDY_TEST_POSTGRES')
}

function fromSetup(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: it comes from tests/integration/global-setup.ts`)
  return value
}

/** A topic prefix (and so a consumer group) that no other test has. */
export function freshTopicPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`
}

/** An empty database of its own; `drop` cuts whoever is still connected. */
export async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const url = new URL(postgres())
  url.pathname = `/${name}`
  await asAdministrator(`CREATE DATABASE ${name}`)
  return { url: url.href, drop: () => asAdministrator(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function asAdministrator(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

export type SharedParts = { kafka: string; postgres: string; stop: () => Promise<void> }

/** Starts what the environment does not name already. Each part's data is in a folder that goes with it. */
export async function startSharedParts(): Promise<SharedParts> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-test-'))
  // PostgreSQL may run as another user than we do, and has to come through.
  await chmod(folder, 0o711)
  const [kafkaPort, postgresPort] = (await freePorts(2)) as [number, number]
  const running: RunningPart[] = []
  const stop = async () => {
    await Promise.all(running.map((part) => part.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  const broker = async () => {
    const part = await obtain(findKafka(process.env))
    const started = await startKafka(part, {
      port: kafkaPort,
      dataDir: join(folder, 'kafka'),
      logFile: join(folder, 'kafka.log'),
    })
    running.push(started)
    return started.address
  }
  const database = async () => {
    const part = await obtain(findPostgres())
    const passwordFile = join(folder, 'password')
    const options = {
      port: postgresPort,
      dataDir: join(folder, 'postgres'),
      passwordFile,
      logFile: join(folder, 'postgres.log'),
    }
    const started = await startPostgres(part, { ...options, durable: false })
    running.push(started)
    return started.url('postgres')
  }
  const results = await Promise.allSettled([
    process.env.UNDERSTUDY_TEST_KAFKA ?? broker(),
    process.env.UNDERSTUDY_TEST_POSTGRES ?? database(),
  ])
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) {
    await stop()
    throw failure.reason
  }
  const [kafkaAddress, postgresUrl] = results.map((result) => (result.status === 'fulfilled' ? result.value : ''))
  return { kafka: kafkaAddress as string, postgres: postgresUrl as string, stop }
}

async function obtain<Part>(finding: Finding<Part> | Promise<Finding<Part>>): Promise<Part> {
  const found = await finding
  if (found.state === 'ready') return found.part
  if (found.state === 'missing') throw new Error(found.line)
  return found.fetch((message) => process.stderr.write(`${message}\n`), AbortSignal.timeout(600_000))
}

export type TestTraefik = {
  webUrl: string
  apiUrl: string
  pid: number
  logFile: string
  /** Folder that its file provider watches. */
  dynamicDir: string
  /** Writes a file of it whole, by rename; YAML text or what becomes YAML. It does not wait for Traefik. */
  writeDynamic: (name: string, content: string | object) => Promise<void>
  stop: () => Promise<void>
}

/**
 * Real Traefik on free ports and folders of its own, with the tap loaded when it is there. With `dynamic` it waits
 * until Traefik has read that file: every router and service of it is in the API then.
 */
export async function startTraefik(
  options: {
    dynamic?: string | object
    pluginsDir?: string | undefined
    env?: Record<string, string>
    httpProvider?: StaticOptions['httpProvider']
    dockerHost?: string
  } = {},
): Promise<TestTraefik> {
  const part = await obtain(findTraefik(process.env))
  const folder = await mkdtemp(join(tmpdir(), 'understudy-traefik-'))
  const dynamicDir = join(folder, 'dynamic')
  const [webPort, apiPort] = (await freePorts(2)) as [number, number]
  const logFile = join(folder, 'traefik.log')
  const running = await startTraefikPart(part, {
    webPort,
    apiPort,
    dynamicDir,
    pluginsDir: 'pluginsDir' in options ? options.pluginsDir : join(ROOT, 'traefik'),
    runDir: join(folder, 'run'),
    logFile,
    httpProvider: options.httpProvider,
    dockerHost: options.dockerHost,
    env: { ...process.env, ...options.env },
  })
  const writeDynamic = async (name: string, content: string | object) => {
    const temporary = join(folder, `${name}.new`)
    await writeFile(temporary, typeof content === 'string' ? content : stringify(content))
    await rename(temporary, join(dynamicDir, name))
  }
  const apiUrl = `http://127.0.0.1:${apiPort}`
  if (options.dynamic !== undefined) {
    await writeDynamic('test.yaml', options.dynamic)
    const hasRead = async () => {
      const routers = (await (await fetch(`${apiUrl}/api/http/routers`)).json()) as { provider: string }[]
      return routers.some((router) => router.provider === 'file')
    }
    await waitUntil(hasRead, { what: 'Traefik to read the dynamic file' })
  }
  const stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { webUrl: `http://127.0.0.1:${webPort}`, apiUrl, pid: running.pid, logFile, dynamicDir, writeDynamic, stop }
}
