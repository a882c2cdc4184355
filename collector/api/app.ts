// The REST API as an Express application. Every operation comes from one list, which OpenAPI is made from too.
import express, { type NextFunction, type Request, type Response } from 'express'
import helmet from 'helmet'
import { messageOf } from '../errors.ts'
import { createRateLimit } from '../log.ts'
import { createGuard, type Guard } from './guard.ts'
import type { Operation } from './operation.ts'
import { listOperations } from './operations.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem, problemDocument, problemOf, problems } from './problem.ts'
import { readBody, readParams, readQuery } from './request-input.ts'
import { createSessions } from './sessions.ts'
import { mountUi } from './ui-pages.ts'

export function createApi(parts: ApiParts): express.Express {
  const sessions = parts.adminToken ? createSessions({ adminToken: parts.adminToken, now: parts.now }) : undefined
  const guard = createGuard(parts, sessions)
  const logFailure = createFailureLog(parts)
  const operations = listOperations(parts, sessions)
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('query parser', false)
  app.set('case sensitive routing', true)

  app.use((_request, response, next) => {
    response.locals.requestId = parts.newRequestId()
    response.set({ 'X-Request-Id': response.locals.requestId, 'Cache-Control': 'no-store' })
    next()
  })
  app.use(securityHeaders())
  app.use((request, _response, next) => {
    guard.requireOwnNetwork(request)
    next()
  })
  if (parts.uiFolder) mountUi(app, parts.uiFolder, guard)
  mount(app, operations, guard)
  app.use((request: Request) => {
    guard.requireOwnHost(request)
    guard.requireRights(request)
    throw new HttpProblem('not-found', `there is no ${shownPath(request)}; GET / lists the addresses`)
  })
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    answerProblem(logFailure, error, request, response)
  })
  return app
}

function mount(app: express.Express, operations: readonly Operation[], guard: Guard): void {
  for (const path of new Set(operations.map((each) => each.path))) {
    const here = operations.filter((each) => each.path === path)
    const route = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    for (const each of here) {
      route[each.method]((request, _response, next) => {
        if (!each.anyHost) guard.requireOwnHost(request)
        if (!each.open) guard.requireRights(request)
        if (each.method !== 'get') guard.requireOwnSite(request)
        next()
      })
      if (each.body) {
        const limit = each.bodyLimitBytes
        route[each.method](express.raw({ type: () => true, limit, inflate: false }))
      }
      route[each.method](async (request, response) => {
        const answer = await each.handle({
          params: readParams(request.params, each.params),
          query: readQuery(request.url, each.query),
          body: each.body ? readBody(request.body, each.body) : {},
          hasRights: each.anyHost || guard.hasRights(request),
          request,
          response,
        })
        if (answer !== undefined) response.json(answer)
      })
    }
    const methods = here.flatMap((each) => (each.method === 'get' ? ['GET', 'HEAD'] : [each.method.toUpperCase()]))
    route.all((request, response) => {
      guard.requireOwnHost(request)
      const allow = [...methods, 'OPTIONS'].join(', ')
      if (request.method === 'OPTIONS') {
        response.status(204).set('Allow', allow).end()
        return
      }
      throw new HttpProblem('method-not-allowed', `${shownPath(request)} takes ${allow}, not ${request.method}`, {
        headers: { Allow: allow },
      })
    })
  }
}

function securityHeaders(): express.RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whoever ends TLS in front of this says for how long; over plain loopback it means nothing.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  }) as express.RequestHandler
}

/** What a handler refuses by itself is the caller's to read; what it ran into is told, once a while for each kind. */
function createFailureLog({ log, now }: Pick<ApiParts, 'log' | 'now'>) {
  const mayLog = createRateLimit(10_000, now)
  return (error: unknown, status: number, fields: { requestId: string; path: string }): void => {
    if (error instanceof HttpProblem || status < 500) return
    const text = messageOf(error)
    const { pass, heldBack } = mayLog(`${status} ${text}`)
    if (!pass) return
    if (status === 503) log.warn({ ...fields, error: text, heldBack }, 'a request could not be served')
    else
      log.error(
        { ...fields, error: text, stack: error instanceof Error ? error.stack : undefined, heldBack },
        'a request failed',
      )
  }
}

type FailureLog = ReturnType<typeof createFailureLog>

function answerProblem(logFailure: FailureLog, error: unknown, request: Request, response: Response): void {
  const problem = bodyProblem(error) ?? problemOf(error)
  const { status } = problems[problem.problem]
  const requestId = String(response.locals.requestId ?? '')
  logFailure(error, status, { requestId, path: request.path })
  if (response.headersSent) {
    response.destroy()
    return
  }
  const document = problemDocument(problem, shownPath(request), requestId)
  response
    .status(status)
    .set(problem.headers)
    .set('Content-Type', 'application/problem+json')
    .send(JSON.stringify(document))
}

/** What reading the body throws, by its own names. */
function bodyProblem(error: unknown): HttpProblem | undefined {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large')
    return new HttpProblem('too-large', `the body is longer than ${limitOf(error)} bytes`)
  if (type === 'encoding.unsupported')
    return new HttpProblem('unsupported-media-type', 'a compressed body is not accepted')
  if (type === 'request.aborted' || type === 'request.size.invalid')
    return new HttpProblem('malformed-request', 'the body ended early')
  return undefined
}

function limitOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'limit' in error ? String(error.limit) : 'the'
}

function shownPath(request: Request): string {
  return request.path.length <= 200 ? request.path : `${request.path.slice(0, 200)}…`
}
