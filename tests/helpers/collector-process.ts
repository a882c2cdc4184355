// The collector as its own process, as in production, on free ports.
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { collectorNodeEnv, collectorNodeFlags } from '../../collector/local-stack/collector-flags.ts'
import { cacheFolder } from '../../collector/local-stack/parts/cache.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { waitUntil } from './wait-until.ts'

const MAIN = resolve(import.meta.dirname, '../../collector/main.ts')

export type CollectorProcess = {
  api: string
  ingest: string
  pid: () => number
  log: () => string
  /** SIGKILL, then a new process with the same settings. */
  killAndRestart: () => Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill: () => Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop: () => Promise<number | null>
}

export async function startCollectorProcess(options: {
  databaseUrl: string
  kafka: string
  topicPrefix: string
  env?: Record<string, string>
}): Promise<CollectorProcess> {
  const [apiPort, ingestPort] = (await freePorts(2)) as [number, number]
  const env = {
    ...process.env,
    ...collectorNodeEnv(cacheFolder(process.env)),
    NODE_OPTIONS: '',
    DATABASE_URL: options.databaseUrl,
    KAFKA_BROKERS: options.kafka,
    UNDERSTUDY_TOPIC_PREFIX: options.topicPrefix,
    UNDERSTUDY_HTTP_PORT: String(apiPort),
    UNDERSTUDY_INGEST_PORT: String(ingestPort),
    UNDERSTUDY_ROLES: 'ingest,compare,api',
    ...options.env,
  }
  let log = ''
  let child: ChildProcess
  const start = () => {
    child = spawn(process.execPath, [...collectorNodeFlags, MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-1_000_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
  }
  const ended = () =>
    new Promise<number | null>((resolveExit) => {
      if (child.exitCode !== null || child.signalCode !== null) resolveExit(child.exitCode)
      else child.once('exit', (code) => resolveExit(code))
    })
  const api = `http://127.0.0.1:${apiPort}`
  start()
  await waitUntil(async () => {
    if (child.exitCode !== null) throw new Error(`the collector ended:\n${log}`)
    return (await fetch(`${api}/readyz`).catch(() => undefined))?.status === 200
  }, 120_000)
  return {
    api,
    ingest: `http://127.0.0.1:${ingestPort}/v1/taps`,
    pid: () => child.pid as number,
    log: () => log,
    async killAndRestart() {
      const gone = ended()
      child.kill('SIGKILL')
      await gone
      start()
    },
    async kill() {
      const gone = ended()
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      const gone = ended()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      const code = await gone
      clearTimeout(timer)
      return code
    },
  }
}
