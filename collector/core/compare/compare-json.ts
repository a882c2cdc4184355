// Two JSON values to differences. Equal branches are taken out first (json-diff-ts costs six times the parse of both
// documents, equal ones included); json-diff-ts compares what is left, and its nested changeset gives the pointers:
// its own flat paths are no valid JSONPath for keys such as `a.b`.
import { diff, type IChange } from 'json-diff-ts'
import type { Difference } from '../comparison.ts'
import { storableText } from '../storable.ts'
import type { CompareLimits } from './comparable.ts'
import { ExactNumber, isSameNumber } from './exact-number.ts'
import type { JsonValue } from './parse-json.ts'
import { shownJson, shownTexts } from './shown-value.ts'

/**
 * Differences with RFC 6901 pointers; arrays by position. Finds at most one more than `maxDifferences`.
 * Both values nested no deeper than `maxDepth`.
 */
export function compareJson(before: JsonValue, after: JsonValue, limits: CompareLimits): Difference[] {
  const unequal = unequalParts(before, after, { left: limits.maxDifferences + 1 })
  if (unequal === null) return []
  const differences: Difference[] = []
  // One key around both roots, so that a root that is no object is a change like any other.
  collect(diff({ root: unequal.before }, { root: unequal.after }), null, differences, limits)
  return differences
}

type Branch = JsonValue | { [key: string]: Branch }
type Unequal = { before: Branch; after: Branch }

/**
 * Both values without what is equal in them, or null when all is. Arrays become objects keyed by position, so that
 * leaving an element out moves no other. Values that differ as a whole are handed on untouched.
 */
function unequalParts(before: JsonValue, after: JsonValue, budget: { left: number }): Unequal | null {
  if (before === after) return null
  if (isNumber(before) && isNumber(after) && isSameNumber(before, after)) return null
  if (Array.isArray(before) && Array.isArray(after)) return unequalElements(before, after, budget)
  if (isObject(before) && isObject(after)) return unequalMembers(before, after, budget)
  budget.left -= 1
  return { before, after }
}

function unequalElements(before: JsonValue[], after: JsonValue[], budget: { left: number }): Unequal | null {
  const parts = emptyParts()
  const shared = Math.min(before.length, after.length)
  for (let i = 0; i < shared && budget.left > 0; i += 1) {
    keep(parts, String(i), unequalParts(before[i] as JsonValue, after[i] as JsonValue, budget))
  }
  for (let i = shared; i < before.length && budget.left > 0; i += 1, budget.left -= 1) {
    parts.before[i] = before[i] as JsonValue
    parts.any = true
  }
  for (let i = shared; i < after.length && budget.left > 0; i += 1, budget.left -= 1) {
    parts.after[i] = after[i] as JsonValue
    parts.any = true
  }
  return parts.any ? parts : null
}

type JsonObject = { [key: string]: JsonValue }

function unequalMembers(before: JsonObject, after: JsonObject, budget: { left: number }): Unequal | null {
  const parts = emptyParts()
  for (const key of Object.keys(before)) {
    if (budget.left <= 0) break
    const value = before[key] as JsonValue
    if (Object.hasOwn(after, key)) keep(parts, key, unequalParts(value, after[key] as JsonValue, budget))
    else {
      parts.before[key] = value
      parts.any = true
      budget.left -= 1
    }
  }
  for (const key of Object.keys(after)) {
    if (budget.left <= 0) break
    if (Object.hasOwn(before, key)) continue
    parts.after[key] = after[key] as JsonValue
    parts.any = true
    budget.left -= 1
  }
  return parts.any ? parts : null
}

type Parts = { before: { [key: string]: Branch }; after: { [key: string]: Branch }; any: boolean }

/** Objects without a prototype: a captured key `__proto__` is a key like any other there. */
function emptyParts(): Parts {
  return { before: Object.create(null), after: Object.create(null), any: false }
}

function keep(parts: Parts, key: string, unequal: Unequal | null): void {
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

/** RFC 6901: `~` is written `~0`, `/` is written `~1`. */
function pointerToken(key: string): string {
  return storableText(key.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function isNumber(value: JsonValue): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return isNumber(value) ? 'number' : typeof value
}
