// A stored side as the comparer reads it: its body was decoded when it was stored, so no content coding is left.
import { createHash } from 'node:crypto'
import type { Comparable } from './compare/comparable.ts'
import type { HeaderValues, Side } from './tap-record.ts'

export type StoredAnswer = {
  status: number | null
  headers: HeaderValues | null
  /** Text, or `base64:…`; null where the storage policy kept none. */
  body: string | null
}

/** Null where too little was kept to compare again. */
export function comparableOf(side: Side, method: string, stored: StoredAnswer): Comparable | null {
  const { status, headers, body } = stored
  if (status === null || headers === null || body === null) return null
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
    },
  }
}

function withoutCoding(headers: HeaderValues): HeaderValues {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-encoding'))
}
