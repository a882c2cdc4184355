// The key that names the elements of two arrays, found from the data: every element has it, no two share a value, and
// both sides know enough of the same values. An id made anew for every answer therefore names nothing.
import type { JsonValue } from './parse-json.ts'
import { isNumber, isObject, isSameValue, type Numbering } from './same-value.ts'

/** Keys that name things, the likeliest first. */
const NAMING = [
  /^_?(?:id|ID|Id)$/,
  /^(?:uuid|guid|ulid|key|slug|code|sku|ref|number)$/i,
  /(?:[a-z]I[dD]|_id|-id|_key|_code)$/,
  /^(?:name|email|login|username|href|url|path|isbn|symbol|title)$/i,
] as const

const MAX_CANDIDATES = 6
const MAX_KEY_CHARS = 60

/** Null when there is none, or when an element is no object. */
export function identifyingKey(before: JsonValue[], after: JsonValue[], numbering: Numbering): string | null {
  const [first] = before
  if (first === undefined || after.length === 0 || !isObject(first)) return null
  if (!before.every(isObject) || !after.every(isObject)) return null
  const keys = Object.keys(first).filter((key) => key.length <= MAX_KEY_CHARS)
  const candidates = NAMING.flatMap((naming) => keys.filter((key) => naming.test(key))).slice(0, MAX_CANDIDATES)
  for (const key of candidates) {
    const here = namesOf(before, key, numbering)
    const there = here === null ? null : namesOf(after, key, numbering)
    if (here !== null && there !== null && isEnoughShared(here, there)) return key
  }
  return null
}

/** True when both are objects whose likeliest naming key holds the same on both sides. */
export function hasSameName(one: JsonValue, two: JsonValue): boolean {
  if (!isObject(one) || !isObject(two)) return false
  for (const naming of NAMING) {
    for (const key in one) {
      if (key.length > MAX_KEY_CHARS || !naming.test(key)) continue
      return Object.hasOwn(two, key) && isName(one[key]) && isSameValue(one[key] as JsonValue, two[key] as JsonValue)
    }
  }
  return false
}

/** The values under the key, or null when one lacks it, comes twice, or names nothing. */
function namesOf(elements: JsonValue[], key: string, numbering: Numbering): Set<number> | null {
  const names = new Set<number>()
  for (const element of elements) {
    if (!isObject(element) || !Object.hasOwn(element, key)) return null
    const value = element[key] as JsonValue
    if (!isName(value)) return null
    const name = numbering(value)
    if (names.has(name)) return null
    names.add(name)
  }
  return names
}

function isEnoughShared(here: Set<number>, there: Set<number>): boolean {
  let shared = 0
  for (const name of here) if (there.has(name)) shared += 1
  return shared * 2 >= Math.min(here.size, there.size)
}

function isName(value: JsonValue | undefined): boolean {
  return typeof value === 'string' ? value !== '' : value !== undefined && isNumber(value)
}
