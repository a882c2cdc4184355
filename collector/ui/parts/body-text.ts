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
  const laidOut = layOutJson(body)
  const whole = isRaw ? body : (laidOut ?? body)
  const text = breakLongLines(whole)
  const notes = [
    ...(isCut(body, bodyBytes) ? [`only the beginning was captured, of ${bodyBytes} bytes`] : []),
    ...(text === whole ? [] : [`lines are broken after ${shownLine} characters`]),
  ]
  return { text, isJson: laidOut !== undefined, note: notes.length === 0 ? null : notes.join('; ') }
}

const longLine = 5_000
const shownLine = 1_000

/** An editor draws whole lines: one of a megabyte would stop the page. */
function breakLongLines(text: string): string {
  if (!hasLongLine(text)) return text
  const piece = new RegExp(`.{${shownLine}}(?=.)`, 'gsu')
  return text
    .split('\n')
    .map((line) => (line.length > longLine ? line.replace(piece, '$&\n') : line))
    .join('\n')
}

function hasLongLine(text: string): boolean {
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf('\n', from)
    const end = found < 0 ? text.length : found
    if (end - from > longLine) return true
    from = end + 1
  }
  return false
}

/** Decoding may change a body's length a little (charset, compression), never by half. */
function isCut(body: string, bodyBytes: number | null): boolean {
  return bodyBytes !== null && bodyBytes > 2 * body.length && bodyBytes > 4096
}
