// Reads a Kafka value as a tap record. What comes here may have been written by anybody.
import { isExchangeId } from '../core/exchange-id.ts'
import type { TapRecord } from '../core/tap-record.ts'

/** A tap record, or the reason why it is none. Looks only at what pairing and comparing rely on; unknown fields stay. */
export function parseTapRecord(value: Buffer | null): TapRecord | string {
  if (value === null) return 'no value (tombstone)'
  if (value.length === 0) return 'empty value'
  let record: TapRecord
  try {
    record = JSON.parse(value.toString('utf8'))
  } catch {
    return 'not JSON'
  }
  if (record === null || typeof record !== 'object') return 'not a JSON object'
  if (record.v !== 1) return 'v: expected 1'
  if (typeof record.id !== 'string' || !isExchangeId(record.id)) return 'id: expected a lower-case UUIDv7'
  if (typeof record.route !== 'string' || typeof record.variant !== 'string') return 'route, variant: expected text'
  if (record.side !== 'primary' && record.side !== 'shadow' && record.side !== 'control')
    return 'side: expected primary, shadow or control'
  if (!Array.isArray(record.expects) || record.expects.length > 64 || !record.expects.every(isText))
    return 'expects: expected at most 64 variants'
  if (typeof record.request?.method !== 'string' || typeof record.request.uri !== 'string')
    return 'request: expected method and uri'
  if (!mendHeaders(record.request.headers)) return 'request.headers: expected lists of texts by name'
  if (typeof record.timing?.totalMicros !== 'number') return 'timing: expected totalMicros'
  const { response } = record
  if (response === undefined) return typeof record.skipped === 'string' ? record : 'response: missing, and no "skipped"'
  if (
    typeof response.status !== 'number' ||
    typeof response.body !== 'string' ||
    typeof response.bodyHash !== 'string'
  ) {
    return 'response: expected status, body and bodyHash'
  }
  if (
    typeof response.bodyBytes !== 'number' ||
    (response.bodyEncoding !== 'utf8' && response.bodyEncoding !== 'base64')
  )
    return 'response: expected bodyBytes, and bodyEncoding utf8 or base64'
  if (response.trailers !== undefined && !mendHeaders(response.trailers))
    return 'response.trailers: expected lists of texts by name'
  return mendHeaders(response.headers) ? record : 'response.headers: expected lists of texts by name'
}

/**
 * Takes away names without a list: Traefik itself gives every answer an empty Content-Type, which a tap writes as null.
 * False when they are no headers.
 */
function mendHeaders(headers: unknown): boolean {
  if (headers === null || typeof headers !== 'object' || Array.isArray(headers)) return false
  const lists = headers as Record<string, unknown>
  for (const name in lists) {
    const values = lists[name]
    if (values === null) delete lists[name]
    else if (!Array.isArray(values) || !values.every(isText)) return false
  }
  return true
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
