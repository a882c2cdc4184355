// Rows as the store would hold them, for the API's tests.
import { exchangeTimeMs } from '../../collector/core/exchange-id.ts'
import type { StoredComparison } from '../../collector/store/stored-comparison.ts'

/** A UUIDv7 of that time; `n` tells ids of one millisecond apart and orders them. */
export function exchangeIdAt(ms: number, n = 0): string {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${n.toString(16).padStart(3, '0')}-8000-000000000000`
}

export const baseMs = Date.parse('2026-07-01T12:00:00.000Z')

/** The row as it is stored: what is not given is that of an ordinary difference. */
export function storedComparison(given: Partial<StoredComparison> & { exchangeId: string }): StoredComparison {
  const side = { latencyMs: 1.5, bodyBytes: 12, headers: { 'content-type': ['application/json'] } }
  const differences = given.differences ?? [{ path: '/total', kind: 'changed', primary: 1, shadow: 2 }]
  return {
    createdAtMs: exchangeTimeMs(given.exchangeId),
    route: 'ticketing',
    variant: 'shadow',
    method: 'GET',
    path: '/api/ticketing/tickets?a=1',
    endpoint: 'GET /api/ticketing/tickets',
    outcome: 'different',
    differenceCount: differences.length,
    differencesCut: false,
    notes: [],
    skipped: null,
    requestHeaders: { accept: ['*/*'] },
    primary: { ...side, status: 200, body: '{"total":1}' },
    shadow: { ...side, status: 200, body: '{"total":2}' },
    ...given,
    differences,
  }
}
