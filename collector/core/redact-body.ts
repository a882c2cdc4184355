// Hides secrets in captured bodies, in ingest, before Kafka. Equal secrets stay visibly equal: `hmac:<hex16>` of the
// value takes its place. `bodyHash` and `bodyBytes` keep telling of the body as the service sent it.
import { isUtf8 } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { contentCodings, deflate, inflate } from './content-coding.ts'
import { mediaForm, mediaTypeOf } from './media-type.ts'
import { redactJson } from './redact-json.ts'
import { type Hide, redactForm, redactText } from './redact-text.ts'
import { BATCH_PATTERNS, mayHoldListedKey } from './secret-words.ts'
import type { TapRecord, TapResponse } from './tap-record.ts'

/** A body that inflates past this is not kept: what cannot be read cannot be cleared. */
const MAX_INFLATED_BYTES = 1024 * 1024

/** Secrets in one body; with more it is not kept. Each costs some microseconds, and ingest has one thread. */
const MAX_SECRETS = 2_000

const ALREADY_HIDDEN = /^hmac:[0-9a-f]{16,64}$/

/**
 * True when a batch of tap records (or one of its lines), read as latin1, may hold something that `redactRecord` would
 * change; false is certain. Native regular expressions only: 0.7 GB/s and more where nothing is found.
 */
export function mayHoldSecret(batchLatin1: string): boolean {
  return BATCH_PATTERNS.some((pattern) => pattern.test(batchLatin1))
}

/**
 * The record with the values of listed keys hidden; the same object when there is nothing to hide. A body that cannot
 * be read safely (a broken content coding, broken JSON with a listed key in it) becomes empty: size and hash remain.
 */
export function redactRecord(record: TapRecord, key: Buffer): TapRecord {
  const { response } = record
  if (response === undefined || response.body === '') return record
  const redacted = redactResponse(response, hideWith(key))
  return redacted === response ? record : { ...record, response: redacted }
}

function hideWith(key: Buffer): Hide {
  let count = 0
  return {
    value(secret) {
      count += 1
      if (ALREADY_HIDDEN.test(secret)) return secret
      return `hmac:${createHmac('sha256', key).update(secret).digest('hex').slice(0, 16)}`
    },
    isSpent: () => count > MAX_SECRETS,
  }
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
  if (text.includes('\0')) return mayHoldListedKey(text.replaceAll('\0', '')) ? null : text
  if (mediaType.essence === 'application/x-www-form-urlencoded') return redactForm(text, hide)
  if (!mayHoldListedKey(text)) return text
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
