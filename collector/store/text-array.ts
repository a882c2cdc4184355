// PostgreSQL's array literal, https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO.

const SPECIAL = /["\\]/
const EVERY_SPECIAL = /["\\]/g

/** Quotes every element; null stays NULL. Several times faster than the driver's own conversion for long texts. */
export function textArray(values: (string | null)[]): string {
  let out = '{'
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? null
    if (index > 0) out += ','
    if (value === null) out += 'NULL'
    else out += `"${SPECIAL.test(value) ? value.replace(EVERY_SPECIAL, '\\$&') : value}"`
  }
  return `${out}}`
}
