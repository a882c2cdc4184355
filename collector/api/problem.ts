// Every error the API answers with: RFC 9457 problem documents, their status from one table.
import type { ErrorCode } from '../errors.ts'

export const problems = {
  'malformed-request': { status: 400, title: 'The request could not be read' },
  'invalid-parameter': { status: 400, title: 'A parameter has a value that is not accepted' },
  'malformed-json': { status: 400, title: 'The body is not the JSON that is expected' },
  'invalid-route': { status: 400, title: 'The route is not accepted' },
  'invalid-rule': { status: 400, title: 'The rule is not accepted' },
  unauthorized: { status: 401, title: 'A token is needed' },
  'foreign-network': { status: 403, title: 'This network may not reach the server' },
  'foreign-host': { status: 403, title: 'The Host header names no address of this server' },
  'foreign-origin': { status: 403, title: 'The request comes from another site' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'cannot-replay': { status: 422, title: 'This request cannot be sent again' },
  'replay-failed': { status: 502, title: 'A side did not answer' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  ambiguous: { status: 409, title: 'More than one thing fits' },
  exists: { status: 409, title: 'There is one of that name already' },
  'managed-elsewhere': { status: 409, title: 'It is managed in another place' },
  'limit-reached': { status: 409, title: 'There are as many as there may be' },
  'precondition-failed': { status: 412, title: 'It was changed in the meantime' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has a type that is not accepted' },
  'precondition-required': { status: 428, title: 'Say which version is changed' },
  'too-many-streams': { status: 429, title: 'Too many streams are open' },
  'too-many-attempts': { status: 429, title: 'Too many wrong tokens were tried' },
  internal: { status: 500, title: 'Something went wrong here' },
  'not-offered': { status: 501, title: 'This process does not play that role' },
  unavailable: { status: 503, title: 'A part that is needed is away' },
} as const

export type ProblemName = keyof typeof problems

/** One thing wrong with the request: where (`/query/limit`, `/path/id`, `/body/share`) and what was expected there. */
export type FieldError = { pointer: string; message: string }

export type ProblemDocument = {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  requestId: string
  errors?: FieldError[]
}

/** Thrown by handlers; the last middleware turns it into an answer. */
export class HttpProblem extends Error {
  readonly problem: ProblemName
  readonly errors: FieldError[]
  readonly headers: Record<string, string>

  constructor(
    problem: ProblemName,
    detail: string,
    more: { errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.name = 'HttpProblem'
    this.problem = problem
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }
}

export function problemDocument(problem: HttpProblem, instance: string, requestId: string): ProblemDocument {
  const { status, title } = problems[problem.problem]
  const document = {
    type: `urn:understudy:problem:${problem.problem}`,
    title,
    status,
    detail: problem.message,
    instance,
    requestId,
  }
  return problem.errors.length === 0 ? document : { ...document, errors: problem.errors }
}

const problemOfCode: Partial<Record<ErrorCode, ProblemName>> = {
  'database-unavailable': 'unavailable',
  'kafka-unavailable': 'unavailable',
  'traefik-unavailable': 'unavailable',
  'ingest-overloaded': 'unavailable',
}

// PostgreSQL's classes for "not now" (connection, resources, an operator stepped in) and Node's for "nobody there".
const awayCodes = /^(08|53|57)[0-9A-Z]{3}$|^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EAI_AGAIN)$/
// undefined_table, undefined_column: asked between the start and the end of the migrations.
const missingTable = /^42(P01|703)$/
const awayMessages = /timeout exceeded when trying to connect|Connection terminated|pool after calling end/

/** The problem for any thrown value; what is not foreseen becomes `internal`, without its message (it may hold data). */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  if (error instanceof URIError || hasStatus(error, 400)) {
    return new HttpProblem('malformed-request', 'the address holds a % that begins no valid escape')
  }
  const code = codeOf(error)
  const known = problemOfCode[code as ErrorCode]
  if (known) return away(error instanceof Error ? error.message : '')
  if (code === '57014')
    return away('the database took longer than it may for one question; a shorter from/to range helps')
  if (missingTable.test(code)) return away('the database has no schema yet: the collector makes it when it starts')
  if (awayCodes.test(code) || (error instanceof Error && awayMessages.test(error.message))) {
    return away('the database does not answer; GET /readyz names what is down')
  }
  return new HttpProblem('internal', 'the log has a line with this requestId')
}

function away(detail: string): HttpProblem {
  return new HttpProblem('unavailable', detail, { headers: { 'Retry-After': '5' } })
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

function hasStatus(error: unknown, status: number): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === status
}
