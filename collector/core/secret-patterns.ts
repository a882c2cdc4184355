// Secrets that are known by what they look like, whatever their key: card numbers, e-mail addresses, tokens.

export const patternNames = ['card', 'email', 'token'] as const
export type PatternName = (typeof patternNames)[number]

export type SecretPatterns = {
  /** True when the text may hold one; false is certain. */
  mayHold(text: string): boolean
  /** The same for a batch of tap records as it came, read as latin1: native regular expressions only. */
  mayHoldInBatch(batch: string): boolean
  /** The text with `hide(secret)` in place of each. */
  replace(text: string, hide: (secret: string) => string): string
  /** True for a number that is one as a whole. */
  isSecretNumber(digits: string): boolean
}

type Pattern = {
  sign: { test(text: string): boolean }
  /** The sign in a batch, where it is another one. */
  batchSign?: { test(text: string): boolean }
  replace: (text: string, hide: (secret: string) => string) => string
}

/** Written out: where a group is repeated, the engine skips nothing and takes three times as long. */
const CARD_SIGN = `(?<!\\d)[2-6]${'[ -]?\\d'.repeat(12)}`
const TOKEN_SIGN =
  /eyJ[\w-]{10}|[spr]k_(?:live|test)_|gh[pousr]_\w{30}|github_pat_|xox[abeoprs]-|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|PRIVATE KEY-----/
/** A part of each of its words, of lengths that let the engine skip most: a third less time where nothing is found. */
const TOKEN_HINT =
  /eyJ[\w-][\w-][\w-]|[spr]k_(?:live|test)_|gh[pousr]_\w\w|ub_pat_|xox[abeoprs]-|AKIA[0-9A-Z]|AIza[\w-]|E KEY--/
const EMAIL_SIGN = /@[\w\x80-\uffff-]{1,130}\.[\w\x80-\uffff]/

const patterns: Record<PatternName, Pattern> = {
  card: {
    sign: new RegExp(CARD_SIGN),
    // One hash in thirty has thirteen digits in a row. In a captured text those names would have their quotes escaped.
    batchSign: new RegExp(`${CARD_SIGN}(?<!"(?:bodyHash|id)":"[\\da-f-]{0,64})`),
    replace: replaceCards,
  },
  // A batch is read as latin1, where a letter beyond ASCII is two characters of any kind.
  email: { sign: { test: (text) => text.includes('@') && EMAIL_SIGN.test(text) }, replace: replaceEmails },
  token: {
    sign: TOKEN_SIGN,
    batchSign: { test: (batch) => TOKEN_HINT.test(batch) && TOKEN_SIGN.test(batch) },
    replace: (text, hide) => text.replace(TOKEN, (found) => hide(found)),
  },
}

/** JSON Web Tokens, and keys that say by their prefix whose they are; private keys in PEM, cut off ones too. */
const TOKEN = new RegExp(
  [
    'eyJ[\\w-]{10,8000}(?:\\.[\\w-]{1,8000}){0,2}',
    '[spr]k_(?:live|test)_\\w{1,200}',
    'gh[pousr]_\\w{30,300}',
    'github_pat_\\w{1,300}',
    'xox[abeoprs]-[\\w-]{1,300}',
    'AKIA[0-9A-Z]{16}',
    'AIza[\\w-]{35}',
    '-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?',
  ].join('|'),
  'g',
)

/** What the named patterns find together. */
export function secretPatterns(names: readonly PatternName[]): SecretPatterns {
  const chosen = patternNames.filter((name) => names.includes(name)).map((name) => patterns[name])
  const hasCards = names.includes('card')
  return {
    mayHold: (text) => chosen.some(({ sign }) => sign.test(text)),
    mayHoldInBatch: (batch) => chosen.some(({ sign, batchSign = sign }) => batchSign.test(batch)),
    replace: (text, hide) =>
      chosen.reduce((rest, { sign, replace }) => (sign.test(rest) ? replace(rest, hide) : rest), text),
    isSecretNumber: (digits) => hasCards && isCardNumber(digits),
  }
}

const CARD = /(?<!\d)[2-6](?:[ -]?\d){12,18}/g
const MIN_CARD_DIGITS = 13

/** A further group of digits behind a number may belong to something else, so every end of a group is tried. */
function replaceCards(text: string, hide: (secret: string) => string): string {
  return text.replace(CARD, (found, at: number) => {
    for (let end = found.length; end >= MIN_CARD_DIGITS; end -= 1) {
      const last = found.charCodeAt(end - 1)
      if (last < 48 || last > 57 || isDigit(text.charCodeAt(at + end))) continue
      const digits = found.slice(0, end).replaceAll(/[ -]/g, '')
      if (isCardNumber(digits)) return hide(digits) + found.slice(end)
    }
    return found
  })
}

/** 13 to 19 digits of a network's range whose check digit is right: ISO/IEC 7812-1, annex B (Luhn). */
function isCardNumber(digits: string): boolean {
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Fewer signs than RFC 5322 allows: those that part fields and paths end it. */
const LOCAL_PART = /[\p{L}\d.!$%'*+_~-]/u
const DOMAIN = /@(?:[\p{L}\d-]{1,63}\.){1,8}[\p{L}\d-]{2,24}/uy

/** From each `@` to both sides: a pattern that starts at every letter would cost the square of a long word. */
function replaceEmails(text: string, hide: (secret: string) => string): string {
  let out = ''
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, from))) {
    DOMAIN.lastIndex = at
    const domain = DOMAIN.exec(text)?.[0]
    if (domain === undefined) continue
    let start = at
    while (start > from && LOCAL_PART.test(text[start - 1] as string)) start -= 1
    if (start === at) continue
    const end = at + domain.length
    out += text.slice(from, start) + hide(text.slice(start, end))
    from = end
  }
  return out + text.slice(from)
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
