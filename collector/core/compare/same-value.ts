// Whether two JSON values say the same, and a number for each value that equal ones share.
import { canonicalNumber, ExactNumber, isSameNumber } from './exact-number.ts'
import type { JsonValue } from './parse-json.ts'

export type JsonObject = { [key: string]: JsonValue }

export function isNumber(value: JsonValue): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber
}

export function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

/** Equal in meaning, objects whatever the order of their keys. Looks no further than the first difference. */
export function isSameValue(one: JsonValue, two: JsonValue): boolean {
  if (one === two) return true
  if (isNumber(one) && isNumber(two)) return isSameNumber(one, two)
  if (Array.isArray(one)) {
    if (!Array.isArray(two) || one.length !== two.length) return false
    for (let i = 0; i < one.length; i += 1) if (!isSameValue(one[i] as JsonValue, two[i] as JsonValue)) return false
    return true
  }
  if (!isObject(one) || !isObject(two)) return false
  // Loops rather than lists of keys: this is most of what documents cost that say the same in other bytes.
  let unmatched = 0
  for (const key in one) {
    if (!Object.hasOwn(two, key) || !isSameValue(one[key] as JsonValue, two[key] as JsonValue)) return false
    unmatched += 1
  }
  for (const _key in two) unmatched -= 1
  return unmatched === 0
}

/** Gives equal values the same number. Every value is looked at once, however often it is asked for. */
export type Numbering = (value: JsonValue) => number

export function createNumbering(): Numbering {
  const numbers = new Map<string, number>()
  const known = new Map<object, number>()
  const numberOf = (text: string): number => {
    const found = numbers.get(text)
    if (found !== undefined) return found
    numbers.set(text, numbers.size)
    return numbers.size - 1
  }
  const numbering = (value: JsonValue): number => {
    if (isNumber(value)) return numberOf(`n${canonicalNumber(value)}`)
    if (typeof value !== 'object' || value === null)
      return numberOf(typeof value === 'string' ? `s${value}` : `${value}`)
    const found = known.get(value)
    if (found !== undefined) return found
    const text = Array.isArray(value)
      ? `[${value.map(numbering).join()}`
      : `{${Object.keys(value)
          .sort()
          .map((key) => `${numberOf(`k${key}`)}:${numbering(value[key] as JsonValue)}`)
          .join()}`
    const number = numberOf(text)
    known.set(value, number)
    return number
  }
  return numbering
}
