// A captured body as a person reads it in the store, the API and the UI.
import { headerValues } from '../content-coding.ts'
import type { TapResponse } from '../tap-record.ts'
import { type CompareLimits, DEFAULT_LIMITS } from './comparable.ts'
import { decodeBody } from './decode-body.ts'

/**
 * Decoded text where the body is text; `base64:…` (of the bytes as captured) where it is not or cannot be decoded.
 * Pass the result through `storableText` before PostgreSQL sees it.
 */
export function readableBody(response: TapResponse, limits: CompareLimits = DEFAULT_LIMITS): string {
  if (response.bodyEncoding === 'utf8' && headerValues(response.headers, 'content-encoding').length === 0) {
    return response.body
  }
  const decoded = decodeBody(response, limits)
  if (decoded.form === 'empty') return ''
  if ('text' in decoded) return decoded.text
  return `base64:${Buffer.from(response.body, response.bodyEncoding).toString('base64')}`
}
