// JSON text as a flat list (a "tape") of where its keys and values stand: no value is made, so it costs a fraction of JSON.parse.
// Commas, colons and brackets are held to the grammar here; strings and other scalars are by say-the-same.ts.
import type { CompareLimits } from './comparable.ts'

/**
 * Three numbers an entry, in the order of the text; a member of an object is two entries, its key and its value.
 * Strings and other scalars: first byte, the one after the last, 0 (-1 for a string with an escape). Containers: first
 * byte, number of members or elements, position in the list behind all that is inside.
 */
export type JsonTape = JsonBytes & { entries: Int32Array }

/** UTF-8 in memory with room for more, and a zero behind the last of `length` bytes: a loop that leaves its array makes V8 slow for good. */
export type JsonBytes = { bytes: Uint8Array; view: DataView; length: number }

export const ENTRY = 3

export const QUOTE = 0x22
export const OPEN_BRACE = 0x7b
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACE = 0x7d
export const CLOSE_BRACKET = 0x5d
export const COMMA = 0x2c
export const COLON = 0x3a
const SPACE = 0x20
const BACKSLASH = 0x5c
const NINE = 0x39

/** Bytes a value or key takes up at least, with what parts it from the next. */
const LEAST_BYTES = 2

/** Null for text with lone surrogates, which would all become one character. Its memory is used again at the next call. */
export type BytesReader = (text: string) => JsonBytes | null

export function createBytesReader(): BytesReader {
  let bytes = Buffer.alloc(0)
  let view = new DataView(bytes.buffer)
  return (text) => {
    if (!text.isWellFormed()) return null
    const length = Buffer.byteLength(text)
    if (bytes.length <= length) {
      bytes = Buffer.alloc(2 * length + 1)
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    bytes.write(text)
    bytes[length] = 0
    return { bytes, view, length }
  }
}

/** Null when the text is beyond a limit or cannot be JSON. A tape holds until the reader's next call. */
export type TapeReader = (text: string, limits: CompareLimits) => JsonTape | null

export function createTapeReader(): TapeReader {
  const read = createBytesReader()
  let entries = new Int32Array(0)
  let open = new Int32Array(0)
  return (text, limits) => {
    const json = read(text)
    if (json === null) return null
    // No more entries than two a value, and than the text has room for.
    const most = ENTRY * Math.min(2 * limits.maxNodes + 2, Math.ceil(json.length / LEAST_BYTES) + 2)
    if (entries.length < most) entries = new Int32Array(most)
    if (open.length < limits.maxDepth) open = new Int32Array(limits.maxDepth)
    return readTape(json, entries, open, limits)
  }
}

/** Iterative, so that no nesting can make it fail; `open` has room for the entries of all containers around one place. */
function readTape(
  json: JsonBytes,
  entries: Int32Array,
  open: Int32Array,
  { maxDepth, maxNodes }: CompareLimits,
): JsonTape | null {
  const { bytes, view, length } = json
  const tape: JsonTape = { bytes, view, length, entries }
  let nodes = 1
  let depth = 0
  let isObject = false
  let end = 0
  let at = nextByte(bytes, 0)
  for (;;) {
    if (end + 2 * ENTRY > entries.length) return null
    if (isObject) {
      if (bytes[at] !== QUOTE) return null
      at = readString(tape, at, end)
      if (at === -1) return null
      end += ENTRY
      at = nextByte(bytes, at)
      if (bytes[at] !== COLON) return null
      at = nextByte(bytes, at + 1)
    }
    const code = bytes[at]
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth === maxDepth) return null
      nodes += 1
      open[depth] = end
      depth += 1
      entries[end] = at
      end += ENTRY
      isObject = code === OPEN_BRACE
      at = nextByte(bytes, at + 1)
      if (bytes[at] !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        entries[end - 2] = 1
        continue
      }
      entries[end - 2] = 0
      // Empty: closed below, like any other.
    } else {
      const start = at
      if (code === QUOTE) at = readString(tape, at, end)
      else {
        at = endOfScalar(bytes, at)
        entries[end] = start
        entries[end + 1] = at
        entries[end + 2] = 0
      }
      if (at <= start) return null
      end += ENTRY
      at = nextByte(bytes, at)
    }
    // What comes behind a value: ends, then another one or the end of the text.
    for (;;) {
      if (depth === 0) return at === length && nodes <= maxNodes ? tape : null
      const container = open[depth - 1] as number
      const next = bytes[at]
      if (next === COMMA) {
        nodes += 1
        entries[container + 1] = (entries[container + 1] as number) + 1
        at = nextByte(bytes, at + 1)
        break
      }
      if (next !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) return null
      entries[container + 2] = end
      depth -= 1
      if (depth > 0) isObject = bytes[entries[open[depth - 1] as number] as number] === OPEN_BRACE
      at = nextByte(bytes, at + 1)
    }
  }
}

/** Position of the first byte from `at` on that is no white space of JSON's. */
export function nextByte(bytes: Uint8Array, at: number): number {
  let next = at
  for (let code = bytes[next] as number; code <= SPACE; code = bytes[next] as number) {
    if (code !== SPACE && code !== 0x0a && code !== 0x0d && code !== 0x09) break
    next += 1
  }
  return next
}

/** Writes the string into its entry. Position behind it, or -1 for one without an end or with a control character. */
function readString({ view, length, entries }: JsonTape, start: number, entry: number): number {
  let isEscaped = 0
  let at = start + 1
  while (at + 4 <= length && !mayEndString(view.getInt32(at, true))) at += 4
  for (; at < length; at += 1) {
    const code = view.getUint8(at)
    if (code === QUOTE) {
      entries[entry] = start
      entries[entry + 1] = at + 1
      entries[entry + 2] = isEscaped
      return at + 1
    }
    if (code === BACKSLASH) {
      isEscaped = -1
      at += 1
    } else if (code < SPACE) return -1
  }
  return -1
}

/** True where one of four bytes is a quote, a backslash or a control character, and now and then where none is. */
function mayEndString(four: number): boolean {
  const quote = four ^ 0x22222222
  const backslash = four ^ 0x5c5c5c5c
  const found =
    ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((four - 0x20202020) & ~four)
  return (found & 0x80808080) !== 0
}

function endOfScalar(bytes: Uint8Array, start: number): number {
  let end = start
  while (isScalarByte(bytes[end] as number)) end += 1
  return end
}

/** Digits, small letters, `E`, `+`, `-`, `.`. */
function isScalarByte(code: number): boolean {
  return (
    (code >= 0x30 && code <= NINE) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2b ||
    code === 0x45
  )
}
