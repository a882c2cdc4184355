import { expect, it } from '@jest/globals'
import { liveSummary } from '../../collector/api/present.ts'
import { ComparisonSummary } from '../../collector/api/schemas.ts'
import { readPublished } from '../../collector/pipeline/published.ts'
import { publishedComparison } from '../helpers/published-comparison.ts'

const published = publishedComparison({ shadow: { status: null, latencyMs: null, bodyBytes: 0, skipped: 'timeout' } })

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
