// The one way to change traffic: our file in Traefik's dynamic folder, written whole and confirmed through Traefik's API.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RenderedState } from '../../plugin-config/discovered.ts'
import { type RenderedFile, withoutOverlays } from '../../plugin-config/rendered-file.ts'
import { messageOf } from '../errors.ts'
import { brokenNeighbours } from './broken-neighbours.ts'
import { writeWhole } from './write-whole.ts'

export type RouterProblem = { router: string; errors: string[] }

/** Traefik has loaded the file and every router of it is in use. */
export type Confirmed = { confirmed: true; revision: string }
/**
 * `loaded` with `problems`: Traefik runs the file but refuses these routers, so that the plain ones answer.
 * Not `loaded`: Traefik still runs what it had.
 */
export type NotConfirmed = { confirmed: false; loaded: boolean; reason: string; problems: RouterProblem[] }
export type Confirmation = Confirmed | NotConfirmed

export type TrafficPort = {
  /** Writes the file and waits for Traefik. A failure is an answer, never an exception. */
  apply: (file: Pick<RenderedFile, 'yaml' | 'revision'>) => Promise<Confirmation>
  /** Looks once at what Traefik makes of the file now, without writing. */
  check: (revision: string) => Promise<Confirmation>
  /** Takes every overlay away in one rename; plain routers of routes to a URL stay. */
  off: () => Promise<Confirmation>
  /** The text that is in place; undefined when there is none or it cannot be read. */
  current: () => Promise<string | undefined>
}

type Options = {
  dynamicDir: string
  api: { loadedRevision: () => Promise<string | undefined>; renderedState: () => Promise<RenderedState> }
  /** Longer than Traefik's `providersThrottleDuration` (2 s by default). */
  confirmWithinMs?: number
  pollEveryMs?: number
  now: () => number
}

export const RENDERED_FILE_NAME = 'understudy.yaml'

export function createTrafficPort({
  dynamicDir,
  api,
  confirmWithinMs = 10_000,
  pollEveryMs = 50,
  now,
}: Options): TrafficPort {
  const path = join(dynamicDir, RENDERED_FILE_NAME)
  let lastChange: Promise<unknown> = Promise.resolve()

  const current = () => readFile(path, 'utf8').catch(() => undefined)

  const check = async (revision: string): Promise<Confirmation> => {
    const state = await api.renderedState().catch((error: unknown) => messageOf(error))
    if (typeof state === 'string') return notLoaded(state)
    if (state.revision !== revision)
      return notLoaded(`Traefik runs revision ${state.revision ?? 'none'}, not ${revision}`)
    const problems = state.routers
      .filter((router) => router.status !== 'enabled' || router.errors.length > 0)
      .map((router) => ({ router: router.name, errors: router.errors }))
    if (problems.length === 0) return { confirmed: true, revision }
    const [first] = problems
    return {
      confirmed: false,
      loaded: true,
      reason: `Traefik: ${first?.router}: ${first?.errors.join('; ')}`,
      problems,
    }
  }

  const waitForLoad = async (revision: string): Promise<string | undefined> => {
    const deadline = now() + confirmWithinMs
    let seen = ''
    while (now() < deadline) {
      try {
        const loaded = await api.loadedRevision()
        if (loaded === revision) return undefined
        seen = `Traefik still runs revision ${loaded ?? 'none'}`
      } catch (error) {
        seen = messageOf(error)
      }
      await delay(pollEveryMs)
    }
    const broken = await brokenNeighbours(dynamicDir, RENDERED_FILE_NAME)
    const cause =
      broken.length === 0 ? 'see its log' : `it reads no file of a folder while one is broken: ${broken.join('; ')}`
    return `${seen} ${confirmWithinMs} ms after ${path} was written: ${cause}`
  }

  const write = async ({ yaml, revision }: Pick<RenderedFile, 'yaml' | 'revision'>): Promise<Confirmation> => {
    try {
      await writeWhole(path, yaml)
    } catch (error) {
      return notLoaded(`${path} cannot be written: ${messageOf(error)}`)
    }
    const late = await waitForLoad(revision)
    return late === undefined ? check(revision) : notLoaded(late)
  }

  /** One change at a time: the next one starts from what this one left. */
  const inTurn = (change: () => Promise<Confirmation>): Promise<Confirmation> => {
    const turn = lastChange.then(change)
    lastChange = turn.catch(() => undefined)
    return turn
  }

  return {
    current,
    check,
    apply: (file) => inTurn(() => write(file)),
    off: () => inTurn(async () => write(withoutOverlays((await current()) ?? ''))),
  }
}

function notLoaded(reason: string): NotConfirmed {
  return { confirmed: false, loaded: false, reason, problems: [] }
}
