// The comparison of a pair whose bodies differ in their bytes. Costs milliseconds on big documents: the pipeline runs
// it in a worker (compare-pool). Pure; bounded by its limits, by time only in the worker.
import type { ComparisonResult } from '../comparison.ts'
import type { MessageReader } from '../protobuf/message-types.ts'
import type { ArrayRule } from './array-rules.ts'
import { type Comparable, type CompareLimits, DEFAULT_LIMITS } from './comparable.ts'
import { compareBodies, differenceByHash } from './compare-bodies.ts'
import { compareHeads, decideFast, resultOf } from './decide-fast.ts'

/**
 * Status, headers and bodies of any pair; `arrays`: how the route's rules want arrays read; `message`: what a gRPC or
 * protobuf body holds.
 */
export function compareFull(
  primary: Comparable,
  other: Comparable,
  limits: CompareLimits = DEFAULT_LIMITS,
  arrays: readonly ArrayRule[] = [],
  message: MessageReader | null = null,
): ComparisonResult {
  const decided = decideFast(primary, other, limits)
  if (decided !== null || primary.response === undefined || other.response === undefined) {
    return decided ?? resultOf([], [], limits)
  }
  const differences = compareHeads(primary, primary.response, other.response, limits)
  const notes: string[] = []
  const sides = {
    before: { side: primary.side, response: primary.response },
    after: { side: other.side, response: other.response },
  }
  differences.push(...compareBodies({ ...sides, notes, limits, arrays, message }))
  return resultOf(differences, notes, limits)
}

/** Status and headers compared, the bodies by size and hash alone; `note` says why. Runs in a few microseconds. */
export function compareByHash(
  primary: Comparable,
  other: Comparable,
  note: string,
  limits: CompareLimits = DEFAULT_LIMITS,
): ComparisonResult {
  const decided = decideFast(primary, other, limits)
  if (decided !== null || primary.response === undefined || other.response === undefined) {
    return decided ?? resultOf([], [note], limits)
  }
  const differences = compareHeads(primary, primary.response, other.response, limits)
  differences.push(...differenceByHash(primary.response, other.response))
  return resultOf(differences, [note], limits)
}
