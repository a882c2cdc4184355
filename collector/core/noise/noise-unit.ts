// The unit of noise: endpoint, place and kind. A field that is noisy by `changed` still counts when it is `removed`.
import { createHash } from 'node:crypto'
import type { Difference, DifferenceKind } from '../comparison.ts'
import { placeOf } from './place.ts'

export type NoiseUnit = { endpoint: string; path: string; kind: DifferenceKind }

/** Units of one pair that are kept; a pair of a service gone wild has as many differences as the comparer keeps. */
const MAX_UNITS = 200

/** Each unit once, with the first difference that is of it. Differences that a rule covers already are left out. */
export function unitsOf(endpoint: string, differences: readonly Difference[]): Map<string, [NoiseUnit, Difference]> {
  const units = new Map<string, [NoiseUnit, Difference]>()
  for (const difference of differences) {
    if (difference.noise === true) continue
    const unit = { endpoint, path: placeOf(difference.path), kind: difference.kind }
    const key = unitKey(unit)
    if (!units.has(key)) units.set(key, [unit, difference])
    if (units.size >= MAX_UNITS) break
  }
  return units
}

/** Unique for a unit; a name for maps, nothing to show. */
export function unitKey(unit: NoiseUnit): string {
  return `${fieldKey(unit)}\n${unit.endpoint}`
}

/** Unique for a unit within its endpoint, and readable: `changed /items/*\/at`. */
export function fieldKey({ path, kind }: Omit<NoiseUnit, 'endpoint'>): string {
  return `${kind} ${path}`
}

/** The same for the same unit in every process, and short whatever the endpoint: 16 hex characters. */
export function unitId(unit: NoiseUnit): string {
  return createHash('sha256').update(unitKey(unit)).digest('hex').slice(0, 16)
}
