// Counts of causes over many pairs. Every part merges in any order and any grouping, as rows of roll-ups do: sums,
// earliest, latest, and samples that are each the newest of their slot.
import type { Difference } from '../comparison.ts'
import { type Cause, causesOf } from './cause.ts'
import { newer, type Sample, slotOf } from './sample.ts'

export type CauseTally = {
  cause: Cause
  /** Pairs that show it. */
  pairs: number
  firstSeenMs: number
  lastSeenMs: number
  /** By slot, see sample.ts. */
  samples: Map<number, Sample>
}

export type Causes = {
  byId: Map<string, CauseTally>
  /** Sightings of causes for which there was no room. */
  leftOut: number
}

export const MAX_CAUSES = 2_000

export type CausePair = { exchangeId: string; atMs: number; endpoint: string; differences: readonly Difference[] }

export function emptyCauses(): Causes {
  return { byId: new Map(), leftOut: 0 }
}

/** Counts one pair more, in place. */
export function addCauses(causes: Causes, { exchangeId, atMs, endpoint, differences }: CausePair): void {
  for (const { cause, difference } of causesOf(endpoint, differences)) {
    const samples = new Map([[slotOf(difference), { exchangeId, atMs, difference }]])
    addTally(causes, { cause, pairs: 1, firstSeenMs: atMs, lastSeenMs: atMs, samples })
  }
}

export function mergeCauses(one: Causes, two: Causes): Causes {
  const merged: Causes = { byId: new Map(), leftOut: one.leftOut + two.leftOut }
  for (const { byId } of [one, two]) for (const tally of byId.values()) addTally(merged, tally)
  return merged
}

function addTally(causes: Causes, more: CauseTally): void {
  const known = causes.byId.get(more.cause.id)
  if (known === undefined) {
    if (causes.byId.size < MAX_CAUSES) causes.byId.set(more.cause.id, more)
    else causes.leftOut += more.pairs
    return
  }
  const samples = new Map(known.samples)
  for (const [slot, sample] of more.samples) samples.set(slot, newer(samples.get(slot), sample))
  causes.byId.set(known.cause.id, {
    cause: known.cause,
    pairs: known.pairs + more.pairs,
    firstSeenMs: Math.min(known.firstSeenMs, more.firstSeenMs),
    lastSeenMs: Math.max(known.lastSeenMs, more.lastSeenMs),
    samples,
  })
}
