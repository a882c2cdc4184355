// A comparison as a case for a test suite: the request, what the primary answered, and what may differ from it.
import type { ReplayedRequest } from '../../core/replayed-request.ts'
import type { StoredComparison } from '../../store/stored-comparison.ts'

export type RegressionCase = {
  format: 'understudy-case/1'
  name: string
  exchangeId: string
  request: { method: string; uri: string; headers: Record<string, string[]>; hidden: string[] }
  /** The primary's answer; `body` as text, or `base64:…`; null where the storage policy kept none. */
  expected: { status: number | null; headers: Record<string, string[]>; body: string | null }
  /** Paths that a rule or measured noise explains: a test should leave them out. */
  mayDiffer: string[]
  /** What the shadow got wrong when this was captured. */
  differed: { path: string; kind: string }[]
}

export function regressionCase(stored: StoredComparison, request: ReplayedRequest): RegressionCase {
  const headers: Record<string, string[]> = {}
  for (const [name, value] of request.headers) headers[name] = [...(headers[name] ?? []), value]
  const differences = stored.differences.map(({ path, kind, noise }) => ({ path, kind, noise: noise === true }))
  return {
    format: 'understudy-case/1',
    name: `${stored.endpoint} (${stored.route}, ${stored.variant})`,
    exchangeId: stored.exchangeId,
    request: { method: request.method, uri: request.uri, headers, hidden: request.hidden },
    expected: { status: stored.primary.status, headers: stored.primary.headers ?? {}, body: stored.primary.body },
    mayDiffer: differences.filter(({ noise }) => noise).map(({ path }) => path),
    differed: differences.filter(({ noise }) => !noise).map(({ path, kind }) => ({ path, kind })),
  }
}
