// A stored comparison: its columns, and the row as the code above the store knows it.
import { type Comparison, type Difference, LISTED_DIFFERENCES, type Outcome } from '../core/comparison.ts'
import type { HeaderValues } from '../core/tap-record.ts'

export type StoredSide = { status: number | null; latencyMs: number | null; bodyBytes: number | null }
export type StoredSideInFull = StoredSide & { headers: HeaderValues | null; body: string | null }

export type StoredSummary = Omit<Comparison, 'result' | 'primary' | 'shadow'> & {
  outcome: Outcome
  /** In lists at most `LISTED_DIFFERENCES`; `differenceCount` tells how many are stored. */
  differences: Difference[]
  differenceCount: number
  differencesCut: boolean
  notes: string[]
  skipped: string | null
  primary: StoredSide
  shadow: StoredSide
}

export type StoredComparison = Omit<StoredSummary, 'primary' | 'shadow'> & {
  requestHeaders: HeaderValues | null
  primary: StoredSideInFull
  shadow: StoredSideInFull
}

const eachColumn = `created_at, exchange_id, variant, route, method, path, endpoint, outcome, differences_cut, notes, skipped,
  jsonb_array_length(differences) AS difference_count,
  primary_status, shadow_status, primary_latency_ms, shadow_latency_ms, primary_body_bytes, shadow_body_bytes`
const firstDifferences = `CASE WHEN jsonb_array_length(differences) > ${LISTED_DIFFERENCES}
  THEN jsonb_path_query_array(differences, '$[0 to ${LISTED_DIFFERENCES - 1}]') ELSE differences END AS differences`
export const fullColumns = `${eachColumn}, differences, primary_headers, shadow_headers, primary_body, shadow_body, request_headers`
export const summaryColumns = `${eachColumn}, ${firstDifferences}`

export type SummaryRow = {
  created_at: Date
  exchange_id: string
  variant: string
  route: string
  method: string
  path: string
  endpoint: string
  outcome: Outcome
  differences: Difference[]
  difference_count: number
  differences_cut: boolean
  notes: string[]
  skipped: string | null
  primary_status: number | null
  shadow_status: number | null
  primary_latency_ms: number | null
  shadow_latency_ms: number | null
  /** bigint arrives as text. */
  primary_body_bytes: string | null
  shadow_body_bytes: string | null
}

export type FullRow = SummaryRow & {
  primary_headers: HeaderValues | null
  shadow_headers: HeaderValues | null
  primary_body: string | null
  shadow_body: string | null
  request_headers: HeaderValues | null
}

export function summaryOf(row: SummaryRow): StoredSummary {
  return {
    exchangeId: row.exchange_id,
    createdAtMs: row.created_at.getTime(),
    route: row.route,
    variant: row.variant,
    method: row.method,
    path: row.path,
    endpoint: row.endpoint,
    outcome: row.outcome,
    differences: row.differences,
    differenceCount: row.difference_count,
    differencesCut: row.differences_cut || row.difference_count > row.differences.length,
    notes: row.notes,
    skipped: row.skipped,
    primary: {
      status: row.primary_status,
      latencyMs: row.primary_latency_ms,
      bodyBytes: numberOf(row.primary_body_bytes),
    },
    shadow: { status: row.shadow_status, latencyMs: row.shadow_latency_ms, bodyBytes: numberOf(row.shadow_body_bytes) },
  }
}

export function fullOf(row: FullRow): StoredComparison {
  const summary = summaryOf(row)
  return {
    ...summary,
    requestHeaders: row.request_headers,
    primary: { ...summary.primary, headers: row.primary_headers, body: row.primary_body },
    shadow: { ...summary.shadow, headers: row.shadow_headers, body: row.shadow_body },
  }
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text)
}
