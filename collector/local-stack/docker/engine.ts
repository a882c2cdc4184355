// A Docker engine to work with: the one that answers already, else one of our own, with its data in our cache folder.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { UnderstudyError } from '../../errors.ts'
import { cacheFolder } from '../parts/cache.ts'
import type { Finding, Progress } from '../parts/finding.ts'
import { guard } from '../parts/guardian.ts'
import { lastLines } from '../parts/part-process.ts'
import { isAlive } from '../parts/process-identity.ts'
import { findOnPath, runTool, type ToolResult } from '../parts/run-tool.ts'

type Env = Record<string, string | undefined>

export type Engine = {
  /** What `DOCKER_HOST` has to be. */
  host: string
  /** The environment for `docker`, Compose and testcontainers. */
  env: Env
  /** True when this process has started it; only then does `stop` end it. */
  isStartedHere: boolean
  /** Runs the `docker` command line. Never throws for a command that fails. */
  docker: (args: string[], options?: { signal?: AbortSignal; onLine?: (line: string) => void }) => Promise<ToolResult>
  stop: () => Promise<void>
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 60_000

/** Where an engine of ours keeps its images, containers, socket and log. */
export function engineHome(env: Env) {
  const folder = join(cacheFolder(env), 'docker')
  return {
    folder,
    data: join(folder, 'data'),
    run: join(folder, 'run'),
    socket: join(folder, 'docker.sock'),
    pidFile: join(folder, 'dockerd.pid'),
    logFile: join(folder, 'dockerd.log'),
  }
}

/**
 * In this order: `DOCKER_HOST`, the usual socket, an engine of ours that runs already; else one is started, and
 * installed from Debian's package `docker.io` where we may. `keepRunning` leaves it behind when this process ends.
 */
export async function findEngine(env: Env, options: { keepRunning?: boolean } = {}): Promise<Finding<Engine>> {
  const home = engineHome(env)
  if (env.DOCKER_HOST) {
    if (await answers(env.DOCKER_HOST)) return ready(env.DOCKER_HOST, env, 'DOCKER_HOST')
    return missing(`nothing answers at DOCKER_HOST=${env.DOCKER_HOST}: start the engine, or unset it`)
  }
  for (const [socket, from] of [
    ['/var/run/docker.sock', 'the usual socket'] as const,
    [home.socket, 'ours'] as const,
  ]) {
    if (await answers(`unix://${socket}`)) return ready(`unix://${socket}`, env, from)
  }
  const help = 'start a Docker engine, or set DOCKER_HOST to one'
  if (process.platform !== 'linux') return missing(`no engine answers, and one is started on Linux alone: ${help}`)
  if (process.getuid?.() !== 0) return missing(`no engine answers, and only root may start one: ${help}`)
  if (Buffer.byteLength(home.socket) > 100)
    return missing(
      `UNDERSTUDY_CACHE is too long for a socket in it (${home.socket}): expected a path under 80 characters`,
    )
  const isInstalled = findOnPath('dockerd', env) !== undefined
  if (!isInstalled && !findOnPath('apt-get', env))
    return missing(`no engine answers, and there is no dockerd nor apt-get to install docker.io with: ${help}`)
  return {
    state: 'fetch',
    what: isInstalled ? 'start dockerd' : 'install docker.io (65 MB) and start dockerd',
    fetch: async (progress, signal) => {
      if (!isInstalled) await installPackages(['docker.io'], env, progress, signal)
      progress('starting dockerd …')
      return startEngine(env, options.keepRunning ?? false, signal)
    },
  }
}

function missing(text: string): { state: 'missing'; line: string } {
  return { state: 'missing', line: `Docker: ${text}` }
}

function ready(host: string, env: Env, from: string): Finding<Engine> {
  return { state: 'ready', part: engineAt(host, env, false, async () => {}), from }
}

function engineAt(host: string, env: Env, isStartedHere: boolean, stop: () => Promise<void>): Engine {
  const own: Env = { ...env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0', DOCKER_CLI_HINTS: 'false' }
  return {
    host,
    env: own,
    isStartedHere,
    docker: (args, more = {}) => runTool(findOnPath('docker', env) ?? 'docker', args, { env: own, ...more }),
    stop,
  }
}

/** The engine's own `/_ping`; an engine on the network is asked over TCP. */
export function answers(host: string): Promise<boolean> {
  const target = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port || 2375 }
  return new Promise((resolve) => {
    const asked = request({ ...target, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

/** A machine's policy or a missing init keeps the packages from starting daemons of their own; we start ours. */
export async function installPackages(
  names: string[],
  env: Env,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress(`installing ${names.join(', ')} with apt-get …`)
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, signal }
  const install = () => runTool('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], quiet)
  let result = await install()
  if (result.code !== 0) {
    await runTool('apt-get', ['update', '-qq'], quiet)
    result = await install()
  }
  signal.throwIfAborted()
  if (result.code !== 0)
    throw new UnderstudyError(
      'part-missing',
      `apt-get could not install ${names.join(', ')}: ${result.output.trim().split('\n').at(-1)}`,
      { retriable: true },
    )
}

async function startEngine(env: Env, keepRunning: boolean, signal: AbortSignal): Promise<Engine> {
  const home = engineHome(env)
  mkdirSync(home.folder, { recursive: true, mode: 0o711 })
  const host = `unix://${home.socket}`
  const log = openSync(home.logFile, 'a', 0o600)
  const child = spawn(
    findOnPath('dockerd', env) ?? 'dockerd',
    [
      ...['--data-root', home.data, '--exec-root', home.run, '--pidfile', home.pidFile],
      ...['--host', host, '--log-level', 'warn', '--shutdown-timeout', '20'],
    ],
    { env: env as NodeJS.ProcessEnv, detached: true, stdio: ['ignore', log, log] },
  )
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, killedBy) => resolve(killedBy ?? `code ${code}`))
  })
  let end: string | undefined
  void ended.then((how) => {
    end = how
  })
  const release = keepRunning || child.pid === undefined ? () => {} : guard(child.pid)
  if (keepRunning) child.unref()
  const stop = async () => {
    if (end === undefined) {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await ended
      clearTimeout(force)
    }
    await unmountNetworks(home.run, env)
    release()
  }
  const deadline = Date.now() + READY_WITHIN_MS
  while (Date.now() < deadline) {
    if (signal.aborted || end !== undefined) break
    if (await answers(host)) return engineAt(host, env, true, stop)
    await delay(100)
  }
  await stop()
  signal.throwIfAborted()
  const what = end === undefined ? `was not ready within ${READY_WITHIN_MS / 1000} s` : `ended at once (${end})`
  throw new UnderstudyError(
    'part-missing',
    `dockerd ${what}; it said: ${lastLines(home.logFile, 2)} (all of it: ${home.logFile})`,
    { retriable: false },
  )
}

/** What an engine of ours leaves mounted, so that its folder can be removed like any other. */
async function unmountNetworks(run: string, env: Env): Promise<void> {
  await runTool('umount', [join(run, 'netns', 'default')], { env })
}

/** Ends the engine of ours that a `keepRunning` left behind; false when there is none. */
export async function stopKeptEngine(env: Env): Promise<boolean> {
  const home = engineHome(env)
  const pid = Number(readText(home.pidFile))
  if (!(pid > 0) || !isAlive(pid) || !/dockerd/.test(readText(`/proc/${pid}/cmdline`))) return false
  process.kill(pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < STOP_WITHIN_MS && isAlive(pid); waitedMs += 100) await delay(100)
  await unmountNetworks(home.run, env)
  return true
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
