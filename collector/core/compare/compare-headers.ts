// Headers of both sides: names without regard to case, values as lists, volatile ones left out.
import type { Difference, ShownValue } from '../comparison.ts'
import { storableText } from '../storable.ts'
import type { HeaderValues } from '../tap-record.ts'
import type { CompareLimits } from './comparable.ts'

/** Left out always: they change from answer to answer whatever the service says. */
const VOLATILE_HEADERS: readonly string[] = [
  'age',
  'connection',
  'date',
  'keep-alive',
  'server-timing',
  'traceparent',
  // Trailers are compared by themselves, and Traefik names them in any order.
  'trailer',
  'transfer-encoding',
  'x-request-id',
]

/** Left out where the bodies themselves are compared: they only repeat what the body says. */
const BODY_HEADERS: readonly string[] = ['content-length', 'etag']

/** Left out always: our own. */
const VOLATILE_PREFIX = 'x-understudy-'

type Weight = 'compared' | 'volatile' | 'body'
type HeaderName = { lower: string; weight: Weight }

const volatileNames = new Set(VOLATILE_HEADERS)
const bodyNames = new Set(BODY_HEADERS)

// Services use few header names again and again: looking one up is several times cheaper than lowering it.
const MAX_KNOWN_NAMES = 2_000
const knownNames = new Map<string, HeaderName>()

function headerName(name: string): HeaderName {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  const isVolatile = volatileNames.has(lower) || lower.startsWith(VOLATILE_PREFIX)
  const made: HeaderName = { lower, weight: isVolatile ? 'volatile' : bodyNames.has(lower) ? 'body' : 'compared' }
  if (knownNames.size < MAX_KNOWN_NAMES && name.length <= 100) knownNames.set(name, made)
  return made
}

function isLeftOut(name: string, bodyCompared: boolean): boolean {
  const { weight } = headerName(name)
  return weight === 'volatile' || (weight === 'body' && bodyCompared)
}

/**
 * True when both sides' headers certainly say the same; false may still mean the same (names in another case), which
 * `compareHeaders` finds out. Costs about a microsecond: it runs on every pair.
 */
function hasEqualHeaders(primary: HeaderValues, other: HeaderValues, bodyCompared: boolean): boolean {
  let unmatched = 0
  for (const name in primary) {
    if (isLeftOut(name, bodyCompared)) continue
    if (!Object.hasOwn(other, name) || !isSameList(primary[name], other[name])) return false
    unmatched += 1
  }
  for (const name in other) if (!isLeftOut(name, bodyCompared)) unmatched -= 1
  return unmatched === 0
}

/** Differences with paths `header:<lower-case name>` or `trailer:<lower-case name>`, in the order of the names. */
export function compareHeaders(
  primary: HeaderValues,
  other: HeaderValues,
  bodyCompared: boolean,
  limits: CompareLimits,
  place: 'header' | 'trailer' = 'header',
): Difference[] {
  if (hasEqualHeaders(primary, other, bodyCompared)) return []
  const primaryLists = byLowerName(primary, bodyCompared)
  const otherLists = byLowerName(other, bodyCompared)
  const names = [...new Set([...primaryLists.keys(), ...otherLists.keys()])].sort()
  const differences: Difference[] = []
  for (const name of names) {
    const before = primaryLists.get(name)
    const after = otherLists.get(name)
    const path = `${place}:${storableText(name)}`
    if (before === undefined) differences.push({ path, kind: 'added', shadow: shownList(after ?? [], limits) })
    else if (after === undefined) differences.push({ path, kind: 'removed', primary: shownList(before, limits) })
    else if (!isSameList(before, after)) {
      differences.push({ path, kind: 'changed', primary: shownList(before, limits), shadow: shownList(after, limits) })
    }
  }
  return differences
}

function byLowerName(headers: HeaderValues, bodyCompared: boolean): Map<string, string[]> {
  const lists = new Map<string, string[]>()
  for (const [name, values] of Object.entries(headers)) {
    if (isLeftOut(name, bodyCompared)) continue
    const { lower } = headerName(name)
    lists.set(lower, [...(lists.get(lower) ?? []), ...values])
  }
  return lists
}

function isSameList(one: string[] | undefined, two: string[] | undefined): boolean {
  if (one === undefined || two === undefined || one.length !== two.length) return false
  for (let i = 0; i < one.length; i += 1) if (one[i] !== two[i]) return false
  return true
}

function shownList(values: string[], limits: CompareLimits): ShownValue {
  const shown: string[] = []
  let room = limits.maxShownChars
  for (const value of values) {
    if (room <= 0) return [...shown, '…']
    shown.push(storableText(value.length > room ? `${value.slice(0, room)}…` : value))
    room -= value.length + 1
  }
  return shown.length === 1 ? (shown[0] ?? '') : shown
}
