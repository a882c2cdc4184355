// Carries routes from files into the database: the watched file, which manages its routes, and the file of the flags,
// whose routes are ordinary ones. A broken file changes nothing: the last good routes hold.
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { isSame, mergeSeed, routeDocument } from '../../plugin-config/route-document.ts'
import { parseRoutesFile, problemText } from '../../plugin-config/routes-file.ts'
import type { Rule } from '../../plugin-config/rules.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RouteStore, RouteTurn } from '../store/route-store.ts'
import { readBounded } from './read-bounded.ts'

export type RoutesKeeper = {
  /** Writes what the files say; from then on the watched one is looked at every second. Throws what PostgreSQL throws. */
  start(): Promise<void>
  /** What is wrong with the watched file as it is now, one line; undefined when all is well. */
  problem(): string | undefined
  /** The watched file's rules for every route. */
  rules(): readonly Rule[]
  close(): void
}

const LOOK_EVERY_MS = 1_000
const MAX_FILE_BYTES = 2_000_000

type Options = {
  file: string | undefined
  /** Routes that the flags of `npm start` made. */
  seedFile: string | undefined
  /** Lets go of routes of a file that is no longer set. */
  isControl: boolean
  store: Pick<RouteStore, 'change'>
  /** The watched file says something else than before. */
  changed: () => void
  log: Log
}

/** Throws `config-invalid` when a file is broken at the start; later a broken file is only told. */
export async function openRoutesKeeper({
  file,
  seedFile,
  isControl,
  store,
  changed,
  log,
}: Options): Promise<RoutesKeeper> {
  let problem: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isBusy = false
  let read = file === undefined ? undefined : await readRoutes(file)
  const seeds = seedFile === undefined ? undefined : await readRoutes(seedFile)
  let written: string | undefined

  const write = async () => {
    const now = read
    if (now === undefined || now.text === written) return
    const names = await store.change((turn) => keepFile(turn, now.routes, log))
    written = now.text
    log.info({ file, routes: names }, 'routes read')
  }

  const look = async (path: string) => {
    const fresh = await readRoutes(path, read?.text)
    if (fresh) {
      read = fresh
      changed()
    }
    problem = undefined
    await write()
  }

  return {
    async start() {
      if (seeds) await store.change((turn) => keepSeeds(turn, seeds.routes, log))
      if (file === undefined) {
        if (isControl) await store.change((turn) => letGo(turn, log))
        return
      }
      await write()
      timer = setInterval(() => {
        if (isBusy) return
        isBusy = true
        look(file)
          .catch((error: unknown) => {
            if (problem !== messageOf(error)) log.error({ error: messageOf(error) }, 'the last good routes hold')
            problem = messageOf(error)
          })
          .finally(() => {
            isBusy = false
          })
      }, LOOK_EVERY_MS)
    },
    problem: () => problem,
    rules: () => read?.rules ?? [],
    close: () => clearInterval(timer),
  }
}

type ReadRoutes = { text: string; routes: Route[]; rules: readonly Rule[] }

async function readRoutes(path: string): Promise<ReadRoutes>
async function readRoutes(path: string, known: string | undefined): Promise<ReadRoutes | undefined>
async function readRoutes(path: string, known?: string): Promise<ReadRoutes | undefined> {
  let text: string
  try {
    text = await readBounded(path, MAX_FILE_BYTES)
  } catch (error) {
    throw new UnderstudyError('config-invalid', `Routes file ${path} cannot be read: ${messageOf(error)}`, {
      retriable: false,
      cause: error,
    })
  }
  if (text === known) return undefined
  const parsed = parseRoutesFile(text, path)
  if (parsed.ok) return { text, routes: parsed.routes, rules: parsed.rules }
  const problems = parsed.problems.map(problemText).join(' · ')
  throw new UnderstudyError('config-invalid', `Routes: ${problems}`, { retriable: false })
}

/** The file has the say over every name in it; a route that it no longer names goes, and can be restored. */
async function keepFile(turn: RouteTurn, routes: readonly Route[], log: Log): Promise<string[]> {
  const before = new Map((await turn.list()).map((entry) => [entry.route.name, entry]))
  for (const route of routes) {
    const known = before.get(route.name)
    if (known && known.managedBy !== 'file')
      log.warn({ route: route.name, was: known.managedBy }, 'the routes file takes over a route of the same name')
    await turn.put(route, { managedBy: 'file', actor: 'file', seed: null })
  }
  const names = routes.map((route) => route.name)
  for (const [name, entry] of before)
    if (entry.managedBy === 'file' && !names.includes(name)) await turn.remove(name, 'file')
  return names
}

/** No file is set: the routes of an earlier one become ordinary, so that somebody can change them. */
async function letGo(turn: RouteTurn, log: Log): Promise<void> {
  for (const entry of await turn.list()) {
    if (entry.managedBy !== 'file') continue
    log.warn({ route: entry.route.name }, 'no routes file is set any more: the route is an ordinary one now')
    await turn.put(entry.route, { managedBy: 'rest', actor: 'file' })
  }
}

/**
 * With the flags of the last start a person's edits stay; with others, what the flags changed is changed. A route that
 * was deleted comes back when the flags ask for it, and one that they no longer name goes.
 */
async function keepSeeds(turn: RouteTurn, seeds: readonly Route[], log: Pick<Log, 'warn'>): Promise<void> {
  for (const seed of seeds) {
    const document = routeDocument(seed)
    const known = await turn.get(seed.name)
    if (known?.managedBy === 'file' || known?.managedBy === 'label') {
      log.warn({ route: seed.name, managedBy: known.managedBy }, 'the flags name a route that is managed elsewhere')
      continue
    }
    if (known && isSame(known.seed, document)) continue
    const merged = known ? parseRoute(mergeSeed(known.route, known.seed ?? {}, seed), 'flags') : undefined
    await turn.put(merged?.ok ? merged.route : seed, { managedBy: 'flags', actor: 'flags', seed: document })
  }
  const names = seeds.map((seed) => seed.name)
  for (const entry of await turn.list())
    if (entry.managedBy === 'flags' && !names.includes(entry.route.name)) await turn.remove(entry.route.name, 'flags')
}
