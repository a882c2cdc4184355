// What a value looks like: an id, a time, a counter. Rules ask it of both sides, noise and causes name values by it.
// Every pattern here is anchored and linear; every text is bounded before it is looked at.
import type { ShownValue } from '../comparison.ts'

export type ValueShape = 'uuid' | 'ulid' | 'timestamp' | 'counter' | 'url' | 'token' | 'other'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
const TOKEN = /^[A-Za-z0-9+/_=.~:-]{8,}$/
const WHOLE = /^(?:0|[1-9]\d{0,19})$/
const DECIMAL = /^-?\d{1,400}(?:\.\d{1,400})?(?:e[+-]?\d{1,5})?$/i
/** RFC 3339, also without a zone or with a space, and a day alone. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const HTTP_TIME = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]\d{4})$/

const MAX_TOKEN_CHARS = 4_096
/** 2001 to 2100, in seconds: other whole numbers are counters rather than times. */
const EPOCH_S = [1_000_000_000, 4_102_444_800] as const

export function isUuid(value: ShownValue): boolean {
  return typeof value === 'string' && value.length === 36 && UUID.test(value)
}

export function isUlid(value: ShownValue): boolean {
  return typeof value === 'string' && value.length === 26 && ULID.test(value)
}

/** Eight characters and more of what tokens are written in; a long one may be shown cut. */
export function isToken(value: ShownValue): boolean {
  if (typeof value !== 'string' || value.length > MAX_TOKEN_CHARS) return false
  return TOKEN.test(value.length > 1_000 ? value.replace(/^…/, '').replace(/…$/, '') : value)
}

/** A whole number of 0 or more, as a number or as text. */
export function isCounter(value: ShownValue): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0
  return typeof value === 'string' && WHOLE.test(value)
}

/** A number, also one written as text or shown as text because a double cannot hold it; null for anything else. */
export function numberOf(value: ShownValue): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length < 1_000 && DECIMAL.test(value) ? Number(value) : null
}

/** Milliseconds since 1970 of an RFC 3339 or HTTP time or of an epoch in s, ms, µs or ns; null for anything else. */
export function timestampMs(value: ShownValue): number | null {
  if (typeof value === 'string' && value.length <= 40) {
    const text = ISO_TIME.test(value) ? inUtc(value) : HTTP_TIME.test(value) ? value : null
    const ms = text === null ? Number.NaN : Date.parse(text)
    if (text !== null) return Number.isNaN(ms) ? null : ms
  }
  const number = typeof value === 'string' && !WHOLE.test(value) ? null : numberOf(value)
  if (number === null) return null
  for (const [perSecond, toMs] of [
    [1, 1_000],
    [1e3, 1],
    [1e6, 1e-3],
    [1e9, 1e-6],
  ] as const) {
    if (number >= EPOCH_S[0] * perSecond && number <= EPOCH_S[1] * perSecond) return number * toMs
  }
  return null
}

/** Without a zone it is UTC: the machine's own must not decide. */
function inUtc(time: string): string {
  const text = time.replace(' ', 'T').replace(',', '.')
  return text.length === 10 || /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`
}

/** An absolute URL without what names its host, so that two may be compared; null for anything else. */
export function urlWithoutHost(value: ShownValue): string | null {
  if (
    typeof value !== 'string' ||
    value.length > 8_192 ||
    value.includes('…') ||
    !/^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(value)
  ) {
    return null
  }
  const parsed = URL.parse(value)
  if (parsed === null || parsed.host === '') return null
  const user = parsed.username === '' ? '' : `${parsed.username}:${parsed.password}@`
  return `${parsed.protocol}//${user}${parsed.pathname}${parsed.search}${parsed.hash}`
}

/** The narrowest shape; `counter` before `token`, and a word of letters alone is no token. */
export function shapeOf(value: ShownValue): ValueShape {
  if (typeof value !== 'string' && typeof value !== 'number') return 'other'
  if (isUuid(value)) return 'uuid'
  if (isUlid(value)) return 'ulid'
  if (timestampMs(value) !== null) return 'timestamp'
  if (isCounter(value)) return 'counter'
  if (typeof value === 'number') return 'other'
  if (urlWithoutHost(value) !== null) return 'url'
  return isToken(value) && isMixed(value) ? 'token' : 'other'
}

/** Digits and letters, or small letters and capitals beyond a first one: what words seldom are. */
function isMixed(text: string): boolean {
  if (/\d/.test(text)) return /[A-Za-z]/.test(text)
  return text.length >= 16 && /[a-z][A-Z]/.test(text)
}
