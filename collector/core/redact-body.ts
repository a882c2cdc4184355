// Hides secrets in captured bodies, in ingest, before Kafka. Equal secrets stay visibly equal: `hmac:<hex16>` of the
// value takes its place. `bodyHash` and `bodyBytes` keep telling of the body as the service sent it.
import { isUtf8 } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { contentCodings, deflate, inflate } from './content-coding.ts'
import { mediaForm, mediaTypeOf } from './media-type.ts'
import { redactJson } from './redact-json.ts'
import { type Hide, redactForm, redactText } from './redact-text.ts'
import { type PatternName, patternNames, secretPatterns } from './secret-patterns.ts'
import { secretWords } from './secret-words.ts'
import type { HeaderValues, TapRecord, TapResponse } from './tap-record.ts'

/** A body that inflates past this is not kept: what cannot be read cannot be cleared. */
const MAX_INFLATED_BYTES = 1024 * 1024

/** Secrets in one body; with more it is not kept. Each costs some microseconds, and ingest has one thread. */
const MAX_SECRETS = 2_000

const ALREADY_HIDDEN = /^hmac:[0-9a-f]{16,64}$/

export type Redaction = {
  /**
   * True when a batch of tap records (or one of its lines), read as latin1, may hold something that `redact` would
   * change; false is certain. Native regular expressions only: 0.7 GB/s and more where nothing is found.
   */
  mayHoldSecret(batchLatin1: string): boolean
  /**
   * The record with listed values and what looks like a secret hidden, in its body, its URI and its headers; the same
   * object when there is nothing to hide. A body that cannot be read safely (a broken content coding, broken JSON with
   * a listed key in it) becomes empty: size and hash remain.
   */
  redact(record: TapRecord): TapRecord
}

/** `key` of the keyed hashes; `ownWords` of keys besides the default ones; `patterns` by name. */
export function createRedaction(options: {
  key: Buffer
  ownWords?: readonly string[]
  patterns?: readonly PatternName[]
}): Redaction {
  const words = secretWords(options.ownWords)
  const patterns = secretPatterns(options.patterns ?? patternNames)
  const newHide = (): Hide => {
    let count = 0
    return {
      words,
      patterns,
      value(secret) {
        count += 1
        if (ALREADY_HIDDEN.test(secret)) return secret
        return `hmac:${createHmac('sha256', options.key).update(secret).digest('hex').slice(0, 16)}`
      },
      isSpent: () => count > MAX_SECRETS,
    }
  }
  return {
    mayHoldSecret: (batch) =>
      words.batchPatterns.some((pattern) => pattern.test(batch)) || patterns.mayHoldInBatch(batch),
    redact: (record) => redactRecord(record, newHide()),
  }
}

function redactRecord(record: TapRecord, hide: Hide): TapRecord {
  const request = redactRequest(record.request, hide)
  const { response } = record
  if (response === undefined) return request === record.request ? record : { ...record, request }
  const headers = redactHeaders(response.headers, hide)
  const trailers = response.trailers && redactHeaders(response.trailers, hide)
  const isClear = headers === response.headers && trailers === response.trailers
  const clear = isClear ? response : { ...response, headers, ...(trailers && { trailers }) }
  const redacted = clear.body === '' ? clear : redactResponse(clear, hide)
  return redacted === response && request === record.request ? record : { ...record, request, response: redacted }
}

/** What the tap could not know by its name: a mail address in the path, a token in a header of one's own. */
function redactRequest(request: TapRecord['request'], hide: Hide): TapRecord['request'] {
  const plain = request.uri.replaceAll('%40', '@')
  const uri = hide.patterns.replace(plain, hide.value)
  const headers = redactHeaders(request.headers, hide)
  const isClear = uri === plain
  return isClear && headers === request.headers ? request : { ...request, headers, uri: isClear ? request.uri : uri }
}

function redactHeaders(headers: HeaderValues, hide: Hide): HeaderValues {
  // The tap writes a header without values, which Traefik sets, as null.
  const given = Object.entries(headers).map(([name, values]) => [name, values ?? []] as const)
  const isClear = given.every(([, values]) => !values.some((value) => hide.patterns.mayHold(value)))
  if (isClear) return headers
  const clear = (values: string[]) => values.map((value) => hide.patterns.replace(value, hide.value))
  return Object.fromEntries(given.map(([name, values]) => [name, clear(values)]))
}

function redactResponse(response: TapResponse, hide: Hide): TapResponse {
  const codings = contentCodings(response.headers)
  if (codings.length === 0 && response.bodyEncoding === 'utf8') {
    const text = redactedText(response.body, response, hide)
    return text === response.body ? response : { ...response, body: text ?? '' }
  }
  const inflated = inflate(Buffer.from(response.body, response.bodyEncoding), codings, MAX_INFLATED_BYTES)
  if ('failure' in inflated) return withoutBody(response)
  // Bytes that are no UTF-8 are read one by one: listed keys are ASCII in every charset that services send, but for
  // those with zero bytes, which `redactedText` minds.
  const encoding = isUtf8(inflated.bytes) ? 'utf8' : 'latin1'
  const before = inflated.bytes.toString(encoding)
  const text = redactedText(before, response, hide)
  if (text === before) return response
  if (text === null) return withoutBody(response)
  const body = deflate(Buffer.from(text, encoding), codings).toString('base64')
  return { ...response, body, bodyEncoding: 'base64' }
}

/** The text to keep in place of this one: itself when nothing is secret, null when it must not be kept. */
function redactedText(text: string, response: TapResponse, hide: Hide): string | null {
  const mediaType = mediaTypeOf(response.headers)
  const maySay = (plain: string) => hide.words.mayHoldListedKey(plain) || hide.patterns.mayHold(plain)
  if (text.includes('\0')) return maySay(text.replaceAll('\0', '')) ? null : text
  if (mediaType.essence === 'application/x-www-form-urlencoded') return redactForm(text, hide)
  if (!maySay(text)) return text
  const saysJson = mediaForm(mediaType) === 'json'
  if (saysJson || /^[\s\ufeff]*[{["]/.test(text)) {
    const redacted = redactJson(text, hide)
    if (redacted.outcome === 'redacted' || (redacted.outcome === 'cut' && response.truncated)) return redacted.text
    if (saysJson) return null
  }
  return redactText(text, hide)
}

function withoutBody(response: TapResponse): TapResponse {
  return { ...response, body: '', bodyEncoding: 'utf8' }
}
