// A comparison as the topic has it: what is not given is that of an ordinary difference.
import type { PublishedComparison } from '../../collector/pipeline/published.ts'

export function publishedComparison(given: Partial<PublishedComparison> = {}): PublishedComparison {
  const side = { status: 200, latencyMs: 1, bodyBytes: 2 }
  const exchangeId = given.exchangeId ?? '0190b5c8-0000-7000-8000-000000000001'
  return {
    id: `${exchangeId}:${given.variant ?? 'shadow'}`,
    exchangeId,
    createdAt: '2026-07-01T12:00:00.000Z',
    route: 'shop',
    variant: 'shadow',
    method: 'GET',
    path: '/x',
    endpoint: 'GET /x',
    outcome: 'different',
    differences: [{ path: 'status', kind: 'changed', primary: 200, shadow: 500 }],
    differencesCut: false,
    notes: [],
    primary: side,
    shadow: { ...side, status: 500 },
    ...given,
  }
}
