// The one way to the API: same origin, session cookie, problem documents turned into one kind of error.
import type { Problem } from '../../api/schemas.ts'

/** `status` 0: no answer came (offline, collector away, timed out). */
export class ApiError extends Error {
  readonly status: number
  readonly problem: Problem | undefined

  constructor(message: string, status: number, problem?: Problem) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
  }
}

export type Call = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  /** The version that the change was made from. */
  ifMatch?: string | undefined
  signal?: AbortSignal
}

export type Answer<T> = { data: T; etag: string | undefined }

const timeoutMs = 20_000
const onUnauthorized = new Set<() => void>()

/** Calls `listener` whenever the API says that the session is over. Returns what undoes that. */
export function whenSessionEnds(listener: () => void): () => void {
  onUnauthorized.add(listener)
  return () => void onUnauthorized.delete(listener)
}

/** @throws ApiError */
export async function callApi<T>(path: string, call: Call = {}): Promise<Answer<T>> {
  const response = await send(path, call)
  const text = await response.text()
  if (!response.ok) throw errorOf(response, text)
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  return { data: (isJson ? JSON.parse(text) : text) as T, etag: response.headers.get('etag') ?? undefined }
}

/** @throws ApiError */
export async function readApi<T>(path: string, call: Call = {}): Promise<T> {
  return (await callApi<T>(path, call)).data
}

async function send(path: string, { method = 'GET', query = {}, body, ifMatch, signal }: Call): Promise<Response> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await fetch(search === '' ? path : `${path}?${search}`, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
        ...(ifMatch !== undefined && { 'If-Match': ifMatch }),
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    const isSlow = error instanceof DOMException && error.name === 'TimeoutError'
    throw new ApiError(isSlow ? `no answer within ${timeoutMs / 1000} s` : 'the collector does not answer', 0)
  }
}

function errorOf(response: Response, text: string): ApiError {
  const problem = problemOf(text)
  if (response.status === 401) for (const listener of onUnauthorized) listener()
  return new ApiError(problem?.detail ?? `the collector answered ${response.status}`, response.status, problem)
}

function problemOf(text: string): Problem | undefined {
  try {
    const value = JSON.parse(text) as Problem
    return typeof value.detail === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
