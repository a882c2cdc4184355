// Which element of one array stands for which of the other. An element inserted, removed or moved must not make all
// those behind it differ.
import type { ArrayRule } from './array-rules.ts'
import { hasSameName, identifyingKey } from './identifying-key.ts'
import type { JsonValue } from './parse-json.ts'
import { isSameValue, type JsonObject, type Numbering } from './same-value.ts'

export type Matched = {
  /** Positions that stand for each other and may differ inside; pairs known to be equal may be left out. */
  pairs: [before: number, after: number][]
  removed: number[]
  added: number[]
  /** Set when common elements come in another order: their positions on each side, and the key that names them. */
  order: { from: number[]; to: number[]; by: string | null } | null
}

/**
 * Elements before `start` are equal. By a rule where there is one. Else by a key that the data itself shows to name
 * elements (identifying-key.ts); else, where one side is the other in another order, as that; else what is equal at
 * both ends apart, by position.
 */
export function matchElements(
  before: JsonValue[],
  after: JsonValue[],
  start: number,
  rule: ArrayRule | null,
  numbering: Numbering,
): Matched {
  if (rule?.as === 'position') return byPosition(start, before.length, start, after.length)
  if (rule?.as === 'unordered') {
    return rule.by === undefined ? byEquality(before, after, numbering) : byKey(before, after, rule.by, numbering)
  }
  const unequal = before.length === after.length ? unequalPositions(before, after, start) : null
  // The usual case, found without a look at the others: the same elements in the same places, some changed inside.
  if (unequal?.every((at) => hasSameName(before[at] as JsonValue, after[at] as JsonValue))) {
    return { pairs: unequal.map((at) => [at, at]), removed: [], added: [], order: null }
  }
  const key = identifyingKey(before, after, numbering)
  if (key !== null) return byKey(before, after, key, numbering)
  let beforeEnd = before.length
  let afterEnd = after.length
  // Of arrays of one length, what is equal at the end is equal by position as well.
  while (
    beforeEnd > start &&
    afterEnd > start &&
    isSameValue(before[beforeEnd - 1] as JsonValue, after[afterEnd - 1] as JsonValue)
  ) {
    beforeEnd -= 1
    afterEnd -= 1
  }
  return (
    permutation(before, after, start, beforeEnd, afterEnd, numbering) ?? byPosition(start, beforeEnd, start, afterEnd)
  )
}

function unequalPositions(before: JsonValue[], after: JsonValue[], start: number): number[] {
  const positions: number[] = []
  for (let i = start; i < before.length; i += 1) {
    if (!isSameValue(before[i] as JsonValue, after[i] as JsonValue)) positions.push(i)
  }
  return positions
}

function byPosition(before: number, beforeEnd: number, after: number, afterEnd: number): Matched {
  const matched: Matched = { pairs: [], removed: [], added: [], order: null }
  let i = before
  let j = after
  for (; i < beforeEnd && j < afterEnd; i += 1, j += 1) matched.pairs.push([i, j])
  for (; i < beforeEnd; i += 1) matched.removed.push(i)
  for (; j < afterEnd; j += 1) matched.added.push(j)
  return matched
}

/** The same elements in another order between `start` and the ends, or null. */
function permutation(
  before: JsonValue[],
  after: JsonValue[],
  start: number,
  beforeEnd: number,
  afterEnd: number,
  numbering: Numbering,
): Matched | null {
  if (beforeEnd - start !== afterEnd - start || beforeEnd - start < 2) return null
  const here = before.slice(start, beforeEnd).map(numbering).sort(byNumber)
  const there = after.slice(start, afterEnd).map(numbering).sort(byNumber)
  if (here.some((number, i) => number !== there[i])) return null
  const positions = here.map((_, i) => start + i)
  return { pairs: [], removed: [], added: [], order: { from: positions, to: positions, by: null } }
}

const byNumber = (one: number, two: number) => one - two

function byKey(before: JsonValue[], after: JsonValue[], key: string, numbering: Numbering): Matched {
  const keyed = (value: JsonValue) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? numbering((value as JsonObject)[key] as JsonValue)
      : null
  const matched = matchEqual(before.map(keyed), after.map(keyed))
  return withOrder(matched, key)
}

/** Equal elements stand for each other wherever they are; what is left does by its order. */
function byEquality(before: JsonValue[], after: JsonValue[], numbering: Numbering): Matched {
  const matched = withOrder(matchEqual(before.map(numbering), after.map(numbering)), null)
  const left = Math.min(matched.removed.length, matched.added.length)
  const pairs = matched.removed.slice(0, left).map((i, n): [number, number] => [i, matched.added[n] as number])
  return { ...matched, pairs, removed: matched.removed.slice(left), added: matched.added.slice(left) }
}

/** Pairs those with the same name, the first with the first; null names nothing. */
function matchEqual(before: (number | null)[], after: (number | null)[]): Omit<Matched, 'order'> {
  const waiting = new Map<number, number[]>()
  const pairs: [number, number][] = []
  const added: number[] = []
  for (const [j, name] of after.entries()) {
    if (name === null) continue
    const places = waiting.get(name)
    if (places === undefined) waiting.set(name, [j])
    else places.push(j)
  }
  for (const places of waiting.values()) places.reverse()
  const removed: number[] = []
  for (const [i, name] of before.entries()) {
    const j = name === null ? undefined : waiting.get(name)?.pop()
    if (j === undefined) removed.push(i)
    else pairs.push([i, j])
  }
  const taken = new Set(pairs.map(([, j]) => j))
  for (const j of after.keys()) if (!taken.has(j)) added.push(j)
  return { pairs, removed, added }
}

function withOrder(matched: Omit<Matched, 'order'>, by: string | null): Matched {
  const { pairs } = matched
  const isMoved = pairs.some(([, j], n) => n > 0 && j < (pairs[n - 1]?.[1] ?? 0))
  if (!isMoved) return { ...matched, order: null }
  const order = { from: pairs.map(([i]) => i), to: pairs.map(([, j]) => j).sort(byNumber), by }
  return { ...matched, order }
}
