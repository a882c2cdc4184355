// What control comparisons (the primary against itself) have shown so far: counts per endpoint and per unit. Learned
// noise and proposals are told from them alone. Counts of one version of the primary; a new version begins anew.
import type { Difference } from '../comparison.ts'
import { timestampMs } from '../rules/value-shape.ts'
import { type ChangeShape, changeShape } from './change-shape.ts'
import { type NoiseUnit, unitKey, unitsOf } from './noise-unit.ts'

export type ControlPair = { exchangeId: string; endpoint: string; differences: readonly Difference[] }

export type UnitExample = { exchangeId: string; difference: Difference }

export type UnitTally = {
  unit: NoiseUnit
  /** Control pairs in which it was seen. */
  pairs: number
  /** How often its value changed from what to what, by shape. */
  shapes: Partial<Record<ChangeShape, number>>
  /** The farthest two timestamps of a pair lay apart. */
  maxSkewMs: number
  examples: UnitExample[]
}

export type ControlTally = {
  /** Control pairs by endpoint. */
  pairs: Map<string, number>
  units: Map<string, UnitTally>
  /** Sightings of units and pairs of endpoints for which there was no room. */
  leftOut: number
}

export const tallyLimits = { endpoints: 1_000, units: 5_000, examples: 3 } as const

export function emptyTally(): ControlTally {
  return { pairs: new Map(), units: new Map(), leftOut: 0 }
}

/** Counts one pair more, in place. */
export function addControlPair(tally: ControlTally, { exchangeId, endpoint, differences }: ControlPair): void {
  const seen = tally.pairs.get(endpoint)
  if (seen === undefined && tally.pairs.size >= tallyLimits.endpoints) {
    tally.leftOut += 1
    return
  }
  tally.pairs.set(endpoint, (seen ?? 0) + 1)
  for (const [key, [unit, difference]] of unitsOf(endpoint, differences)) {
    const shape = changeShape(difference)
    addUnit(tally, key, {
      unit,
      pairs: 1,
      shapes: { [shape]: 1 },
      maxSkewMs: shape === 'timestamp' ? skewMs(difference) : 0,
      examples: [{ exchangeId, difference }],
    })
  }
}

/** Both together; the same in any order but for the examples, of which the first's come first. */
export function mergeTallies(one: ControlTally, two: ControlTally): ControlTally {
  const merged: ControlTally = { pairs: new Map(one.pairs), units: new Map(), leftOut: one.leftOut + two.leftOut }
  for (const [endpoint, pairs] of two.pairs) merged.pairs.set(endpoint, (merged.pairs.get(endpoint) ?? 0) + pairs)
  for (const { units } of [one, two]) for (const [key, unit] of units) addUnit(merged, key, unit)
  return merged
}

function addUnit(tally: ControlTally, key: string, more: UnitTally): void {
  const known = tally.units.get(key)
  if (known === undefined) {
    if (tally.units.size < tallyLimits.units) tally.units.set(key, more)
    else tally.leftOut += more.pairs
    return
  }
  const shapes = { ...known.shapes }
  for (const [shape, count] of Object.entries(more.shapes) as [ChangeShape, number][]) {
    shapes[shape] = (shapes[shape] ?? 0) + count
  }
  tally.units.set(key, {
    unit: known.unit,
    pairs: known.pairs + more.pairs,
    shapes,
    maxSkewMs: Math.max(known.maxSkewMs, more.maxSkewMs),
    examples: [...known.examples, ...more.examples].slice(0, tallyLimits.examples),
  })
}

function skewMs({ primary, shadow }: Difference): number {
  return Math.abs((timestampMs(primary ?? null) ?? 0) - (timestampMs(shadow ?? null) ?? 0))
}

/** Of a unit as it is stored in a row. */
export function tallyFromRows(pairs: Iterable<[string, number]>, units: Iterable<UnitTally>): ControlTally {
  const tally = emptyTally()
  for (const [endpoint, count] of pairs) tally.pairs.set(endpoint, count)
  for (const unit of units) addUnit(tally, unitKey(unit.unit), unit)
  return tally
}
