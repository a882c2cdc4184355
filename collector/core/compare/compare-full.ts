// The comparison of a pair whose bodies differ in their bytes. Costs milliseconds on big documents: the pipeline runs
// it in a worker (compare-pool). Pure; bounded by its limits, by time only in the worker.
import type { ComparisonResult, Difference } from '../comparison.ts'
import type { TapResponse } from '../tap-record.ts'
import { type Comparable, type CompareLimits, DEFAULT_LIMITS } from './comparable.ts'
import { compareJson } from './compare-json.ts'
import { compareText } from './compare-text.ts'
import { compareHeads, decideFast, hasEqualBody, resultOf } from './decide-fast.ts'
import { type DecodedBody, decodeBody } from './decode-body.ts'
import { parseJson } from './parse-json.ts'
import { shownText, shownTexts } from './shown-value.ts'

/** Status, headers and bodies of any pair. */
export function compareFull(
  primary: Comparable,
  other: Comparable,
  limits: CompareLimits = DEFAULT_LIMITS,
): ComparisonResult {
  const decided = decideFast(primary, other, limits)
  if (decided !== null || primary.response === undefined || other.response === undefined) {
    return decided ?? resultOf([], [], limits)
  }
  const differences = compareHeads(primary, primary.response, other.response, limits)
  const notes: string[] = []
  const pair: BodyPair = {
    before: { side: primary.side, response: primary.response },
    after: { side: other.side, response: other.response },
    notes,
    limits,
  }
  differences.push(...compareBodies(pair))
  return resultOf(differences, notes, limits)
}

/** Status and headers compared, the bodies by size and hash alone; `note` says why. Runs in a few microseconds. */
export function compareByHash(
  primary: Comparable,
  other: Comparable,
  note: string,
  limits: CompareLimits = DEFAULT_LIMITS,
): ComparisonResult {
  const decided = decideFast(primary, other, limits)
  if (decided !== null || primary.response === undefined || other.response === undefined) {
    return decided ?? resultOf([], [note], limits)
  }
  const differences = compareHeads(primary, primary.response, other.response, limits)
  differences.push(...differenceByHash(primary.response, other.response))
  return resultOf(differences, [note], limits)
}

type BodySide = { side: string; response: TapResponse }
type BodyPair = { before: BodySide; after: BodySide; notes: string[]; limits: CompareLimits }

function compareBodies(pair: BodyPair): Difference[] {
  const { before, after, limits } = pair
  const one = decodeBody(before.response, limits)
  const two = decodeBody(after.response, limits)
  if (one.form === 'opaque' || two.form === 'opaque') {
    if (one.form === 'opaque') pair.notes.push(`${before.side} ${one.reason}: compared by hash`)
    if (two.form === 'opaque') pair.notes.push(`${after.side} ${two.reason}: compared by hash`)
    return differenceByHash(before.response, after.response)
  }
  if (one.form === 'empty' || two.form === 'empty') return compareWithEmpty(one, two, pair)
  if (one.form === 'binary' || two.form === 'binary') {
    if (one.form !== two.form) return [{ path: '', kind: 'type', ...shownBodies(one, two, pair) }]
    if (one.form === 'binary' && two.form === 'binary' && one.bytes.equals(two.bytes)) return []
    return differenceByHash(before.response, after.response)
  }
  if (one.text === two.text) return []
  return compareTexts(one, two, pair)
}

type TextBody = Extract<DecodedBody, { text: string }>

function compareTexts(one: TextBody, two: TextBody, pair: BodyPair): Difference[] {
  const { before, after, notes, limits } = pair
  // A body without a Content-Type is JSON when it reads as JSON.
  const first = one.form === 'text' ? null : parseJson(one.text, limits)
  const second = two.form === 'text' ? null : parseJson(two.text, limits)
  for (const [side, parsed] of [
    [before, first],
    [after, second],
  ] as const) {
    if (parsed?.outcome === 'beyond') notes.push(`${side.side} JSON ${parsed.note}: compared by hash`)
    if (parsed?.outcome === 'parsed') notes.push(...parsed.notes.map((note) => `${side.side} body ${note}`))
  }
  if (one.form === 'json' && first?.outcome === 'invalid') notes.push(`${before.side} body is not the JSON it says`)
  if (two.form === 'json' && second?.outcome === 'invalid') notes.push(`${after.side} body is not the JSON it says`)
  if (first?.outcome === 'beyond' || second?.outcome === 'beyond') {
    return differenceByHash(before.response, after.response)
  }
  if (first?.outcome === 'parsed' && second?.outcome === 'parsed') {
    return compareJson(first.value, second.value, limits)
  }
  if (first?.outcome === 'parsed' || second?.outcome === 'parsed') {
    return [{ path: '', kind: 'type', ...shownBodies(one, two, pair) }]
  }
  return compareText(one.text, two.text, limits)
}

function compareWithEmpty(one: DecodedBody, two: DecodedBody, pair: BodyPair): Difference[] {
  if (one.form === 'empty' && two.form === 'empty') return []
  const { primary, shadow } = shownBodies(one, two, pair)
  return one.form === 'empty' ? [{ path: '', kind: 'added', shadow }] : [{ path: '', kind: 'removed', primary }]
}

function shownBodies(one: DecodedBody, two: DecodedBody, pair: BodyPair): { primary: string; shadow: string } {
  const { before, after, limits } = pair
  if ('text' in one && 'text' in two) return shownTexts(one.text, two.text, limits)
  const primary = 'text' in one ? shownText(one.text, limits) : sizeAndHash(before.response)
  const shadow = 'text' in two ? shownText(two.text, limits) : sizeAndHash(after.response)
  return { primary, shadow }
}

function differenceByHash(before: TapResponse, after: TapResponse): Difference[] {
  if (hasEqualBody(before, after)) return []
  return [{ path: '', kind: 'changed', primary: sizeAndHash(before), shadow: sizeAndHash(after) }]
}

function sizeAndHash({ bodyBytes, bodyHash }: TapResponse): string {
  return bodyHash === '' ? `${bodyBytes} bytes` : `${bodyBytes} bytes, hmac:${bodyHash.slice(0, 16)}`
}
