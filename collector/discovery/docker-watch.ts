// Keeps the list of running containers: read when something happens, at most once a second, and once a minute anyway.
import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from '../../plugin-config/container-services.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DockerApi } from './docker-api.ts'

export type DockerState = {
  host: string
  reachable: boolean
  /** What is wrong, or how many containers there are. */
  detail: string
  containers: number
}

export type DockerWatch = {
  /** As last read, also while Docker is away; undefined before the first answer. */
  containers: () => readonly Container[] | undefined
  state: () => DockerState
  close: () => Promise<void>
}

const NOT_ASKED = 'not asked yet'
const LEAST_GAP_MS = 1_000
const READ_ANYWAY_MS = 60_000
const READ_WITHOUT_EVENTS_MS = 5_000
const MAX_WAIT_MS = 30_000

/** Starts at once. `changed` is called after every list that differs from the one before. */
export function watchDocker(options: {
  api: DockerApi
  log: Pick<Log, 'info' | 'warn'>
  changed: () => void
  leastGapMs?: number
}): DockerWatch {
  const { api, log, changed, leastGapMs = LEAST_GAP_MS } = options
  const stopping = new AbortController()
  let containers: readonly Container[] | undefined
  let shape = ''
  let problem: string | undefined = NOT_ASKED
  let isWanted = false
  let hasEvents = false
  let wake: (() => void) | undefined

  const read = async (): Promise<void> => {
    const found = await api.containers()
    const next = JSON.stringify(found)
    const isNew = next !== shape
    containers = found
    shape = next
    if (problem !== undefined) log.info({ docker: api.host, containers: found.length }, 'Docker is read')
    problem = undefined
    if (isNew) changed()
  }

  const want = () => {
    isWanted = true
    wake?.()
  }

  const sleep = (ms: number, signal: AbortSignal = stopping.signal) =>
    delay(ms, undefined, { signal }).catch(() => undefined)

  /** Returns when something is wanted or the time has passed. */
  const pause = async (ms: number): Promise<void> => {
    const woken = new AbortController()
    wake = () => woken.abort()
    if (!isWanted) await sleep(ms, AbortSignal.any([woken.signal, stopping.signal]))
    wake = undefined
    isWanted = false
  }

  const keepReading = async (): Promise<void> => {
    let waitMs = leastGapMs
    while (!stopping.signal.aborted) {
      try {
        await read()
        waitMs = leastGapMs
        // A container that restarts every second must not keep us busy.
        await sleep(leastGapMs)
        await pause(hasEvents ? READ_ANYWAY_MS : READ_WITHOUT_EVENTS_MS)
      } catch (error) {
        // Once an outage, whatever it looks like while it lasts.
        if (problem === undefined || problem === NOT_ASKED) {
          log.warn({ error: messageOf(error) }, 'the containers known so far hold')
        }
        problem = messageOf(error)
        await sleep(waitMs)
        waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)
      }
    }
  }

  /** A socket proxy may not let events through: the list is read more often then. */
  const keepListening = async (): Promise<void> => {
    let waitMs = leastGapMs
    while (!stopping.signal.aborted) {
      const opened = () => {
        hasEvents = true
        waitMs = leastGapMs
        want()
      }
      await api.events({ opened, happened: want, signal: stopping.signal }).catch(() => undefined)
      hasEvents = false
      want()
      await sleep(waitMs)
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)
    }
  }
  const running = Promise.all([keepReading(), keepListening()])

  return {
    containers: () => containers,
    state: () => ({
      host: api.host,
      reachable: problem === undefined,
      detail: problem ?? `${containers?.length ?? 0} containers run`,
      containers: containers?.length ?? 0,
    }),
    async close() {
      stopping.abort()
      wake?.()
      await running
    },
  }
}
