// Sides of a pair for the comparer's tests.
import { createHmac } from 'node:crypto'
import type { Comparable } from '../../../collector/core/compare/comparable.ts'
import type { HeaderValues, TapResponse } from '../../../collector/core/tap-record.ts'

export const JSON_HEADERS: HeaderValues = { 'Content-Type': ['application/json; charset=utf-8'] }

type SideOptions = { headers?: HeaderValues; status?: number; method?: string; response?: Partial<TapResponse> }

export const primarySide = (body: string | Buffer, options: SideOptions = {}) => side('primary', body, options)
export const shadowSide = (body: string | Buffer, options: SideOptions = {}) => side('shadow', body, options)

/** As the tap ships it: text as it is, other bytes in base64, hash and size of the whole body. */
function side(name: 'primary' | 'shadow', body: string | Buffer, options: SideOptions): Comparable {
  const bytes = Buffer.from(body)
  const isText = typeof body === 'string'
  const response: TapResponse = {
    status: options.status ?? 200,
    headers: options.headers ?? JSON_HEADERS,
    body: isText ? body : bytes.toString('base64'),
    bodyEncoding: isText ? 'utf8' : 'base64',
    bodyBytes: bytes.length,
    bodyHash: bytes.length === 0 ? '' : createHmac('sha256', 'test').update(bytes).digest('hex'),
    truncated: false,
    ...options.response,
  }
  return { side: name, request: { method: options.method ?? 'GET' }, response }
}
