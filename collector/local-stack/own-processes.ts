// The processes of ours in the native stack: the collector, and the demo's two services.
import { join, resolve } from 'node:path'
import { collectorNodeEnv, collectorNodeFlags } from './collector-flags.ts'
import { cacheFolder } from './parts/cache.ts'
import type { RunningPart } from './parts/finding.ts'
import { startPartProcess } from './parts/part-process.ts'
import type { Env } from './preflight.ts'

const COLLECTOR = resolve(import.meta.dirname, '../main.ts')
const TICKETING = resolve(import.meta.dirname, 'demo/ticketing.ts')

type Shared = { logs: string; signal: AbortSignal }

/** `env` is the whole environment of the collector. Ready when `/readyz` says so. */
export function startCollector(options: Shared & { httpPort: number; env: Env }): Promise<RunningPart> {
  const address = `127.0.0.1:${options.httpPort}`
  return startPartProcess({
    name: 'The collector',
    address,
    command: process.execPath,
    args: [...collectorNodeFlags, COLLECTOR],
    env: { ...collectorNodeEnv(cacheFolder(options.env)), ...options.env },
    logFile: join(options.logs, 'collector.log'),
    isReady: () => isOk(`http://${address}/readyz`),
    readyWithinMs: 60_000,
    // Each look that finds it not ready is a line in its log.
    probeEveryMs: 200,
    signal: options.signal,
  })
}

export type DemoSide = { express: 4 | 5; port: number; databaseUrl: string }

export function startTicketing(options: Shared & DemoSide): Promise<RunningPart> {
  const { express, port, databaseUrl, logs, signal } = options
  const address = `127.0.0.1:${port}`
  return startPartProcess({
    name: `Ticketing on Express ${express}`,
    address,
    command: process.execPath,
    args: [TICKETING, '--express', String(express), '--port', String(port)],
    // Not as an argument: other users of the machine see those.
    env: { ...process.env, DATABASE_URL: databaseUrl },
    logFile: join(logs, `ticketing-express-${express}.log`),
    isReady: () => isOk(`http://${address}/api/ticketing/tickets`),
    readyWithinMs: 60_000,
    signal,
  })
}

async function isOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.body?.cancel()
  return response.ok
}
