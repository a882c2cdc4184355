// Whether a difference is one that a treatment allows: a field treated as a uuid must still be one on both sides.
import type { Treatment } from '../../../plugin-config/rules.ts'
import type { Difference, ShownValue } from '../comparison.ts'
import { isCounter, isToken, isUlid, isUuid, numberOf, timestampMs, urlWithoutHost } from './value-shape.ts'

export function coversValues(treat: Treatment, difference: Difference): boolean {
  if (treat.as === 'ignore' || treat.as === 'expected') return true
  if (treat.as === 'unordered') return difference.kind === 'reordered'
  // Added, removed and of another type: the field is no longer on both sides what the rule says it is.
  if (difference.kind !== 'changed') return false
  const before = listOf(difference.primary)
  const after = listOf(difference.shadow)
  if (before.length !== after.length || before.length === 0) return false
  return before.every((value, i) => allows(treat, value, after[i] ?? null))
}

/** A header of several values is shown as a list: each has to fit. */
function listOf(value: ShownValue | undefined): ShownValue[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function allows(treat: Treatment, before: ShownValue, after: ShownValue): boolean {
  const both = (is: (value: ShownValue) => boolean) => is(before) && is(after)
  switch (treat.as) {
    case 'uuid':
      return both(isUuid)
    case 'ulid':
      return both(isUlid)
    case 'token':
      return both(isToken)
    case 'counter':
      return both(isCounter)
    case 'timestamp':
      return isWithin(timestampMs(before), timestampMs(after), treat.skewMs)
    case 'url-host': {
      const rest = urlWithoutHost(before)
      return rest !== null && rest === urlWithoutHost(after)
    }
    case 'number': {
      const [one, two] = [numberOf(before), numberOf(after)]
      if ('within' in treat) return isWithin(one, two, treat.within)
      return isWithin(one, two, (Math.max(Math.abs(one ?? 0), Math.abs(two ?? 0)) * treat.percent) / 100)
    }
    default:
      return false
  }
}

/** A little wider than `most`: 0.3 − 0.2 is more than 0.1 in doubles. */
function isWithin(one: number | null, two: number | null, most: number): boolean {
  if (one === null || two === null || !Number.isFinite(one) || !Number.isFinite(two)) return false
  return Math.abs(one - two) <= most + Number.EPSILON * 4 * Math.max(Math.abs(one), Math.abs(two))
}
