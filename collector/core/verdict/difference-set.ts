// The differences of one pair as units of noise, and as the set under which the pair is counted.
//
// Whether a pair differs outside the noisy units has to stay known when a unit turns out noisy later. So pairs are
// counted by the set of units they differ in. The noisy units only ever grow (until a reset), and a set S lies within
// noisy units N′ ⊇ N exactly when S without N does: a writer may leave out what is noisy already, which bounds the sets
// to what the learning phase shows, and changes no verdict, in whatever order the pairs come.
import type { Difference, DifferenceKind } from '../comparison.ts'

/** Units told apart in one pair; the rest is one unit, `MORE`. */
export const MAX_UNITS_PER_PAIR = 32
/** Bounds of one endpoint. */
export const MAX_UNITS_PER_ENDPOINT = 512
export const MAX_SETS_PER_ENDPOINT = 512
const MAX_PATH_CHARS = 300

/** Whatever a pair has beyond the bounds: noisy like any other unit once the control shows it. */
export const MORE = 'changed …'

export function unitKey(unit: { path: string; kind: DifferenceKind }): string {
  return `${unit.kind} ${unit.path}`
}

export function unitOfKey(key: string): { path: string; kind: DifferenceKind } {
  const space = key.indexOf(' ')
  return { kind: key.slice(0, space) as DifferenceKind, path: key.slice(space + 1) }
}

/** Positions in arrays differ from answer to answer: in the path of a unit each is a star. At most 300 characters. */
export function unitPath(path: string): string {
  const templated = path.startsWith('/') ? path.replace(/\/\d+(?=\/|$)/g, '/*') : path
  return templated.length <= MAX_PATH_CHARS ? templated : `${templated.slice(0, MAX_PATH_CHARS - 1)}…`.toWellFormed()
}

/**
 * The units one pair differs in, sorted, each once; differences that a rule covers are none. `isCut`: more were found
 * than are given.
 */
export function unitsOf(differences: readonly Difference[], isCut: boolean): string[] {
  const keys = new Set<string>()
  for (const { path, kind, rule } of differences) {
    if (rule === undefined) keys.add(unitKey({ path: unitPath(path), kind }))
  }
  const sorted = [...keys].sort()
  if (sorted.length <= MAX_UNITS_PER_PAIR && !isCut) return sorted
  return [...sorted.slice(0, MAX_UNITS_PER_PAIR - 1).filter((key) => key !== MORE), MORE].sort()
}

/** The set under which a pair is counted: its units without those already known as noisy. Empty: nothing to count. */
export function reducedSet(units: readonly string[], isNoisy: (key: string) => boolean): string[] {
  return units.filter((key) => !isNoisy(key))
}

/** A set as the text of a column; `JSON.parse` reads it back. */
export function setKey(units: readonly string[]): string {
  return JSON.stringify(units)
}
