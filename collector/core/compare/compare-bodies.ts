// The bodies of a pair, each as what its Content-Type says it is; what cannot be read is compared by lines or by hash,
// and a note says why.

import type { Difference } from '../comparison.ts'
import { headerValues } from '../content-coding.ts'
import type { MessageReader } from '../protobuf/message-types.ts'
import type { TapResponse } from '../tap-record.ts'
import type { ArrayRule } from './array-rules.ts'
import { type BodyKind, bodyKind } from './body-kind.ts'
import type { CompareLimits } from './comparable.ts'
import { compareJson } from './compare-json.ts'
import { compareMarkup } from './compare-markup.ts'
import { compareText } from './compare-text.ts'
import { hasEqualBody } from './decide-fast.ts'
import { type DecodedBody, decodeBody } from './decode-body.ts'
import { graphqlStatus } from './graphql-status.ts'
import { type JsonValue, type ParsedJson, parseJson } from './parse-json.ts'
import { readForm, readMultipart } from './read-form.ts'
import { readGrpc } from './read-grpc.ts'
import { readEvents, readNdjson } from './read-stream.ts'
import { sayTheSame } from './say-the-same.ts'
import { shownText, shownTexts } from './shown-value.ts'

export type BodySide = { side: string; response: TapResponse }
/** What is not compared is told in `notes`. */
export type BodyPair = {
  before: BodySide
  after: BodySide
  notes: string[]
  limits: CompareLimits
  arrays: readonly ArrayRule[]
  /** What a gRPC or protobuf body holds, where the route says it. */
  message: MessageReader | null
}

export function compareBodies(pair: BodyPair): Difference[] {
  const { before, after, notes, limits } = pair
  const one = decodeBody(before.response, limits)
  const two = decodeBody(after.response, limits)
  if (one.form === 'opaque' || two.form === 'opaque') {
    if (one.form === 'opaque') notes.push(`${before.side} ${one.reason}: compared by hash`)
    if (two.form === 'opaque') notes.push(`${after.side} ${two.reason}: compared by hash`)
    return differenceByHash(before.response, after.response)
  }
  if (one.form === 'empty' || two.form === 'empty') return compareWithEmpty(one, two, pair)
  const kind = sharedKind(before.response, after.response)
  if (one.form === 'binary' || two.form === 'binary') {
    if (one.form !== 'binary' || two.form !== 'binary') {
      return [{ path: '', kind: 'type', ...shownBodies(one, two, pair) }]
    }
    return one.bytes.equals(two.bytes) ? [] : compareBytes(one.bytes, two.bytes, kind, pair)
  }
  return one.text === two.text ? [] : compareTexts(one, two, kind, pair)
}

export function differenceByHash(before: TapResponse, after: TapResponse): Difference[] {
  if (hasEqualBody(before, after)) return []
  return [{ path: '', kind: 'changed', primary: sizeAndHash(before), shadow: sizeAndHash(after) }]
}

/** Two bodies of different kinds are compared as what both are: JSON, lines or bytes. */
function sharedKind(before: TapResponse, after: TapResponse): BodyKind | null {
  const kind = bodyKind(before.headers)
  return kind !== null && kind === bodyKind(after.headers) ? kind : null
}

function compareBytes(one: Buffer, two: Buffer, kind: BodyKind | null, pair: BodyPair): Difference[] {
  const { before, after, notes, limits, message } = pair
  if (kind === 'multipart' || kind === 'grpc' || (kind === 'protobuf' && message !== null)) {
    const read = ({ response: { headers } }: BodySide, bytes: Buffer) => {
      const header = (name: string) => headerValues(headers, name)[0] ?? ''
      if (kind === 'multipart') return readMultipart(bytes, header('content-type'), limits)
      if (kind === 'grpc') return readGrpc(bytes, limits, { read: message, encoding: header('grpc-encoding') })
      return readMessage(bytes, message as MessageReader, limits)
    }
    const differences = compareRead(read(before, one), read(after, two), kind, pair)
    if (differences?.length === 0 && message !== null) notes.push(`${kind} says the same in other bytes`)
    if (differences !== null) return differences
  } else if (kind === 'protobuf') notes.push('protobuf without its descriptor: compared by hash')
  return differenceByHash(before.response, after.response)
}

function readMessage(bytes: Buffer, read: MessageReader, limits: CompareLimits): ParsedJson {
  try {
    return { outcome: 'parsed', value: read(bytes, limits), notes: [], nodes: 0 }
  } catch {
    return { outcome: 'beyond', note: `what cannot be read as ${read.typeName}` }
  }
}

type TextBody = Extract<DecodedBody, { text: string }>

function compareTexts(one: TextBody, two: TextBody, kind: BodyKind | null, pair: BodyPair): Difference[] {
  const { limits, notes } = pair
  switch (kind) {
    case 'html':
    case 'xml': {
      const compared = compareMarkup(one.text, two.text, kind, limits)
      if (compared.outcome === 'beyond') {
        notes.push(`${kind} ${compared.note}: compared by lines`)
        return compareText(one.text, two.text, limits)
      }
      if (compared.differences.length === 0) notes.push(`${kind} says the same in other characters`)
      return compared.differences
    }
    case 'ndjson':
    case 'events':
    case 'form': {
      const read = kind === 'form' ? readForm : kind === 'events' ? readEvents : readNdjson
      const differences = compareRead(read(one.text, limits), read(two.text, limits), kind, pair)
      return differences ?? compareText(one.text, two.text, limits)
    }
    default:
      return compareDocuments(one, two, kind, pair)
  }
}

/** Null, with a note, when a side cannot be read as what it says it is. */
function compareRead(one: ParsedJson, two: ParsedJson, kind: BodyKind, pair: BodyPair): Difference[] | null {
  const { before, after, notes, limits, arrays } = pair
  for (const [{ side }, read] of [[before, one] as const, [after, two] as const]) {
    if (read.outcome === 'invalid') notes.push(`${side} body is not the ${kind} it says`)
    else if (read.outcome === 'beyond') notes.push(`${side} ${kind} holds ${read.note}`)
    else notes.push(...read.notes.map((note) => `${side} ${note}`))
  }
  if (one.outcome !== 'parsed' || two.outcome !== 'parsed') return null
  return compareJson(one.value, two.value, limits, arrays)
}

/** A body without a Content-Type is JSON when it reads as JSON. */
function compareDocuments(one: TextBody, two: TextBody, kind: BodyKind | null, pair: BodyPair): Difference[] {
  const { before, after, notes, limits, arrays } = pair
  const [mayReadOne, mayReadTwo] = [one.form !== 'text', two.form !== 'text']
  if (mayReadOne && mayReadTwo && sayTheSame(one.text, two.text, limits)) return []
  const first = mayReadOne ? parseJson(one.text, limits) : null
  const second = mayReadTwo ? parseJson(two.text, limits) : null
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
    const isGraphql = kind === 'graphql' || (before.response.status === 200 && after.response.status === 200)
    const failed = isGraphql ? graphqlDifference(first.value, second.value) : []
    return [...failed, ...compareJson(first.value, second.value, limits, arrays)]
  }
  if (first?.outcome === 'parsed' || second?.outcome === 'parsed') {
    return [{ path: '', kind: 'type', ...shownBodies(one, two, pair) }]
  }
  return compareText(one.text, two.text, limits)
}

/** A failure of its own, which the status of the answer does not show. */
function graphqlDifference(one: JsonValue, two: JsonValue): Difference[] {
  const primary = graphqlStatus(one)
  const shadow = graphqlStatus(two)
  if (primary === null || shadow === null || primary === shadow) return []
  return [{ path: 'graphql:status', kind: 'changed', primary, shadow }]
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

function sizeAndHash({ bodyBytes, bodyHash }: TapResponse): string {
  return bodyHash === '' ? `${bodyBytes} bytes` : `${bodyBytes} bytes, hmac:${bodyHash.slice(0, 16)}`
}
