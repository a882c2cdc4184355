// The one way to change traffic: our file in Traefik's dynamic folder, or what its HTTP provider fetches; written whole
// and confirmed through Traefik's API.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RenderedState } from '../../plugin-config/discovered.ts'
import { withoutOverlays } from '../../plugin-config/rendered-file.ts'
import { messageOf } from '../errors.ts'
import { brokenNeighbours } from './broken-neighbours.ts'
import type { ServedConfigs, ServedFile } from './served-configs.ts'
import { writeWhole } from './write-whole.ts'

export type RouterProblem = { router: string; errors: string[] }

/** Traefik has loaded the file and every router of it is in use. */
export type Confirmed = { confirmed: true; revision: string }
/**
 * `loaded` with `problems`: Traefik runs the file but refuses these routers, so that the plain ones answer.
 * Not `loaded`: Traefik still runs what it had; `runs` is its revision (`none`: nothing of ours) where it answered.
 * `isWritten` is false where the file is not even in place.
 */
export type NotConfirmed = {
  confirmed: false
  loaded: boolean
  reason: string
  problems: RouterProblem[]
  runs?: string
  isWritten?: false
}
export type Confirmation = Confirmed | NotConfirmed

export type TrafficPort = {
  /** Writes the file and waits for Traefik. A failure is an answer, never an exception. */
  apply: (file: ServedFile) => Promise<Confirmation>
  /** Looks once at what Traefik makes of the file now, without writing; or at what was just `seen` of it. */
  check: (revision: string, seen?: RenderedState) => Promise<Confirmation>
  /** Takes every overlay away in one rename; plain routers of routes to a URL stay. */
  off: () => Promise<Confirmation>
  /** The text that is in place; undefined when there is none or it cannot be read. */
  current: () => Promise<string | undefined>
}

type Options = {
  api: { loadedRevision: () => Promise<string | undefined>; renderedState: () => Promise<RenderedState> }
  /** Longer than Traefik's `providersThrottleDuration` (2 s by default). */
  confirmWithinMs?: number
  pollEveryMs?: number
  now: () => number
}

/** What was written is read back each so many looks at Traefik. */
const LOOKS_A_CHECK = 20

export const RENDERED_FILE_NAME = 'understudy.yaml'

/** Where Traefik takes our configuration from. */
type Source = {
  /** In messages: what was written. */
  what: string
  /** Throws what keeps it from being written. */
  write: (file: ServedFile) => Promise<void>
  current: () => Promise<string | undefined>
  /** Why Traefik has not taken it, as far as can be told. */
  whyLate: () => Promise<string>
}

/** For one Traefik on the same disk: a file in the folder that its file provider watches. */
export function createTrafficPort({ dynamicDir, ...options }: Options & { dynamicDir: string }): TrafficPort {
  const path = join(dynamicDir, RENDERED_FILE_NAME)
  return createPort(options, {
    what: path,
    write: ({ yaml }) => writeWhole(path, yaml),
    current: () => readFile(path, 'utf8').catch(() => undefined),
    async whyLate() {
      const broken = await brokenNeighbours(dynamicDir, RENDERED_FILE_NAME)
      if (broken.length === 0) return 'see its log'
      return `it reads no file of a folder while one is broken: ${broken.join('; ')}`
    },
  })
}

/** For a Traefik anywhere: what its HTTP provider fetches as `/traefik/config/<name>`. */
export function createHttpTrafficPort(options: Options & { name: string; configs: ServedConfigs }): TrafficPort {
  const { name, configs, ...rest } = options
  return createPort(
    { confirmWithinMs: 15_000, ...rest },
    {
      what: `the configuration of ${name}`,
      write: (file) => configs.publish(name, file),
      current: async () => (await configs.current(name))?.yaml,
      whyLate: async () => `does its HTTP provider fetch /traefik/config/${name} from ingest (see its log)?`,
    },
  )
}

function createPort({ api, confirmWithinMs = 10_000, pollEveryMs = 50, now }: Options, source: Source): TrafficPort {
  const { current } = source
  let lastChange: Promise<unknown> = Promise.resolve()

  const check = async (revision: string, seen?: RenderedState): Promise<Confirmation> => {
    const state = seen ?? (await api.renderedState().catch((error: unknown) => messageOf(error)))
    if (typeof state === 'string') return notLoaded(state)
    if (state.revision !== revision) {
      const runs = state.revision ?? 'none'
      return notLoaded(`Traefik runs revision ${runs}, not ${revision}: ${await source.whyLate()}`, runs)
    }
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

  /** Why it is not loaded, or undefined once it is. */
  const waitForLoad = async ({
    revision,
    yaml,
  }: ServedFile): Promise<{ reason: string; runs?: string } | undefined> => {
    const deadline = now() + confirmWithinMs
    let seen = ''
    let runs: string | undefined
    for (let looks = 1; now() < deadline; looks += 1) {
      if (looks % LOOKS_A_CHECK === 0 && (await current()) !== yaml)
        return { reason: `${source.what} was changed by another hand meanwhile` }
      try {
        const loaded = await api.loadedRevision()
        if (loaded === revision) return undefined
        runs = loaded ?? 'none'
        seen = `Traefik still runs revision ${runs}`
      } catch (error) {
        runs = undefined
        seen = messageOf(error)
      }
      await delay(pollEveryMs)
    }
    const reason = `${seen} ${confirmWithinMs} ms after ${source.what} was written: ${await source.whyLate()}`
    return { reason, ...(runs !== undefined && { runs }) }
  }

  const write = async (file: ServedFile): Promise<Confirmation> => {
    try {
      await source.write(file)
    } catch (error) {
      return { ...notLoaded(`${source.what} cannot be written: ${messageOf(error)}`), isWritten: false }
    }
    const late = await waitForLoad(file)
    return late === undefined ? check(file.revision) : notLoaded(late.reason, late.runs)
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

function notLoaded(reason: string, runs?: string): NotConfirmed {
  return { confirmed: false, loaded: false, reason, problems: [], ...(runs !== undefined && { runs }) }
}
