// What PostgreSQL's text and jsonb accept is less than what JSON allows: no NUL, no lone surrogate.
// Every captured string passes here before a store or an API shows it.

const REFUSED_BY_JSONB = /\\u(?:0000|d[89a-f])/

/** A copy that PostgreSQL `text` accepts: lone surrogates become U+FFFD, NUL becomes the six characters `\u0000`. */
export function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\\u0000') : wellFormed
}

/** JSON text that PostgreSQL `jsonb` accepts. The value must not be nested deeper than a few hundred levels. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  // The pattern may also match an escaped backslash before a plain `u0000`: then the walk below changes nothing.
  return REFUSED_BY_JSONB.test(text) ? JSON.stringify(withStorableStrings(value)) : text
}

function withStorableStrings(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (Array.isArray(value)) return value.map(withStorableStrings)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, inner]) => [storableText(key), withStorableStrings(inner)] as const)
  return Object.fromEntries(entries)
}
