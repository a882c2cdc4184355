// Which keys hide their values: the words, and how they are looked for in JSON text, plain text and whole batches.
// One source for all of them, so that the quick look at a batch never misses what the redactor would change.

/**
 * A key is listed when it contains one of these, whatever its case, and nothing longer than `MAX_TAIL` after it:
 * `accessToken`, `client-secret`, `PASSWORD_2`. `author` and `secretary` are no secrets; `authorization` is one.
 * Apart from each other, because some searches with few first letters are faster than one with many.
 */
const SHORT_WORDS = 'secret(?!ar[iy])|bearer'
const TOKEN_WORD = 'token'
const LONG_WORDS = 'pass[-_]*(?:word|wd)|api[-_]*key|credential|mysql[-_]*pwd|private[-_]*key'
const AUTH_WORD = 'auth(?!or(?!i[sz]))'
const DEFAULT_WORDS = `${SHORT_WORDS}|${TOKEN_WORD}|${LONG_WORDS}|${AUTH_WORD}`

const MAX_TAIL = 30
/** The longest form of one character of a key in a batch: `\\\\u00e9`, JSON text in a JSON string in a record. */
const ESCAPED_CHARS = 9
/** The longest rest of a key there, the backslashes before its quote included. */
const ESCAPED_TAIL = MAX_TAIL * ESCAPED_CHARS + 8

/** Behind a key's quote, however often the JSON text was put into another string. */
const SPACE = '(?:\\s|\\\\+[nrt])*'
/** A key written as in JavaScript: bare or in single quotes. */
const BARE_END = `[\\w$-]{0,${MAX_TAIL}}'?${SPACE}:`
/** ASCII letters and what JSON is built of, written as escapes: a key may hide behind them. */
export const ASCII_ESCAPE = '\\\\u00(?:0[09ad]|2[02d]|3a|5f|[4-7][0-9a-f])'

// In a batch every quote of a body has a backslash before it; the headers' own names have none, which keeps
// `"Authorization":` from sending every record the slow way.
const IN_BATCH_END = `(?:[^"]{0,${ESCAPED_TAIL}}\\\\"${SPACE}:|${BARE_END})`

export type SecretWords = {
  /** For a key as it is meant, escapes undone. */
  isListedKey(key: string): boolean
  /** True when a body's text may hold a listed key; false is certain. */
  mayHoldListedKey(text: string): boolean
  /** Finds listed keys in any text, up to where their values begin; group 1 is the closing quote, absent for bare keys. */
  listedKeysIn(): RegExp
  /** A batch of records holds no listed key when none of these matches it. */
  batchPatterns: readonly RegExp[]
}

/** What a word of one's own may be: letters, digits, `_` and `-`, which stand for each other and may be left out. */
export const OWN_WORD = /^[a-z0-9_-]{2,40}$/i

/** The default words and further ones of the operator's. */
export function secretWords(own: readonly string[] = []): SecretWords {
  const ownWords = own.map((word) => word.replaceAll(/[-_]+/g, '[-_]*'))
  const words = [DEFAULT_WORDS, ...ownWords].join('|')
  const listedKey = new RegExp(`(?:${words})[^"]{0,${MAX_TAIL}}$`, 'i')
  const inText = new RegExp(`(?:${words})(?:[^"]{0,${ESCAPED_TAIL}}"${SPACE}:|${BARE_END})|${ASCII_ESCAPE}`, 'i')
  return {
    isListedKey: (key) => listedKey.test(key),
    mayHoldListedKey: (text) => inText.test(text),
    listedKeysIn: () => new RegExp(`(?:${words})(?:[^"]{0,${MAX_TAIL}}?(\\\\*")${SPACE}:|${BARE_END})\\s*`, 'gi'),
    batchPatterns: [
      new RegExp(`(?:${SHORT_WORDS})${IN_BATCH_END}`, 'i'),
      new RegExp(`${TOKEN_WORD}${IN_BATCH_END}`, 'i'),
      new RegExp(`(?:${LONG_WORDS})${IN_BATCH_END}`, 'i'),
      new RegExp(`${AUTH_WORD}${IN_BATCH_END}`, 'i'),
      ...(ownWords.length > 0 ? [new RegExp(`(?:${ownWords.join('|')})${IN_BATCH_END}`, 'i')] : []),
      new RegExp(`${ASCII_ESCAPE}|x-www-form-urlencoded|encoding"(?:\\s*:\\s*"base64|(?<=content-encoding"))`, 'i'),
    ],
  }
}
