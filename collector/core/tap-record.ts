// What the tap ships and every later room reads: one side of one exchange, as one line of JSON.
// First in the flow: traefik/plugins-local (writes it) → ingest → Kafka `understudy.taps` → pairing.

/** Which leg of an exchange a record describes. */
export type Side = 'primary' | 'shadow' | 'control'

/** Reserved variant of control pairs; a shadow may not be named so. */
export const CONTROL_VARIANT = 'control'

/** Header values by lower-case or canonical name; secret ones are `hmac:<hex>`. */
export type HeaderValues = Record<string, string[]>

export type TapRequest = {
  method: string
  /** Path and query as the client sent them (the prefix that Traefik stripped put back), listed query values hashed. */
  uri: string
  host: string
  headers: HeaderValues
}

export type TapResponse = {
  status: number
  headers: HeaderValues
  /** The captured beginning of the body (at most `captureBytes`), still content-encoded as the service sent it. */
  body: string
  bodyEncoding: 'utf8' | 'base64'
  /** Length of the whole body in bytes, past the cap too. */
  bodyBytes: number
  /** Hex HMAC-SHA-256 over the whole body, past the cap too; empty for an empty body. */
  bodyHash: string
  truncated: boolean
  /** What came after the body, announced or not; left out where nothing did. Redacted as headers are. */
  trailers?: HeaderValues
}

/** Why a side was not captured. A record carries either `response` or `skipped`. */
export type SkipReason =
  | 'shed-rate'
  | 'shed-inflight'
  | 'shed-breaker'
  | 'loop'
  | 'timeout'
  | 'upgrade'
  | 'aborted'
  | 'panic'

/**
 * One tap record (Kafka value in `understudy.taps`, key = `id`).
 * The tap writes the keys in exactly this order, `v`, `id`, `route`, `side`, `variant` first, so that ingest
 * can cut and label a batch without parsing it.
 */
export type TapRecord = {
  v: 1
  /** Exchange id, a UUIDv7 in lower case. */
  id: string
  route: string
  side: Side
  /** The shadow's name on side `shadow`, `control` on side `control`, empty on side `primary`. */
  variant: string
  /** On side `primary`: the variants that will follow, `control` among them; empty on other sides. */
  expects: string[]
  /** Start of this side's request, RFC 3339 in UTC with microseconds. */
  at: string
  request: TapRequest
  response?: TapResponse
  skipped?: SkipReason
  /** On side `primary`: the client went away before the answer was complete, so Traefik mirrors nothing. */
  clientEnded?: true
  timing: { firstByteMicros: number; totalMicros: number }
}

const NO_HEADERS: HeaderValues = {}

/** The record without headers and body: all that is asked of a pair that is counted and not kept. */
export function outlineOf(record: TapRecord): TapRecord {
  const { request, response, skipped } = record
  return {
    v: 1,
    id: record.id,
    route: record.route,
    side: record.side,
    variant: record.variant,
    expects: record.expects,
    at: record.at,
    timing: record.timing,
    request: { method: request.method, uri: request.uri, host: request.host, headers: NO_HEADERS },
    ...(response && {
      response: {
        status: response.status,
        headers: NO_HEADERS,
        body: '',
        bodyEncoding: response.bodyEncoding,
        bodyBytes: response.bodyBytes,
        bodyHash: response.bodyHash,
        truncated: response.truncated,
      },
    }),
    ...(skipped && { skipped }),
  }
}

/**
 * First line of every batch that the tap posts to ingest (`POST /v1/taps`, `application/x-ndjson`); the records
 * follow, one a line. Running counters since `startedAt`, so that a lost batch or a killed proxy leaves a visible gap:
 * `seen = shipped + dropped(reason) + queued` in records, always. A batch of no records only reports.
 */
export type BatchHeader = {
  v: 1
  batch: {
    /** Random id of this plugin process (host name, dash, random hex). */
    instance: string
    startedAt: string
    /** Sequence number of the batch's first record; a retried batch repeats it. */
    firstSequence: number
    records: number
    totals: {
      seen: number
      /** Acknowledged by ingest with 202. */
      shipped: number
      /** Waiting, this batch included. */
      queued: number
      dropped: Record<string, number>
    }
    /**
     * By route, in expected pairs (the sum of `expects` over primary records); queued counts this batch's, too. `shed`:
     * what the guard did not send on, by reason; each has a record that says so.
     */
    routes: Record<
      string,
      { tapped: number; queued: number; dropped: Record<string, number>; shed?: Record<string, number> | undefined }
    >
    /** This batch's own expected pairs, by route. */
    pairs: Record<string, number>
  }
}
