// Changing routes: each of these can be tried first with `?dryRun=true`.
import { z } from 'zod'
import type { Route } from '../../plugin-config/route.ts'
import { mergePatch, routeDocument, withoutView } from '../../plugin-config/route-document.ts'
import { previewRoutes } from '../../plugin-config/route-preview.ts'
import type { RouteEntry, RouteTurn } from '../store/route-store.ts'
import { type Call, type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import {
  entryView,
  etagOf,
  type RouteBook,
  readRoute,
  requireEditable,
  requireNotExternal,
  requireVersion,
} from './route-book.ts'
import * as said from './route-schemas.ts'

type Parts = Pick<ApiParts, 'routeBook' | 'overlayState'>
type Query = { dryRun: boolean }

const params = z.strictObject({ name: fields.route })
const query = z.strictObject({ dryRun: said.dryRun })
const refusals = ['not-found', 'invalid-route', 'managed-elsewhere', 'limit-reached', 'unavailable'] as const
const onVersion = ['precondition-required', 'precondition-failed'] as const
/** Who did it, as the audit has it. */
const ACTOR = 'rest'

export function routeWriteOperations(parts: Parts): Operation[] {
  const book = parts.routeBook
  const view = (entry: RouteEntry) => entryView(entry, parts.overlayState(entry.route.name))

  /** Makes a change, or shows what it would do; answers with the route as it is then. */
  async function carriedOut(
    { response, query: { dryRun } }: Pick<Call<z.ZodObject, z.ZodObject, z.ZodType>, 'response'> & { query: Query },
    work: (turn: RouteTurn) => Promise<{ name: string; before: Route | null; after: Route | null; entry?: RouteEntry }>,
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
      const late = { state: 'pending' as const, reason: 'Traefik has not confirmed the change yet' }
      return isDone ? view(entry) : { ...view(entry), ...late }
    } catch (error) {
      if (!(error instanceof DryRun)) throw error
      return preview(book, error.result)
    }
  }

  return [
    operation({
      id: 'createRoute',
      method: 'post',
      path: '/api/v1/routes',
      summary: 'Make a route; 201, or 200 with what it would change (dryRun)',
      tag: 'routes',
      query,
      body: said.RouteBody,
      bodyLimitBytes: said.ROUTE_LIMIT_BYTES,
      shownBody: said.shownRoute,
      status: 201,
      answer: said.RouteAnswer,
      problems: [...refusals, 'exists'],
      async handle(call) {
        const route = await readRoute(book, withoutView(call.body))
        const create = async (turn: RouteTurn) => {
          requireNotExternal(book, route.name)
          const known = await turn.get(route.name)
          if (known) {
            const detail = `there is a route ${route.name} already (version ${known.version}, managed by ${known.managedBy}): PUT or PATCH /api/v1/routes/${route.name} changes it`
            throw new HttpProblem('exists', detail, { headers: { ETag: etagOf(known.version) } })
          }
          await requireRoom(turn, 1)
          return {
            name: route.name,
            before: null,
            after: route,
            entry: await turn.put(route, { managedBy: 'rest', actor: ACTOR }),
          }
        }
        return carriedOut(call, create, 201)
      },
    }),
    ...(['put', 'patch'] as const).map((method) =>
      operation({
        id: method === 'put' ? 'replaceRoute' : 'changeRoute',
        method,
        path: '/api/v1/routes/{name}',
        summary:
          method === 'put'
            ? 'Replace a route (If-Match); what is left out gets its default'
            : 'Change some fields (If-Match; RFC 7396: null takes one away)',
        tag: 'routes',
        params,
        query,
        body: said.RouteBody,
        bodyLimitBytes: said.ROUTE_LIMIT_BYTES,
        shownBody: method === 'put' ? said.shownRoute : said.shownPatch,
        answer: said.RouteAnswer,
        problems: [...refusals, ...onVersion],
        handle: (call) =>
          carriedOut(call, async (turn) => {
            const { name } = call.params
            const known = await editable(book, turn, name, call.request.headers['if-match'], call.query.dryRun)
            const given = withoutView(call.body)
            const written = method === 'put' ? given : mergePatch(routeDocument(known.route), given)
            const route = await readRoute(book, written, { name })
            const entry = await turn.put(route, { managedBy: known.managedBy, actor: ACTOR })
            return { name, before: known.route, after: route, entry }
          }),
      }),
    ),
    operation({
      id: 'deleteRoute',
      method: 'delete',
      path: '/api/v1/routes/{name}',
      summary: 'Delete a route (If-Match); 204. Its versions stay, and any can be restored',
      tag: 'routes',
      params,
      query,
      status: 204,
      answer: said.RoutePreview,
      problems: [...refusals, ...onVersion],
      handle: (call) =>
        carriedOut(call, async (turn) => {
          const { name } = call.params
          const known = await editable(book, turn, name, call.request.headers['if-match'], call.query.dryRun)
          await turn.remove(name, ACTOR)
          return { name, before: known.route, after: null }
        }),
    }),
    operation({
      id: 'listRouteVersions',
      method: 'get',
      path: '/api/v1/routes/{name}/versions',
      summary: 'The last 50 versions of a route, newest first; of a deleted one too',
      tag: 'routes',
      params,
      answer: said.RouteVersionPage,
      problems: ['not-found', 'unavailable'],
      async handle({ params: { name } }) {
        const items = await book.versions(name)
        if (items.length === 0)
          throw new HttpProblem('not-found', `there never was a route ${JSON.stringify(name)} here`)
        return { items, nextCursor: null }
      },
    }),
    operation({
      id: 'restoreRoute',
      method: 'post',
      path: '/api/v1/routes/{name}/restore',
      summary: 'Bring a version back, as a new version; of a deleted route too',
      tag: 'routes',
      params,
      query,
      body: said.RestoreBody,
      answer: said.RouteAnswer,
      problems: [...refusals, ...onVersion],
      handle: (call) =>
        carriedOut(call, async (turn) => {
          const { name } = call.params
          const { version } = call.body
          const known = await turn.get(name)
          if (known) {
            requireEditable(known)
            requireVersion(call.request.headers['if-match'], known, true)
          }
          const found = await turn.version(name, version)
          if (!found)
            throw new HttpProblem(
              'not-found',
              `route ${name} has no version ${version}: GET /api/v1/routes/${name}/versions lists them`,
            )
          const route = await readRoute(book, found.route, { name, pointer: '/version/route' })
          if (!known) await requireRoom(turn, 1)
          const entry = await turn.put(route, {
            managedBy: known?.managedBy ?? 'rest',
            actor: ACTOR,
            action: 'restored',
          })
          return { name, before: known?.route ?? null, after: route, entry }
        }),
    }),
  ]
}

const MAX_ROUTES = 2_000

/** @throws HttpProblem when there are as many routes as there may be */
export async function requireRoom(turn: RouteTurn, more: number): Promise<void> {
  const count = (await turn.list()).length
  if (count + more > MAX_ROUTES)
    throw new HttpProblem(
      'limit-reached',
      `${count} routes and ${more} more are too many: expected at most ${MAX_ROUTES}`,
    )
}

async function editable(
  book: RouteBook,
  turn: RouteTurn,
  name: string,
  ifMatch: string | undefined,
  isTrial: boolean,
): Promise<RouteEntry> {
  const known = await turn.get(name)
  if (!known) requireNotExternal(book, name)
  if (!known)
    throw new HttpProblem('not-found', `there is no route ${JSON.stringify(name)}: GET /api/v1/routes lists them`)
  requireEditable(known)
  requireVersion(ifMatch, known, isTrial)
  return known
}

type Result = { name: string; before: Route | null; after: Route | null }

/** Undoes the transaction and carries out what it would have done. */
class DryRun extends Error {
  readonly result: Result
  constructor(result: Result) {
    super('dry run')
    this.result = result
  }
}

function preview(book: RouteBook, { name, before, after }: Result): said.RoutePreview {
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
