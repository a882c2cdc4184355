// What the comparer reads of a tap record, and how far it goes.
import type { Side, SkipReason, TapResponse } from '../tap-record.ts'

/** The part of a tap record that decides a comparison; every `TapRecord` is one. */
export type Comparable = {
  side: Side
  request: { method: string }
  response?: TapResponse
  skipped?: SkipReason
}

export type CompareLimits = {
  /** Bytes of one body after decoding; a bigger one is compared by hash. */
  maxBodyBytes: number
  /** Nesting of a JSON document; json-diff-ts overflows the stack at 2,000. */
  maxDepth: number
  /** Values in a JSON document. */
  maxNodes: number
  /** Differences kept in a result; finding more sets `differencesCut`. */
  maxDifferences: number
  /** Characters of a shown value. */
  maxShownChars: number
  /** Cells of the table that aligns two texts' lines (lines × lines); beyond, lines are compared by position. */
  maxLineCells: number
}

export const DEFAULT_LIMITS: CompareLimits = {
  maxBodyBytes: 1024 * 1024,
  maxDepth: 200,
  maxNodes: 20_000,
  maxDifferences: 200,
  maxShownChars: 2_048,
  maxLineCells: 250_000,
}
