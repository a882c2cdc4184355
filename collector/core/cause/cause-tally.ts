// Counts of causes over many pairs, as the store has added them up.
import type { Cause } from './cause.ts'
import type { Sample } from './sample.ts'

export type CauseTally = {
  cause: Cause
  /** Pairs that show it. */
  pairs: number
  firstSeenMs: number
  lastSeenMs: number
  /** By slot, see sample.ts. */
  samples: Map<number, Sample>
}

export type Causes = { byId: Map<string, CauseTally> }

/** Of one variant of a route. */
export const MAX_CAUSES = 2_000

export function emptyCauses(): Causes {
  return { byId: new Map() }
}
