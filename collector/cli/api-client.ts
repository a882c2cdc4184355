// The REST API as commands see it: JSON or a CliError in words.
import type { Problem } from '../api/schemas.ts'
import { CliError, exitCodes } from './cli-error.ts'
import type { Stack } from './stack.ts'
import { safeLine } from './terminal-text.ts'

export type ApiClient = {
  /** `query` values that are undefined are left out. @throws CliError */
  get<T>(path: string, query?: Record<string, string | number | undefined>): Promise<T>
  post<T>(path: string, body?: unknown): Promise<T>
  /** Changes something; undefined where the answer has no body. @throws CliError */
  send(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options?: { body?: unknown; ifMatch?: string },
  ): Promise<unknown>
  /** An answer that is text. */
  text(path: string, query?: Record<string, string>): Promise<string>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export function createApiClient(options: { stack: Stack; timeoutMs: number; signal: AbortSignal }): ApiClient {
  const { stack, timeoutMs, signal } = options

  async function ask(
    method: Method,
    path: string,
    body?: unknown,
    ifMatch?: string,
    accept = 'application/json',
  ): Promise<unknown> {
    const headers: Record<string, string> = { Accept: accept }
    if (stack.adminToken) headers.Authorization = `Bearer ${stack.adminToken}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (ifMatch !== undefined) headers['If-Match'] = ifMatch
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    let response: Response
    let text: string
    try {
      response = await fetch(`${stack.api}${path}`, {
        method,
        headers,
        signal: limit,
        redirect: 'error',
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      text = await response.text()
    } catch (error) {
      throw failureOf(error, stack, timeoutMs, signal)
    }
    if (response.status === 204) return undefined
    if (response.ok && accept === 'text/plain') return text
    const json = parsed(text)
    if (response.ok && json !== undefined) return json
    throw refusalOf(response.status, json, stack)
  }

  return {
    get: async <T>(path: string, query: Record<string, string | number | undefined> = {}) => {
      const given = Object.entries(query)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]): [string, string] => [name, String(value)])
      return (await ask('GET', given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`)) as T
    },
    post: async <T>(path: string, body: unknown = {}) => (await ask('POST', path, body)) as T,
    send: (method, path, { body, ifMatch } = {}) => ask(method, path, body, ifMatch),
    text: async (path, query = {}) => {
      const answer = await ask('GET', `${path}?${new URLSearchParams(query)}`, undefined, undefined, 'text/plain')
      return answer as string
    },
  }
}

function failureOf(error: unknown, stack: Stack, timeoutMs: number, signal: AbortSignal): CliError {
  if (signal.aborted) return new CliError('stopped')
  const { name, reason } = told(error)
  if (name === 'TimeoutError') {
    const message = `${stack.api} did not answer within ${timeoutMs / 1000} s (--timeout)`
    return new CliError(message, exitCodes.failed, { isAway: true })
  }
  const isAway = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|UND_ERR)/.test(reason)
  const message =
    isAway && stack.apiFrom !== 'UNDERSTUDY_API'
      ? 'no Understudy is running here: start one with `npm start`'
      : `nothing answers at ${stack.api} (${safeLine(reason)}); it comes from ${stack.apiFrom}`
  return new CliError(message, exitCodes.failed, { isAway })
}

/** fetch hides what happened in the cause of "fetch failed". */
function told(error: unknown): { name: string; reason: string } {
  if (!Error.isError(error)) return { name: '', reason: String(error) }
  const { cause } = error
  if (!Error.isError(cause)) return { name: error.name, reason: error.message }
  return { name: error.name, reason: 'code' in cause ? String(cause.code) : cause.message }
}

function refusalOf(status: number, json: unknown, stack: Stack): CliError {
  const problem = (typeof json === 'object' && json !== null ? json : {}) as Partial<Problem>
  if (status === 401)
    return new CliError(`${stack.api} asks for a token: set UNDERSTUDY_ADMIN_TOKEN to the one it was started with`)
  if (typeof problem.detail !== 'string') {
    return new CliError(`${stack.api} answered ${status}, and not as Understudy does: is it the right address?`)
  }
  return new CliError(safeLine(problem.detail), status === 400 ? exitCodes.usage : exitCodes.failed, { status })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
