// Changing routes: each of these can be tried first with `?dryRun=true`.
import { z } from 'zod'
import { mergePatch, routeDocument, withoutView } from '../../plugin-config/route-document.ts'
import type { RouteEntry, RouteTurn } from '../store/route-store.ts'
import { carryOut } from './carry-out-change.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { etagOf, type RouteBook, readRoute, requireEditable, requireNotExternal, requireVersion } from './route-book.ts'
import * as said from './route-schemas.ts'

type Parts = Pick<ApiParts, 'routeBook' | 'overlayState'>

const params = z.strictObject({ name: fields.route })
const query = z.strictObject({ dryRun: said.dryRun })
const refusals = ['not-found', 'invalid-route', 'managed-elsewhere', 'limit-reached', 'unavailable'] as const
const onVersion = ['precondition-required', 'precondition-failed'] as const
/** Who did it, as the audit has it. */
const ACTOR = 'rest'

export function routeWriteOperations(parts: Parts): Operation[] {
  const book = parts.routeBook
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
        return carryOut(parts, call, create, 201)
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
          carryOut(parts, call, async (turn) => {
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
        carryOut(parts, call, async (turn) => {
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
        carryOut(parts, call, async (turn) => {
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
