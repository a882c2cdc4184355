// What comparing one pair gives. Made by core/compare, kept by store, told by api.
import type { HeaderValues, SkipReason } from './tap-record.ts'

export type Outcome = 'match' | 'noise' | 'different' | 'incomplete'
export type DifferenceKind = 'changed' | 'added' | 'removed' | 'type' | 'reordered'

/** A value as it is shown: JSON, never longer than the comparer's cap (longer text ends in `…`). */
export type ShownValue = string | number | boolean | null | ShownValue[] | { [key: string]: ShownValue }

export type Difference = {
  /** `status`, `header:<lower-case name>`, `trailer:<lower-case name>`, `line:<n>` for text, or an RFC 6901 pointer into the JSON body (`` = the whole body). */
  path: string
  kind: DifferenceKind
  /** Absent where the side has no value (`added`: no primary; `removed`: no shadow). */
  primary?: ShownValue
  shadow?: ShownValue
  /** Set when a rule or learned noise covers it; then it does not make the outcome `different`. */
  noise?: boolean
  rule?: string
}

/** Differences of one comparison that a list of comparisons shows at most. */
export const LISTED_DIFFERENCES = 50

export type ComparisonResult = {
  outcome: Outcome
  differences: Difference[]
  /** True when more differences were found than are kept. */
  differencesCut: boolean
  /** What was not compared and why, in words (`body truncated at 262144 bytes`, `diff took longer than 500 ms: compared by hash`). */
  notes: string[]
}

/** One side as it is stored and shown. */
export type ComparedSide = {
  status: number | null
  headers: HeaderValues
  /** Decoded text where the body is text; `base64:…` where it is not; null where the policy stores none. */
  body: string | null
  latencyMs: number | null
  bodyBytes: number
  truncated: boolean
  skipped: SkipReason | null
}

export type Comparison = {
  exchangeId: string
  /** From the time inside the exchange id, never the clock. */
  createdAtMs: number
  route: string
  variant: string
  method: string
  path: string
  endpoint: string
  result: ComparisonResult
  primary: ComparedSide
  shadow: ComparedSide
}

/** Why an expected pair was never compared: the side that never came, or the client that went away before mirroring. */
export type UnpairedReason = 'no-shadow' | 'no-control' | 'no-primary' | 'client-ended'
