// Carries out a change of one route, or with `dryRun` shows what it would do: the same work, undone before it is committed.
import type { Response } from 'express'
import type { Route } from '../../plugin-config/route.ts'
import { routeDocument } from '../../plugin-config/route-document.ts'
import { previewRoutes } from '../../plugin-config/route-preview.ts'
import type { RouteEntry, RouteTurn } from '../store/route-store.ts'
import type { ApiParts } from './parts.ts'
import { entryView, etagOf, type RouteBook } from './route-book.ts'
import type { RoutePreview } from './route-schemas.ts'

type Change = { name: string; before: Route | null; after: Route | null }

/** `entry`: the route as it is then, undefined where there is none any more. */
export type Work = (turn: RouteTurn) => Promise<Change & { entry?: RouteEntry }>

/** Answers with the route as it is then, with nothing (204) where there is none any more, or with the preview. */
export async function carryOut(
  { routeBook: book, overlayState }: Pick<ApiParts, 'routeBook' | 'overlayState'>,
  { response, query: { dryRun } }: { response: Response; query: { dryRun: boolean } },
  work: Work,
  status = 200,
): Promise<unknown> {
  const plan = () =>
    book.change(async (turn) => {
      const result = await work(turn)
      if (!dryRun) return result
      throw new DryRun(result)
    })
  try {
    const { name, entry } = await plan()
    const isDone = await book.settle()
    if (!entry) {
      response.status(204).end()
      return undefined
    }
    response.status(status).set('ETag', etagOf(entry.version))
    if (status === 201) response.set('Location', `/api/v1/routes/${name}`)
    const view = entryView(entry, overlayState(name))
    const late = { state: 'pending' as const, reason: 'Traefik has not confirmed the change yet' }
    return isDone ? view : { ...view, ...late }
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
    return preview(book, error.change)
  }
}

/** Undoes the transaction and carries out what it would have done. */
class DryRun extends Error {
  readonly change: Change
  constructor(change: Change) {
    super('dry run')
    this.change = change
  }
}

function preview(book: RouteBook, { name, before, after }: Change): RoutePreview {
  const input = book.renderInput()
  const others = book.entries().flatMap((entry) => (entry.route.name === name ? [] : entry.route))
  const withRoute = (route: Route | null) => (route ? [...others, route] : others)
  const change = { before: withRoute(before), after: withRoute(after), input: input ?? unknownInput }
  const { note, ...shown } = previewRoutes([name], change).get(name) ?? nothing
  const notes = note === undefined ? [] : [note]
  if (!input) notes.push('nothing is known of Traefik yet: routes to a discovered service are left out')
  return { route: after ? routeDocument(after) : null, ...shown, notes }
}

const nothing = { before: null, after: null, diff: '', note: undefined }

/** Renders what needs no discovery. */
const unknownInput = { base: undefined, tap: { ingestUrl: '', tokenFile: '', hmacKeyFile: '' } }
