import { expect, it } from '@jest/globals'
import { liveSummary } from '../../collector/api/present.ts'
import { ComparisonSummary } from '../../collector/api/schemas.ts'
import { type PublishedComparison, readPublished } from '../../collector/pipeline/published.ts'

const id = '0190b5c8-0000-7000-8000-000000000001'
const published: PublishedComparison = {
  id: `${id}:shadow`,
  exchangeId: id,
  createdAt: '2026-11-21T09:00:00.000Z',
  route: 'shop',
  variant: 'shadow',
  method: 'GET',
  path: '/x',
  endpoint: 'GET /x',
  outcome: 'different',
  differences: [{ path: 'status', kind: 'changed', primary: 200, shadow: 500 }],
  differencesCut: false,
  notes: [],
  primary: { status: 200, latencyMs: 1, bodyBytes: 2 },
  shadow: { status: null, latencyMs: null, bodyBytes: 0, skipped: 'timeout' },
}

it('reads a published comparison as it was written', () => {
  expect(readPublished(Buffer.from(JSON.stringify(published)))).toEqual(published)
  expect(() => ComparisonSummary.parse(liveSummary(published))).not.toThrow()
})

it.each([
  '',
  'no JSON',
  'null',
  '7',
  '[]',
  '{}',
  '{"exchangeId":"x"}',
  JSON.stringify({ ...published, differences: {} }),
  JSON.stringify({ ...published, primary: null }),
  JSON.stringify({ ...published, route: ['shop'] }),
  JSON.stringify({ ...published, createdAt: 'soon' }),
])('passes over what somebody else wrote into the topic: %s', (text) => {
  expect(readPublished(Buffer.from(text))).toBeUndefined()
})
