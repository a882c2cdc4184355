// Whether two JSON texts say the same although their bytes differ (other order of keys, other white space), told
// exactly and without a value being made: cheaper than parsing them.
import type { CompareLimits } from './comparable.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  createBytesReader,
  createTapeReader,
  ENTRY,
  type JsonBytes,
  type JsonTape,
  nextByte,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './json-tape.ts'
import { commonPrefixLength } from './shown-value.ts'

/** Objects of up to this many members are searched member by member, bigger ones by a map. */
const FEW_MEMBERS = 24
/** No position. */
const NONE = -1

const readBefore = createBytesReader()
const readAfter = createTapeReader()

/**
 * True only for two valid documents that are equal in meaning and repeat no key in an object. False says nothing: they
 * differ, or the same is written in two ways (`1` and `1.0`, `"é"` and `"\u00e9"`), or a text is no JSON.
 */
export function sayTheSame(before: string, after: string, limits: CompareLimits): boolean {
  // Another order of keys leaves the length as it was; what differs otherwise is not worth a closer look.
  if (before.length !== after.length || !mayDifferInKey(before, after)) return false
  const json = readBefore(before)
  const tape = json === null || readAfter(after, limits)
  if (json === null || tape === null || tape === true) return false
  const end = endOfSame(json, nextByte(json.bytes, 0), tape, 0)
  return end !== NONE && nextByte(json.bytes, end) === json.length
}

/** Whether the first difference looks like one of two keys. In doubt either answer is right: one costs more. */
function mayDifferInKey(before: string, after: string): boolean {
  const at = commonPrefixLength(before, after)
  return KEY_END.test(endOfString(before, at)) || KEY_END.test(endOfString(after, at))
}

const KEY_END = /^"\s*:/

function endOfString(text: string, at: number): string {
  const quote = text.indexOf('"', at)
  return quote === -1 ? '' : text.slice(quote, quote + 8)
}

/**
 * Reads a value of `json` at `at` beside the one at entry `entry` of the tape: the position behind it, or NONE. What
 * follows a value is asked by the caller, so that `12` is no `1`. No deeper than the tape, which is within its limit.
 */
function endOfSame(json: JsonBytes, at: number, tape: JsonTape, entry: number): number {
  const code = tape.bytes[tape.entries[entry] as number]
  if (code === OPEN_BRACE) return endOfSameObject(json, at, tape, entry)
  if (code === OPEN_BRACKET) return endOfSameArray(json, at, tape, entry)
  const end = endOfSameBytes(json, at, tape, entry)
  return end === NONE || isValidScalar(tape, entry) ? end : NONE
}

function endOfSameArray(json: JsonBytes, start: number, tape: JsonTape, array: number): number {
  const { bytes } = json
  if (bytes[start] !== OPEN_BRACKET) return NONE
  const end = tape.entries[array + 2] as number
  let at = nextByte(bytes, start + 1)
  for (let entry = array + ENTRY; entry < end; entry = behind(tape, entry)) {
    if (entry > array + ENTRY) {
      if (bytes[at] !== COMMA) return NONE
      at = nextByte(bytes, at + 1)
    }
    at = endOfSame(json, at, tape, entry)
    if (at === NONE) return NONE
    at = nextByte(bytes, at)
  }
  return bytes[at] === CLOSE_BRACKET ? at + 1 : NONE
}

function endOfSameObject(json: JsonBytes, start: number, tape: JsonTape, object: number): number {
  const { bytes } = json
  if (bytes[start] !== OPEN_BRACE) return NONE
  const members = tape.entries[object + 1] as number
  const found = openMembers(tape, object, members)
  if (found === null) return NONE
  let at = nextByte(bytes, start + 1)
  for (let n = 0; n < members; n += 1) {
    if (n > 0) {
      if (bytes[at] !== COMMA) return NONE
      at = nextByte(bytes, at + 1)
    }
    const behindKey = endOfFoundKey(json, at, tape, object, found)
    if (behindKey === NONE || !isFirstVisit(found)) return NONE
    at = nextByte(bytes, behindKey)
    if (bytes[at] !== COLON) return NONE
    at = endOfSame(json, nextByte(bytes, at + 1), tape, found.entry + ENTRY)
    if (at === NONE) return NONE
    at = nextByte(bytes, at)
    found.entry = behind(tape, found.entry + ENTRY)
    found.ordinal += 1
  }
  return bytes[at] === CLOSE_BRACE ? at + 1 : NONE
}

/** Where a walk through the members of the tape's object stands, and which of them it met. */
type Members = {
  entry: number
  /** The how manyth member that is; kept for few members alone. */
  ordinal: number
  /** One bit for each of few members. */
  seenFew: number
  /** For many members: how one is found by its key, and the entries that were met. */
  many: { seek: Seek; seen: Set<number> } | null
}

/**
 * Null when a key is there twice. As many keys here as there, each found, each at another member, and all of those
 * different: then no key is repeated.
 */
function openMembers(tape: JsonTape, object: number, members: number): Members | null {
  const first = { entry: object + ENTRY, ordinal: 0, seenFew: 0 }
  if (members <= FEW_MEMBERS) return repeatsKey(tape, object) ? null : { ...first, many: null }
  const seek = createSeek(tape, object)
  return seek === null ? null : { ...first, many: { seek, seen: new Set() } }
}

/** Moves to the member with the key at `at`: the position behind the key, or NONE where no member has it. */
function endOfFoundKey(json: JsonBytes, at: number, tape: JsonTape, object: number, found: Members): number {
  const end = tape.entries[object + 2] as number
  // Most often the key behind the one before, as there.
  const behindKey = found.entry < end ? endOfSameKey(json, at, tape, found.entry) : NONE
  if (behindKey !== NONE) return behindKey
  if (found.many !== null) {
    found.entry = found.many.seek(json, at)
    return found.entry === NONE ? NONE : endOfSameKey(json, at, tape, found.entry)
  }
  found.ordinal = 0
  for (found.entry = object + ENTRY; found.entry < end; found.entry = behind(tape, found.entry + ENTRY)) {
    const behindOther = endOfSameKey(json, at, tape, found.entry)
    if (behindOther !== NONE) return behindOther
    found.ordinal += 1
  }
  return NONE
}

/** Marks the member as met; false when it was already. */
function isFirstVisit(found: Members): boolean {
  if (found.many !== null) {
    const { seen } = found.many
    return seen.size !== seen.add(found.entry).size
  }
  const bit = 1 << found.ordinal
  const isFirst = (found.seenFew & bit) === 0
  found.seenFew |= bit
  return isFirst
}

type Seek = (json: JsonBytes, at: number) => number

/** Finds the member of a big object by its key; null when a key is there twice. */
function createSeek(tape: JsonTape, object: number): Seek | null {
  const members = new Map<string, number>()
  const end = tape.entries[object + 2] as number
  for (let entry = object + ENTRY; entry < end; entry = behind(tape, entry + ENTRY)) {
    members.set(textOf(tape, tape.entries[entry] as number, tape.entries[entry + 1] as number), entry)
  }
  if (members.size !== tape.entries[object + 1]) return null
  return (json, at) => {
    const closing = json.bytes.indexOf(QUOTE, at + 1)
    return closing === -1 ? NONE : (members.get(textOf(json, at, closing + 1)) ?? NONE)
  }
}

function repeatsKey(tape: JsonTape, object: number): boolean {
  const end = tape.entries[object + 2] as number
  for (let entry = object + ENTRY; entry < end; entry = behind(tape, entry + ENTRY)) {
    const length = lengthOf(tape, entry)
    for (let other = behind(tape, entry + ENTRY); other < end; other = behind(tape, other + ENTRY)) {
      if (lengthOf(tape, other) !== length) continue
      if (endOfSameBytes(tape, tape.entries[entry] as number, tape, other) !== NONE) return true
    }
  }
  return false
}

function lengthOf({ entries }: JsonTape, entry: number): number {
  return (entries[entry + 1] as number) - (entries[entry] as number)
}

/** Entry behind the value at `entry`. */
function behind({ entries }: JsonTape, entry: number): number {
  const next = entries[entry + 2] as number
  return next > 0 ? next : entry + ENTRY
}

/** NONE for keys with an escape: only the parser knows which of them are one. */
function endOfSameKey(json: JsonBytes, at: number, tape: JsonTape, entry: number): number {
  return tape.entries[entry + 2] === 0 ? endOfSameBytes(json, at, tape, entry) : NONE
}

function endOfSameBytes(json: JsonBytes, start: number, tape: JsonTape, entry: number): number {
  const from = tape.entries[entry] as number
  const end = start + (tape.entries[entry + 1] as number) - from
  if (end > json.length) return NONE
  const shift = from - start
  let at = start
  for (; at + 4 <= end; at += 4) {
    if (json.view.getInt32(at, true) !== tape.view.getInt32(at + shift, true)) return NONE
  }
  for (; at < end; at += 1) if (json.bytes[at] !== tape.bytes[at + shift]) return NONE
  return end
}

/** The tape knows where a scalar stands, not whether it is one. */
function isValidScalar(tape: JsonTape, entry: number): boolean {
  const start = tape.entries[entry] as number
  const end = tape.entries[entry + 1] as number
  const first = tape.bytes[start] as number
  if (first === QUOTE && tape.entries[entry + 2] === 0) return true
  // Whole numbers are most of what is left.
  if (first >= ONE && first <= NINE) {
    let at = start + 1
    while (at < end && isDigit(tape.bytes[at] as number)) at += 1
    if (at === end) return true
  }
  try {
    JSON.parse(textOf(tape, start, end))
    return true
  } catch {
    return false
  }
}

const ONE = 0x31
const NINE = 0x39

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= NINE
}

function textOf({ bytes }: JsonBytes, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}
