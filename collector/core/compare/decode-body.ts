// A captured body to what is compared: text, bytes, or nothing but its hash.
import { contentCodings, inflate } from '../content-coding.ts'
import { type MediaForm, mediaForm, mediaTypeOf } from '../media-type.ts'
import type { TapResponse } from '../tap-record.ts'
import type { CompareLimits } from './comparable.ts'

export type DecodedBody =
  | { form: 'empty' }
  | { form: Exclude<MediaForm, 'binary'>; text: string }
  | { form: 'binary'; bytes: Buffer }
  /** Only size and hash can be compared; `reason` says why. */
  | { form: 'opaque'; reason: string }

export function decodeBody(response: TapResponse, limits: CompareLimits): DecodedBody {
  if (response.body === '') {
    return response.bodyBytes === 0 ? { form: 'empty' } : { form: 'opaque', reason: 'body not kept' }
  }
  const mediaType = mediaTypeOf(response.headers)
  const form = mediaForm(mediaType)
  const codings = contentCodings(response.headers)
  const isPlainText = response.bodyEncoding === 'utf8' && codings.length === 0 && form !== 'binary'
  if (isPlainText && isUtf8Name(mediaType.charset) && response.body.length <= limits.maxBodyBytes) {
    return { form, text: withoutByteOrderMark(response.body) }
  }
  const inflated = inflate(Buffer.from(response.body, response.bodyEncoding), codings, limits.maxBodyBytes)
  if ('failure' in inflated) return { form: 'opaque', reason: inflated.failure }
  const { bytes } = inflated
  if (bytes.length > limits.maxBodyBytes) {
    return { form: 'opaque', reason: `body is longer than ${limits.maxBodyBytes} bytes` }
  }
  if (form === 'binary') return { form, bytes }
  const text = decodeText(bytes, mediaType.charset)
  if (text !== null) return { form, text }
  // Without a Content-Type, bytes that are no text are simply bytes.
  if (form === 'unknown') return { form: 'binary', bytes }
  const name = (mediaType.charset || 'utf-8').slice(0, 40)
  return { form: 'opaque', reason: `body is not ${name} text` }
}

/** Null for an unknown charset or bytes that it does not allow: replaced characters could make unequal texts equal. */
function decodeText(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset || 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function isUtf8Name(charset: string): boolean {
  return charset === '' || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii'
}

function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
