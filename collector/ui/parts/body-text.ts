// A captured body as text to read. Pure.
import { layOutJson } from './json-text.ts'

export type BodyText = { text: string; isJson: boolean; note: string | null }

/** `isRaw`: as it was captured, not laid out. */
export function bodyText(side: { body: string | null; bodyBytes: number | null }, isRaw: boolean): BodyText {
  const { body, bodyBytes } = side
  if (body === null) return { text: '', isJson: false, note: 'no body was kept' }
  if (body === '') return { text: '', isJson: false, note: 'the body is empty' }
  if (body.startsWith('base64:')) {
    return { text: body, isJson: false, note: `not text: ${bodyBytes ?? '?'} bytes, shown in base64` }
  }
  const note = isCut(body, bodyBytes) ? `only the beginning was captured, of ${bodyBytes} bytes` : null
  const laidOut = layOutJson(body)
  return { text: isRaw ? body : (laidOut ?? body), isJson: laidOut !== undefined, note }
}

/** Decoding may change a body's length a little (charset, compression), never by half. */
function isCut(body: string, bodyBytes: number | null): boolean {
  return bodyBytes !== null && bodyBytes > 2 * body.length && bodyBytes > 4096
}
