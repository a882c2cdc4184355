// A side as it is stored, and a stored one as the comparer reads it: its body was decoded when it was stored, so no
// content coding is left. Trailers are stored among the headers; a header's own name cannot hold a colon.
import { createHash } from 'node:crypto'
import type { Comparable } from './compare/comparable.ts'
import type { HeaderValues, Side, TapResponse } from './tap-record.ts'

const TRAILER = 'trailer:'

export type StoredAnswer = {
  status: number | null
  headers: HeaderValues | null
  /** Text, or `base64:…`; null where the storage policy kept none. */
  body: string | null
}

/** An answer's headers, and its trailers as `trailer:<lower-case name>`. */
export function storedHeaders({ headers, trailers }: TapResponse): HeaderValues {
  if (trailers === undefined) return headers
  const named = Object.entries(trailers).map(([name, values]) => [TRAILER + name.toLowerCase(), values] as const)
  return { ...headers, ...Object.fromEntries(named) }
}

/** Null where too little was kept to compare again. */
export function comparableOf(side: Side, method: string, stored: StoredAnswer): Comparable | null {
  const { status, body } = stored
  if (status === null || stored.headers === null || body === null) return null
  const { headers, trailers } = headersAndTrailers(stored.headers)
  const isBinary = body.startsWith('base64:')
  const bodyText = isBinary ? body.slice('base64:'.length) : body
  const bodyEncoding = isBinary ? 'base64' : 'utf8'
  const bytes = Buffer.from(bodyText, bodyEncoding)
  return {
    side,
    request: { method },
    response: {
      status,
      headers: isBinary ? headers : withoutCoding(headers),
      body: bodyText,
      bodyEncoding,
      bodyBytes: bytes.length,
      bodyHash: bytes.length === 0 ? '' : createHash('sha256').update(bytes).digest('hex'),
      truncated: false,
      ...(trailers && { trailers }),
    },
  }
}

/** What `storedHeaders` put together; no `trailers` where there were none. */
export function headersAndTrailers(stored: HeaderValues): { headers: HeaderValues; trailers?: HeaderValues } {
  const entries = Object.entries(stored)
  const after = entries.filter(([name]) => name.startsWith(TRAILER))
  if (after.length === 0) return { headers: stored }
  return {
    headers: Object.fromEntries(entries.filter(([name]) => !name.startsWith(TRAILER))),
    trailers: Object.fromEntries(after.map(([name, values]) => [name.slice(TRAILER.length), values])),
  }
}

function withoutCoding(headers: HeaderValues): HeaderValues {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-encoding'))
}
