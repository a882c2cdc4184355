// Redaction of bodies that are no JSON documents: forms, and text with JSON or JavaScript somewhere in it.
import type { SecretPatterns } from './secret-patterns.ts'
import { ASCII_ESCAPE, type SecretWords } from './secret-words.ts'

/** What is to be hidden, and what takes its place. */
export type Hide = {
  words: SecretWords
  patterns: SecretPatterns
  /** `hmac:<hex16>` for a secret. */
  value(secret: string): string
  /** True when the body held more secrets than are worth the time: it is not kept then. */
  isSpent(): boolean
}

const ESCAPES = new RegExp(ASCII_ESCAPE, 'gi')
const QUOTED = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'/y
/** As in JSON text inside a string; only a value without escapes of its own, any other one is not told safely. */
const ESCAPED_QUOTED = /(\\+)"[^"\\]*\1"/y
const NUMBER = /-?\d[\d.eE+-]*/y
/** What else may stand behind a quoted key without being a value of its own: a name in a script, a keyword. */
const NAME = /[A-Za-z_$(!]/y
/** Behind a bare key, which may be prose as well, only a string that does not end is suspicious. */
const NO_STRING = /[^"'\\]/y

/** The text with listed values and what looks like a secret hidden, or null where that cannot be told safely. */
export function redactText(text: string, hide: Hide): string | null {
  const redacted = hide.words.mayHoldListedKey(text) ? redactListed(text, hide) : text
  if (redacted === null) return null
  const clear = hide.patterns.replace(redacted, hide.value)
  return hide.isSpent() ? null : clear
}

function redactListed(text: string, hide: Hide): string | null {
  const keys = hide.words.listedKeysIn()
  if (hide.isSpent() || hasHiddenKeys(text, keys)) return null
  let out = ''
  let from = 0
  for (let match = keys.exec(text); match !== null; match = keys.exec(text)) {
    const at = keys.lastIndex
    const isQuoted = match[1] !== undefined
    const value = matchAt(QUOTED, text, at) ?? matchAt(ESCAPED_QUOTED, text, at)
    const number = isQuoted ? matchAt(NUMBER, text, at) : undefined
    if (value !== undefined) {
      const quote = /^\\*["']/.exec(value)?.[0] ?? ''
      out += text.slice(from, at + quote.length) + hide.value(value.slice(quote.length, -quote.length)) + quote
      from = at + value.length
    } else if (number !== undefined) {
      out += `${text.slice(from, at)}"${hide.value(number)}"`
      from = at + number.length
    } else if (at < text.length && matchAt(isQuoted ? NAME : NO_STRING, text, at) === undefined) return null
    if (hide.isSpent()) return null
    keys.lastIndex = Math.max(from, at)
  }
  return out + text.slice(from)
}

/** True when undoing the escapes of ASCII characters brings more listed keys to light. */
function hasHiddenKeys(text: string, keys: RegExp): boolean {
  const plain = text.replace(ESCAPES, (written) => String.fromCharCode(Number.parseInt(written.slice(-2), 16)))
  return plain !== text && countOf(plain, keys) !== countOf(text, keys)
}

function countOf(text: string, pattern: RegExp): number {
  pattern.lastIndex = 0
  let count = 0
  while (pattern.exec(text) !== null) count += 1
  pattern.lastIndex = 0
  return count
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/**
 * A urlencoded form with the values of listed fields hidden, nested names (`user[password]`) too, and every value that
 * looks like a secret; null when there are too many.
 */
export function redactForm(text: string, hide: Hide): string | null {
  const redacted = text.replace(/([^&;=]*)=([^&;]*)/g, (field: string, name: string, value: string) =>
    value === '' || hide.isSpent() ? field : `${name}=${redactedField(percentDecoded(name), value, hide)}`,
  )
  return hide.isSpent() ? null : redacted
}

function redactedField(name: string, value: string, hide: Hide): string {
  const plain = percentDecoded(value)
  if (hide.words.isListedKey(name)) return hide.value(plain)
  return hide.patterns.replace(plain, hide.value) === plain ? value : hide.value(plain)
}

/** Lenient: what is no escape stays as it is. Byte by byte, which is enough to know ASCII words and to hash. */
function percentDecoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
