// Redaction of JSON text, token by token: what is not secret keeps its bytes (exact numbers, key order, spaces), any
// nesting is walked without recursion, and a document cut off at the capture limit keeps its beginning.
import { endOfJsonString } from './json-string.ts'
import { type Hide, redactText } from './redact-text.ts'

export type RedactedJson =
  | { outcome: 'redacted'; text: string }
  /** The text ends inside the document; `text` is what came before the cut, redacted. */
  | { outcome: 'cut'; text: string }
  | { outcome: 'invalid' }

const SKIPPED = /[ \t\n\r,:]+/y
const SCALAR = /-?\d[\d.eE+-]*|true|false|null/y
const COLON = /[ \t\n\r]*:/y

/** JSON text in a JSON string is read this deep; what is deeper is hidden as a whole. */
const MAX_INNER = 1

/**
 * Hides every string and number that is, or is inside, the value of a listed key, and what looks like a secret anywhere
 * else, keys included; `true`, `false`, `null` and `""` stay. Several documents one after the other (JSON lines) are read too.
 */
export function redactJson(text: string, hide: Hide, inner = 0): RedactedJson {
  let out = ''
  let from = 0
  let depth = 0
  /** Depth of the value that is hidden as a whole; null outside of one. */
  let hiddenAt: number | null = null
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; ) {
    const char = text[i]
    let end = i + 1
    if (char === '"') {
      end = endOfJsonString(text, i) + 1
      if (end > text.length) return { outcome: 'cut', text: out + text.slice(from, i) }
      const token = text.slice(i, end)
      if (matchEnd(COLON, text, end) !== null) {
        if (hiddenAt === null && isListedToken(token, hide)) hiddenAt = depth
        const shown = withoutPatterns(token, hide)
        if (shown !== token) {
          out += text.slice(from, i) + shown
          from = end
        }
      } else {
        const shown = hiddenAt === null ? redactedString(token, hide, inner) : hiddenString(token, hide)
        if (shown !== token) {
          out += text.slice(from, i) + shown
          from = end
        }
        if (hiddenAt === depth) hiddenAt = null
      }
    } else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (hiddenAt !== null && depth <= hiddenAt) hiddenAt = null
    } else {
      const scalarEnd = matchEnd(SCALAR, text, i)
      const skippedEnd = matchEnd(SKIPPED, text, i)
      if (scalarEnd === null && skippedEnd === null) {
        return text.length - i < 5 ? { outcome: 'cut', text: out + text.slice(from, i) } : { outcome: 'invalid' }
      }
      end = scalarEnd ?? skippedEnd ?? end
      if (scalarEnd !== null) {
        const token = text.slice(i, end)
        if (hiddenAt === null ? hide.patterns.isSecretNumber(token) : isNumber(token)) {
          out += `${text.slice(from, i)}"${hide.value(`number ${token}`)}"`
          from = end
        }
        if (hiddenAt === depth) hiddenAt = null
      }
    }
    if (hide.isSpent()) return { outcome: 'invalid' }
    i = end
  }
  const redacted = out + text.slice(from)
  return depth > 0 ? { outcome: 'cut', text: redacted } : { outcome: 'redacted', text: redacted }
}

function isListedToken(token: string, hide: Hide): boolean {
  return hide.words.isListedKey(token.includes('\\') ? unescaped(token) : token.slice(1, -1))
}

function hiddenString(token: string, hide: Hide): string {
  return token === '""' ? token : `"${hide.value(unescaped(token))}"`
}

/** A string outside of listed keys, which may itself be text that holds some. */
function redactedString(token: string, hide: Hide, inner: number): string {
  const { words } = hide
  if (!words.mayHoldListedKey(token)) return withoutPatterns(token, hide)
  const value = unescaped(token)
  if (!words.mayHoldListedKey(value)) return withoutPatterns(token, hide)
  if (inner >= MAX_INNER) return hiddenString(token, hide)
  const redacted = /^[\s\ufeff]*[{[]/.test(value) ? redactJson(value, hide, inner + 1) : null
  const text = redacted?.outcome === 'redacted' ? redacted.text : redactText(value, hide)
  if (text === null) return hiddenString(token, hide)
  return text === value ? token : JSON.stringify(text)
}

/** The token, or the string that it means with what looks like a secret hidden. */
function withoutPatterns(token: string, hide: Hide): string {
  if (!token.includes('\\')) return `"${hide.patterns.replace(token.slice(1, -1), hide.value)}"`
  const value = unescaped(token)
  const clear = hide.patterns.replace(value, hide.value)
  return clear === value ? token : JSON.stringify(clear)
}

/** What the string token means; its raw content where it is no valid JSON string. */
function unescaped(token: string): string {
  try {
    return JSON.parse(token)
  } catch {
    return token.slice(1, -1)
  }
}

function isNumber(token: string): boolean {
  return token !== 'true' && token !== 'false' && token !== 'null'
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}
