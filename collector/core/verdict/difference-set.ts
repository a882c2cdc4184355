// The differences of one pair as units of noise, and as the set under which the pair is counted.
//
// Whether a pair differs outside the noisy units has to stay known when a unit turns out noisy later. So pairs are
// counted by the set of units they differ in. The noisy units only ever grow (until a reset), and a set S lies within
// noisy units N′ ⊇ N exactly when S without N does: a writer may leave out what is noisy already, which bounds the sets
// to what the learning phase shows, and changes no verdict, in whatever order the pairs come.
import { createHash } from 'node:crypto'
import type { Difference, DifferenceKind } from '../comparison.ts'
import { LEARNED } from '../noise/learned-noise.ts'
import { fieldKey } from '../noise/noise-unit.ts'
import { placeOf } from '../noise/place.ts'
import { storableText } from '../storable.ts'

/** Units told apart in one pair; the rest is one unit, `MORE`. */
export const MAX_UNITS_PER_PAIR = 32
/** Bounds of one endpoint. */
export const MAX_UNITS_PER_ENDPOINT = 512
export const MAX_SETS_PER_ENDPOINT = 512
const MAX_KEY_BYTES = 900

/** Whatever a pair has beyond the bounds: noisy like any other unit once the control shows it. */
export const MORE = 'changed …'

export function unitOfKey(key: string): { path: string; kind: DifferenceKind } {
  const space = key.indexOf(' ')
  return { kind: key.slice(0, space) as DifferenceKind, path: key.slice(space + 1) }
}

/**
 * The units one pair differs in, sorted, each once; differences that a rule covers are none, those that are learned
 * noise are: the verdict weighs them against the control itself. `isCut`: more were found than are given.
 */
export function unitsOf(differences: readonly Difference[], isCut: boolean): string[] {
  const keys = new Set<string>()
  for (const { path, kind, rule } of differences) {
    if (rule === undefined || rule === LEARNED)
      keys.add(boundedKey(storableText(fieldKey({ path: placeOf(path), kind }))))
  }
  const sorted = [...keys].sort()
  if (sorted.length <= MAX_UNITS_PER_PAIR && !isCut) return sorted
  return [...sorted.slice(0, MAX_UNITS_PER_PAIR - 1).filter((key) => key !== MORE), MORE].sort()
}

/** The set under which a pair is counted: its units without those already known as noisy. Empty: nothing to count. */
export function reducedSet(units: readonly string[], isNoisy: (key: string) => boolean): string[] {
  return units.filter((key) => !isNoisy(key))
}

/** A key is part of an index in the store: no more bytes than it takes. */
function boundedKey(key: string): string {
  if (key.length <= MAX_KEY_BYTES / 3 || Buffer.byteLength(key) <= MAX_KEY_BYTES) return key
  return `${key.slice(0, MAX_KEY_BYTES / 4).toWellFormed()}… ${unitId(key)}`
}

/** Ids that are remembered: the same few units come again and again. */
const MAX_REMEMBERED = 10_000
const remembered = new Map<string, string>()

/** A unit in 12 characters, for a set has many and is itself part of a key. */
export function unitId(key: string): string {
  const known = remembered.get(key)
  if (known !== undefined) return known
  const id = createHash('sha256').update(key).digest('base64url').slice(0, 12)
  if (remembered.size < MAX_REMEMBERED) remembered.set(key, id)
  return id
}

/** A set as the text of a column, at most 415 characters. */
export function setKey(units: readonly string[]): string {
  return units.map(unitId).join(' ')
}

/** The reverse; `keyOf` tells a unit by its id. One that it does not know stays an id, and is never noisy. */
export function unitsOfSetKey(text: string, keyOf: ReadonlyMap<string, string>): string[] {
  return text.split(' ').map((id) => keyOf.get(id) ?? id)
}
