// The comparison of a pair as far as it can be told without reading a body: a few microseconds, on the main thread.
// Most pairs end here; the rest go to `compareFull` in a worker.
import type { ComparisonResult, Difference } from '../comparison.ts'
import type { TapResponse } from '../tap-record.ts'
import { type Comparable, type CompareLimits, DEFAULT_LIMITS } from './comparable.ts'
import { compareHeaders } from './compare-headers.ts'

/** The finished comparison, or null when the bodies differ in their bytes and have to be read. */
export function decideFast(
  primary: Comparable,
  other: Comparable,
  limits: CompareLimits = DEFAULT_LIMITS,
): ComparisonResult | null {
  const before = primary.response
  const after = other.response
  if (before === undefined || after === undefined) return notCaptured(primary, other)
  if (before.truncated || after.truncated) return truncated(primary, other, before, after, limits)
  if (!hasEqualBody(before, after)) return null
  return resultOf(compareHeads(primary, before, after, limits), [], limits)
}

/** True when both whole bodies have the same bytes, as their keyed hash tells. */
export function hasEqualBody(before: TapResponse, after: TapResponse): boolean {
  if (before.bodyBytes !== after.bodyBytes || before.bodyHash !== after.bodyHash) return false
  return before.bodyHash !== '' || before.bodyBytes === 0
}

/** Status, headers and trailers. `Content-Length` and `ETag` count where no body is compared (HEAD, 304, a truncated side). */
export function compareHeads(
  primary: Comparable,
  before: TapResponse,
  after: TapResponse,
  limits: CompareLimits,
): Difference[] {
  const bodyless = primary.request.method === 'HEAD' || (before.status === 304 && after.status === 304)
  const bodyCompared = !bodyless && !before.truncated && !after.truncated
  const differences = compareHeaders(before.headers, after.headers, bodyCompared, limits)
  if (before.trailers || after.trailers) {
    const { trailers = {} } = before
    differences.push(...compareHeaders(trailers, after.trailers ?? {}, bodyCompared, limits, 'trailer'))
  }
  if (before.status !== after.status) {
    differences.unshift({ path: 'status', kind: 'changed', primary: before.status, shadow: after.status })
  }
  return differences
}

/** Puts a result together: outcome by the differences, no more of them than the limit. */
export function resultOf(differences: Difference[], notes: string[], limits: CompareLimits): ComparisonResult {
  const differencesCut = differences.length > limits.maxDifferences
  return {
    outcome: differences.length === 0 ? 'match' : 'different',
    differences: differencesCut ? differences.slice(0, limits.maxDifferences) : differences,
    differencesCut,
    notes,
  }
}

function notCaptured(primary: Comparable, other: Comparable): ComparisonResult {
  const notes = [primary, other]
    .filter((record) => record.response === undefined)
    .map((record) => `${record.side} not captured: ${record.skipped ?? 'no answer'}`)
  return { outcome: 'incomplete', differences: [], differencesCut: false, notes }
}

function truncated(
  primary: Comparable,
  other: Comparable,
  before: TapResponse,
  after: TapResponse,
  limits: CompareLimits,
): ComparisonResult {
  const notes: string[] = []
  if (before.truncated) notes.push(truncationNote(primary.side, before))
  if (after.truncated) notes.push(truncationNote(other.side, after))
  // The hash runs past the cap, so it still tells whether the whole bodies are the same.
  notes.push(`the whole bodies are ${hasEqualBody(before, after) ? 'equal' : 'different'} by hash`)
  return { ...resultOf(compareHeads(primary, before, after, limits), notes, limits), outcome: 'incomplete' }
}

function truncationNote(side: string, response: TapResponse): string {
  const captured = Buffer.byteLength(response.body, response.bodyEncoding)
  return `${side} body truncated: ${captured} of ${response.bodyBytes} bytes captured`
}
