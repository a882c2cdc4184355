// A comparison as an HTTP Archive (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/): the request once for each
// side, with that side's answer. Browsers' network tools and most HTTP clients open it.
import { headersAndTrailers } from '../../core/stored-side.ts'
import type { StoredComparison, StoredSideInFull } from '../../store/stored-comparison.ts'

/** `bases`: the sides' server URLs, as far as known. */
export function httpArchive(stored: StoredComparison, bases: { primary: string; shadow: string }, version: string) {
  return {
    log: {
      version: '1.2',
      creator: { name: 'Understudy', version },
      comment: `${stored.route} ${stored.exchangeId}: ${stored.outcome}`,
      entries: [
        entry(stored, stored.primary, bases.primary, 'primary'),
        entry(stored, stored.shadow, bases.shadow, stored.variant),
      ],
    },
  }
}

function entry(stored: StoredComparison, side: StoredSideInFull, base: string, comment: string) {
  const { headers, trailers } = headersAndTrailers(side.headers ?? {})
  const url = `${base.replace(/\/$/, '')}${stored.path}`
  const latency = side.latencyMs ?? -1
  return {
    startedDateTime: new Date(stored.createdAtMs).toISOString(),
    time: Math.max(0, latency),
    request: {
      method: stored.method,
      url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairs(stored.requestHeaders),
      queryString: [...new URLSearchParams(stored.path.split('?').slice(1).join('?'))].map(([name, value]) => ({
        name,
        value,
      })),
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status: side.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairs(headers),
      ...(trailers && { _trailers: pairs(trailers) }),
      content: content(side),
      redirectURL: firstOf(side, 'location') ?? '',
      headersSize: -1,
      bodySize: side.bodyBytes ?? -1,
    },
    cache: {},
    timings: { send: 0, wait: Math.max(0, latency), receive: 0 },
    comment,
  }
}

function content(side: StoredSideInFull) {
  const mimeType = firstOf(side, 'content-type') ?? ''
  const size = side.bodyBytes ?? 0
  if (side.body === null) return { size, mimeType, comment: 'the storage policy kept no body' }
  if (side.body.startsWith('base64:')) return { size, mimeType, encoding: 'base64', text: side.body.slice(7) }
  return { size, mimeType, text: side.body }
}

function pairs(headers: Record<string, string[]> | null): { name: string; value: string }[] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) => (values ?? []).map((value) => ({ name, value })))
}

function firstOf({ headers }: StoredSideInFull, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]?.[0]
}
