// Values as a person is shown them: bounded, and fit for PostgreSQL.
import type { ShownValue } from '../comparison.ts'
import { storableJson, storableText } from '../storable.ts'
import type { CompareLimits } from './comparable.ts'
import { ExactNumber } from './exact-number.ts'
import type { JsonValue } from './parse-json.ts'

/** Characters kept before the first difference when two long texts begin alike. */
const LEAD_CHARS = 40

export function shownText(text: string, limits: CompareLimits): string {
  const cut = text.length > limits.maxShownChars ? `${text.slice(0, limits.maxShownChars - 1)}…` : text
  return storableText(cut)
}

/** Two texts that differ, each cut so that the first difference is in sight. */
export function shownTexts(before: string, after: string, limits: CompareLimits): { primary: string; shadow: string } {
  const same = commonPrefixLength(before, after)
  const skip = same > limits.maxShownChars / 2 ? same - LEAD_CHARS : 0
  const from = (text: string) => (skip === 0 ? text : `…${text.slice(skip)}`)
  return { primary: shownText(from(before), limits), shadow: shownText(from(after), limits) }
}

/** A JSON value as it is; one that is longer than the limit as the beginning of its text, ending in `…`. */
export function shownJson(value: JsonValue, limits: CompareLimits): ShownValue {
  if (typeof value === 'string') return shownText(value, limits)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value instanceof ExactNumber) return shownText(value.text, limits)
  if (value === null || typeof value === 'boolean') return value
  const text = storableJson(value)
  return text.length > limits.maxShownChars ? shownText(text, limits) : (JSON.parse(text) as ShownValue)
}

export function commonPrefixLength(one: string, two: string): number {
  const end = Math.min(one.length, two.length)
  let i = 0
  while (i < end && one.charCodeAt(i) === two.charCodeAt(i)) i += 1
  return i
}
