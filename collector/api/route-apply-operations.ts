// Many routes at once, as a file has them: what is there is made so, all of it or nothing.
import { stringify } from 'yaml'
import { isRecord } from '../../plugin-config/is-record.ts'
import type { Route } from '../../plugin-config/route.ts'
import { routeDocument, withoutView, writtenRoute } from '../../plugin-config/route-document.ts'
import { previewRoutes, unifiedDiff } from '../../plugin-config/route-preview.ts'
import type { RouteEntry, RouteTurn } from '../store/route-store.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import { type RouteBook, readRoute, requireEditable } from './route-book.ts'
import * as said from './route-schemas.ts'
import { requireRoom } from './route-write-operations.ts'

const APPLY_LIMIT_BYTES = 4 * 1024 * 1024
/** Diffs of Traefik's configuration are left out beyond: rendering a thousand routes takes half a second. */
const MAX_PREVIEWS = 200

export function routeApplyOperations(parts: Pick<ApiParts, 'routeBook'>): Operation[] {
  const book = parts.routeBook
  return [
    operation({
      id: 'applyRoutes',
      method: 'post',
      path: '/api/v1/routes/apply',
      summary:
        'Make the routes as the list says, all or none; `dryRun` only tells, `prune` deletes what it does not name',
      tag: 'routes',
      body: said.ApplyBody,
      bodyLimitBytes: APPLY_LIMIT_BYTES,
      answer: said.Applied,
      problems: ['invalid-route', 'managed-elsewhere', 'limit-reached', 'unavailable'],
      async handle({ body: { routes: written, dryRun, prune } }) {
        const routes = await readAll(book, written)
        const before = [...book.entries()].map((entry) => entry.route)
        let plan: Planned[] = []
        const work = async (turn: RouteTurn) => {
          const entries = new Map((await turn.list()).map((entry) => [entry.route.name, entry]))
          plan = planned(entries, routes, prune)
          if (dryRun) return
          await requireRoom(turn, plan.filter(({ action }) => action === 'create').length)
          for (const { name, action, after } of plan) {
            if (action === 'delete') await turn.remove(name, 'rest')
            else if (after && action !== 'unchanged') {
              const known = entries.get(name) ?? null
              await turn.put(after, { managedBy: known?.managedBy ?? 'rest', actor: 'rest', known })
            }
          }
        }
        await book.change(work)
        if (!dryRun && plan.some(({ action }) => action !== 'unchanged')) await book.settle()
        return { items: shown(book, before, plan), dryRun } satisfies said.Applied
      },
    }),
  ]
}

type Planned = {
  name: string
  action: 'create' | 'change' | 'unchanged' | 'delete'
  before: Route | null
  after: Route | null
}

async function readAll(book: RouteBook, written: readonly unknown[]): Promise<Route[]> {
  const routes: Route[] = []
  const names = new Set<string>()
  for (const [index, each] of written.entries()) {
    const pointer = `/body/routes/${index}`
    const route = await readRoute(book, isRecord(each) ? withoutView(each) : each, { pointer })
    if (names.has(route.name)) {
      const message = `the name ${route.name} is there twice`
      throw new HttpProblem('invalid-route', message, { errors: [{ pointer: `${pointer}/name`, message }] })
    }
    names.add(route.name)
    routes.push(route)
  }
  return routes
}

function planned(known: ReadonlyMap<string, RouteEntry>, routes: readonly Route[], prune: boolean): Planned[] {
  const plan = routes.map((after): Planned => {
    const entry = known.get(after.name)
    if (!entry) return { name: after.name, action: 'create', before: null, after }
    const isSame = JSON.stringify(routeDocument(entry.route)) === JSON.stringify(routeDocument(after))
    if (!isSame) requireEditable(entry)
    return { name: after.name, action: isSame ? 'unchanged' : 'change', before: entry.route, after }
  })
  if (!prune) return plan
  const kept = new Set(routes.map((route) => route.name))
  for (const entry of known.values()) {
    // What a file or a label manages is not in anybody's list and stays.
    if (kept.has(entry.route.name) || entry.managedBy === 'file' || entry.managedBy === 'label') continue
    plan.push({ name: entry.route.name, action: 'delete', before: entry.route, after: null })
  }
  return plan
}

function shown(book: RouteBook, all: readonly Route[], plan: readonly Planned[]): said.Applied['items'] {
  const changed = plan.filter(({ action }) => action !== 'unchanged')
  const names = new Set(changed.map(({ name }) => name))
  const others = all.filter((route) => !names.has(route.name))
  const part = (side: 'before' | 'after') => changed.flatMap((each) => each[side] ?? [])
  const input = book.renderInput()
  const previews =
    input && changed.length <= MAX_PREVIEWS
      ? previewRoutes([...names], {
          before: [...others, ...part('before')],
          after: [...others, ...part('after')],
          input,
        })
      : new Map()
  return plan.map(({ name, action, before, after }) => ({
    name,
    action,
    diff: action === 'unchanged' ? '' : unifiedDiff(name, textOf(before), textOf(after)),
    traefik: previews.get(name)?.diff ?? '',
  }))
}

const textOf = (route: Route | null) =>
  route ? stringify(writtenRoute(route), { lineWidth: 0, aliasDuplicateObjects: false }) : null
