// Starts a part's process: its output goes to a file, it is ready when a probe says so, and it never outlives us.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { UnderstudyError } from '../../errors.ts'
import type { RunningPart } from './finding.ts'
import { guard } from './guardian.ts'

export type PartProcessOptions = {
  name: string
  address: string
  command: string
  args: string[]
  cwd?: string
  env?: Record<string, string | undefined>
  uid?: number
  gid?: number
  logFile: string
  /** Asked again and again until true; an exception counts as false. */
  isReady: () => Promise<boolean>
  readyWithinMs: number
  probeEveryMs?: number
  /** The signal that asks this part to end in good order. */
  stopSignal?: NodeJS.Signals
  signal?: AbortSignal
}

const PROBE_EVERY_MS = 40
const STOP_GRACE_MS = 8_000

/** Throws `unexpected` with the last lines of the part's log when it ends early or is not ready in time. */
export async function startPartProcess(options: PartProcessOptions): Promise<RunningPart> {
  options.signal?.throwIfAborted()
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a', 0o600)
  let child: ChildProcess
  try {
    child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      // A group of its own: Ctrl-C reaches us alone, and we stop the parts in order.
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    })
  } finally {
    closeSync(log)
  }
  const running = superviseChild(child, options.name, options.address, options.stopSignal ?? 'SIGTERM')
  try {
    await untilReady(child, options)
    return running
  } catch (error) {
    await running.stop(2_000)
    throw error
  }
}

/** Makes a running part of a child process of ours, whose end is then certain. */
function superviseChild(
  child: ChildProcess,
  name: string,
  address: string,
  stopSignal: NodeJS.Signals = 'SIGTERM',
): RunningPart {
  const pid = child.pid ?? 0
  const release = pid > 0 ? guard(pid) : () => {}
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(release)
  const hasEnded = () => pid === 0 || child.exitCode !== null || child.signalCode !== null
  let stopping: Promise<void> | undefined
  const stop = async (graceMs = STOP_GRACE_MS) => {
    if (hasEnded()) return
    child.kill(stopSignal)
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await exited
    clearTimeout(force)
  }
  return {
    name,
    address,
    pid,
    exited,
    stop: (graceMs) => {
      // A later, more impatient call must not wait for the grace of the first.
      if (stopping && graceMs === 0) child.kill('SIGKILL')
      stopping ??= stop(graceMs)
      return stopping
    },
  }
}

async function untilReady(child: ChildProcess, options: PartProcessOptions): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const deadline = Date.now() + options.readyWithinMs
  while (Date.now() < deadline) {
    options.signal?.throwIfAborted()
    if (failure) throw problem(options, `could not be started: ${failure.message}`)
    if (child.exitCode !== null || child.signalCode !== null) {
      throw problem(options, `ended at once (${child.signalCode ?? `code ${child.exitCode}`})`)
    }
    if (await options.isReady().catch(() => false)) return
    await delay(options.probeEveryMs ?? PROBE_EVERY_MS)
  }
  throw problem(options, `was not ready within ${options.readyWithinMs / 1000} s`)
}

function problem(options: PartProcessOptions, what: string): UnderstudyError {
  const lines = lastLines(options.logFile, 3)
  const said = lines === '' ? '' : `; it said: ${lines}`
  return new UnderstudyError(
    'unexpected',
    `${options.name} on ${options.address} ${what}${said} (all of it: ${options.logFile})`,
    {
      retriable: false,
    },
  )
}

export function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').slice(-4_000).trim().split('\n').slice(-count).join(' | ')
  } catch {
    return ''
  }
}
