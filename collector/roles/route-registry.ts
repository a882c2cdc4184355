// The routes that this process knows, from the watched routes file. A broken file changes nothing: the last good
// routes hold, and the problems are told with line and column.
import { readFile } from 'node:fs/promises'
import type { Route, StorePolicy } from '../../plugin-config/route.ts'
import { parseRoutesFile, problemText } from '../../plugin-config/routes-file.ts'
import type { Rule } from '../../plugin-config/rules.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import type { Log } from '../log.ts'

export type RouteRegistry = {
  routes(): readonly Route[]
  /** The file's rules for every route. */
  rules(): readonly Rule[]
  /** Unlisted routes are written by hand into Traefik; everything of them is kept. */
  policyOf(route: string): StorePolicy
  /** What is wrong with the file as it is now, one line; undefined when all is well. */
  problem(): string | undefined
  close(): void
}

const LOOK_EVERY_MS = 1_000

/** Throws `config-invalid` when the file is broken at the start; later a broken file is only told. */
export async function openRoutes(options: {
  file: string | undefined
  log: Log
  changed: (routes: readonly Route[]) => void
}): Promise<RouteRegistry> {
  const { file, log } = options
  let routes: readonly Route[] = []
  let rules: readonly Rule[] = []
  let byName = new Map<string, Route>()
  let text: string | undefined
  let problem: string | undefined

  const take = (fresh: readonly Route[]) => {
    routes = fresh
    byName = new Map(fresh.map((route) => [route.name, route]))
  }

  const read = async (path: string): Promise<'same' | 'changed'> => {
    const now = await readFile(path, 'utf8')
    if (now === text) return 'same'
    text = now
    const parsed = parseRoutesFile(now, path)
    if (!parsed.ok) {
      const problems = parsed.problems.map(problemText).join(' · ')
      throw new UnderstudyError('config-invalid', `Routes: ${problems}`, { retriable: false })
    }
    take(parsed.routes)
    rules = parsed.rules
    return 'changed'
  }

  if (file !== undefined) await read(file)
  const timer = setInterval(() => {
    if (file === undefined) return
    read(file)
      .then((state) => {
        if (state === 'same') return
        problem = undefined
        log.info({ file, routes: routes.map((route) => route.name) }, 'routes read')
        options.changed(routes)
      })
      .catch((error: unknown) => {
        if (problem !== messageOf(error)) log.error({ error: messageOf(error) }, 'the last good routes hold')
        problem = messageOf(error)
      })
  }, LOOK_EVERY_MS)

  return {
    routes: () => routes,
    rules: () => rules,
    policyOf: (route) => byName.get(route)?.store ?? 'all',
    problem: () => problem,
    close: () => clearInterval(timer),
  }
}
