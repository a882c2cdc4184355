// What control comparisons (the primary against itself) have shown so far: counts per endpoint and per unit. Learned
// noise and proposals are told from them alone. Counts of one version of the primary; a new version begins anew.
import type { Difference } from '../comparison.ts'
import type { ChangeShape } from './change-shape.ts'
import { type NoiseUnit, unitKey } from './noise-unit.ts'

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
}

export const tallyLimits = { endpoints: 1_000, units: 5_000, examples: 3 } as const

/**
 * Of pairs by endpoint, and of units as they are stored: one row for each shape of a unit's changes. The same in any order
 * but for the examples, of which the first rows' come first.
 */
export function tallyFromRows(pairs: Iterable<[string, number]>, units: Iterable<UnitTally>): ControlTally {
  const tally: ControlTally = { pairs: new Map(pairs), units: new Map() }
  for (const unit of units) addUnit(tally, unitKey(unit.unit), unit)
  return tally
}

function addUnit(tally: ControlTally, key: string, more: UnitTally): void {
  const known = tally.units.get(key)
  if (known === undefined) {
    if (tally.units.size < tallyLimits.units) tally.units.set(key, more)
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
