// Two JSON values to differences. Equal branches are taken out first (json-diff-ts costs six times the parse of both
// documents, equal ones included); json-diff-ts compares what is left, and its nested changeset gives the pointers:
// its own flat paths are no valid JSONPath for keys such as `a.b`.
import { diff, type IChange } from 'json-diff-ts'
import type { Difference } from '../comparison.ts'
import { type ArrayRule, type ArrayRules, createArrayRules } from './array-rules.ts'
import type { CompareLimits } from './comparable.ts'
import { isSameNumber } from './exact-number.ts'
import { type Matched, matchElements } from './match-elements.ts'
import type { JsonValue } from './parse-json.ts'
import { pointerOf, pointerToken } from './pointer.ts'
import { createNumbering, isNumber, isObject, isSameValue, type JsonObject, type Numbering } from './same-value.ts'
import { shownJson, shownTexts } from './shown-value.ts'

/**
 * Differences with RFC 6901 pointers. Elements of arrays are matched as match-elements.ts says; one that both sides
 * have is named by its position in the primary. Finds at most one more than `maxDifferences`.
 * Both values nested no deeper than `maxDepth`.
 */
export function compareJson(
  before: JsonValue,
  after: JsonValue,
  limits: CompareLimits,
  arrays: readonly ArrayRule[] = [],
): Difference[] {
  const walk: Walk = {
    left: limits.maxDifferences + 1,
    path: [],
    arrays: createArrayRules(arrays),
    numbering: null,
    found: [],
    limits,
  }
  const unequal = unequalParts(before, after, walk)
  const differences: Difference[] = []
  if (unequal !== null) {
    // One key around both roots, so that a root that is no object is a change like any other.
    collect(diff({ root: unequal.before }, { root: unequal.after }), null, differences, limits)
  }
  return walk.found.length === 0 ? differences : [...differences, ...walk.found]
}

type Branch = JsonValue | { [key: string]: Branch }
type Unequal = { before: Branch; after: Branch }

type Walk = {
  /** Differences that may still be found. */
  left: number
  /** Keys down to where the walk is. */
  path: string[]
  arrays: ArrayRules
  /** Made once it is needed. */
  numbering: Numbering | null
  /** What json-diff-ts cannot tell: moved elements, and added ones whose position the other side uses too. */
  found: Difference[]
  limits: CompareLimits
}

/**
 * Both values without what is equal in them, or null when all is. Arrays become objects keyed by position, so that
 * leaving an element out moves no other. Values that differ as a whole are handed on untouched.
 */
function unequalParts(before: JsonValue, after: JsonValue, walk: Walk): Unequal | null {
  if (before === after) return null
  if (isNumber(before) && isNumber(after) && isSameNumber(before, after)) return null
  if (Array.isArray(before) && Array.isArray(after)) return unequalElements(before, after, walk)
  if (isObject(before) && isObject(after)) return unequalMembers(before, after, walk)
  walk.left -= 1
  return { before, after }
}

function unequalElements(before: JsonValue[], after: JsonValue[], walk: Walk): Unequal | null {
  const start = firstUnequal(before, after)
  if (start === before.length && start === after.length) return null
  const matched = matchElements(before, after, start, walk.arrays.at(walk.path), numberingOf(walk))
  const parts = emptyParts()
  for (const [i, j] of matched.pairs) {
    if (walk.left <= 0) break
    keep(parts, String(i), before[i] as JsonValue, after[j] as JsonValue, walk)
  }
  for (const i of matched.removed) {
    if (walk.left-- <= 0) break
    parts.before[i] = before[i] as JsonValue
    parts.any = true
  }
  for (const j of matched.added) {
    if (walk.left-- <= 0) break
    const value = after[j] as JsonValue
    if (j < before.length)
      addFound(
        { path: pointerOf([...walk.path, String(j)]), kind: 'added', shadow: shownJson(value, walk.limits) },
        walk,
      )
    else {
      parts.after[j] = value
      parts.any = true
    }
  }
  if (matched.order !== null && walk.left-- > 0) addFound(reordered(before, after, matched.order, walk), walk)
  return parts.any ? parts : null
}

function firstUnequal(before: JsonValue[], after: JsonValue[]): number {
  const shared = Math.min(before.length, after.length)
  let start = 0
  while (start < shared && isSameValue(before[start] as JsonValue, after[start] as JsonValue)) start += 1
  return start
}

function numberingOf(walk: Walk): Numbering {
  walk.numbering ??= createNumbering()
  return walk.numbering
}

/** Said once for an array, by the keys of its elements where they have one. */
function reordered(
  before: JsonValue[],
  after: JsonValue[],
  { by, from, to }: NonNullable<Matched['order']>,
  { path, limits }: Walk,
): Difference {
  const shown = (elements: JsonValue[], positions: number[]) => {
    const values = positions.map((at) => elements[at] as JsonValue)
    const named = by === null ? values : values.map((value) => (value as JsonObject)[by] as JsonValue)
    return shownJson(named, limits)
  }
  return { path: pointerOf(path), kind: 'reordered', primary: shown(before, from), shadow: shown(after, to) }
}

function addFound(difference: Difference, walk: Walk): void {
  walk.found.push(difference)
}

function unequalMembers(before: JsonObject, after: JsonObject, walk: Walk): Unequal | null {
  const parts = emptyParts()
  for (const key of Object.keys(before)) {
    if (walk.left <= 0) break
    const value = before[key] as JsonValue
    if (Object.hasOwn(after, key)) keep(parts, key, value, after[key] as JsonValue, walk)
    else {
      parts.before[key] = value
      parts.any = true
      walk.left -= 1
    }
  }
  for (const key of Object.keys(after)) {
    if (walk.left <= 0) break
    if (Object.hasOwn(before, key)) continue
    parts.after[key] = after[key] as JsonValue
    parts.any = true
    walk.left -= 1
  }
  return parts.any ? parts : null
}

type Parts = { before: { [key: string]: Branch }; after: { [key: string]: Branch }; any: boolean }

/** Objects without a prototype: a captured key `__proto__` is a key like any other there. */
function emptyParts(): Parts {
  return { before: Object.create(null), after: Object.create(null), any: false }
}

function keep(parts: Parts, key: string, before: JsonValue, after: JsonValue, walk: Walk): void {
  walk.path.push(key)
  const unequal = unequalParts(before, after, walk)
  walk.path.pop()
  if (unequal === null) return
  parts.before[key] = unequal.before
  parts.after[key] = unequal.after
  parts.any = true
}

/** `parent` is null for the key around the roots, whose own pointer is empty. */
function collect(changes: IChange[], parent: string | null, differences: Difference[], limits: CompareLimits): void {
  for (let i = 0; i < changes.length; i += 1) {
    const change = changes[i] as IChange
    const path = parent === null ? '' : `${parent}/${pointerToken(change.key)}`
    if (change.changes !== undefined) collect(change.changes, path, differences, limits)
    else if (change.type === 'UPDATE') differences.push(changed(path, change.oldValue, change.value, limits))
    else if (change.type === 'ADD') differences.push({ path, kind: 'added', shadow: shownJson(change.value, limits) })
    else {
      const next = changes[i + 1]
      // json-diff-ts says a change of type as REMOVE and ADD of the same key, one after the other.
      if (next?.type === 'ADD' && next.key === change.key) {
        differences.push(changed(path, change.value, next.value, limits))
        i += 1
      } else differences.push({ path, kind: 'removed', primary: shownJson(change.value, limits) })
    }
  }
}

function changed(path: string, before: JsonValue, after: JsonValue, limits: CompareLimits): Difference {
  const kind = typeName(before) === typeName(after) ? 'changed' : 'type'
  if (typeof before === 'string' && typeof after === 'string') {
    return { path, kind, ...shownTexts(before, after, limits) }
  }
  return { path, kind, primary: shownJson(before, limits), shadow: shownJson(after, limits) }
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return isNumber(value) ? 'number' : typeof value
}
