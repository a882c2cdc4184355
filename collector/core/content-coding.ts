// Content codings of captured bodies: undone, and done again, under a limit. Used by the comparer and the redactor.
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'
import type { HeaderValues } from './tap-record.ts'

export type Inflated = { bytes: Buffer } | { failure: string }

/** More codings than any service stacks; each one costs a pass. */
const MAX_CODINGS = 3

/** The codings in the order they were applied, `identity` left out, in lower case. */
export function contentCodings(headers: HeaderValues): string[] {
  const codings: string[] = []
  for (const value of headerValues(headers, 'content-encoding')) {
    for (const part of value.split(',')) {
      const coding = part.trim().toLowerCase()
      if (coding !== '' && coding !== 'identity') codings.push(coding)
    }
  }
  return codings
}

/** Undoes the codings, last one first. `failure` is in words, e.g. `content-encoding snappy is not known`. */
export function inflate(body: Buffer, codings: string[], maxBytes: number): Inflated {
  if (codings.length > MAX_CODINGS) return { failure: `more than ${MAX_CODINGS} content codings` }
  let bytes = body
  for (const coding of codings.toReversed()) {
    const undo = decoders.get(coding)
    if (undo === undefined) return { failure: `content-encoding ${coding.slice(0, 40)} is not known` }
    try {
      bytes = undo(bytes, maxBytes)
    } catch (error) {
      const isTooBig = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
      return { failure: isTooBig ? `body inflates past ${maxBytes} bytes` : `body is not ${coding} as it says` }
    }
  }
  return { bytes }
}

/** Applies the codings in order; every one must be known, as it is once `inflate` succeeded. */
export function deflate(body: Buffer, codings: string[]): Buffer {
  return codings.reduce((bytes, coding) => encoders.get(coding)?.(bytes) ?? bytes, body)
}

/** A header's values whatever the case of its name. */
export function headerValues(headers: HeaderValues, lowerName: string): string[] {
  if (Object.hasOwn(headers, lowerName)) return headers[lowerName] ?? []
  for (const name of Object.keys(headers)) if (name.toLowerCase() === lowerName) return headers[name] ?? []
  return []
}

type Decode = (bytes: Buffer, maxBytes: number) => Buffer

const gunzip: Decode = (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })

const decoders = new Map<string, Decode>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', undoDeflate],
  ['br', (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength })],
  ['zstd', (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength })],
])

const encoders = new Map<string, (bytes: Buffer) => Buffer>([
  ['gzip', (bytes) => gzipSync(bytes, { level: 1 })],
  ['x-gzip', (bytes) => gzipSync(bytes, { level: 1 })],
  ['deflate', (bytes) => deflateSync(bytes, { level: 1 })],
  ['br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ['zstd', (bytes) => zstdCompressSync(bytes)],
])

/** `deflate` means zlib's format; some services send it without zlib's header, and browsers take that too. */
function undoDeflate(bytes: Buffer, maxOutputLength: number): Buffer {
  const hasZlibHeader = bytes.length >= 2 && ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
  return hasZlibHeader ? inflateSync(bytes, { maxOutputLength }) : inflateRawSync(bytes, { maxOutputLength })
}
