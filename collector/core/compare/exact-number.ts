// A JSON number that a double cannot hold, such as 9007199254740993 or 1e400: kept as it was written.
import { splitNumber } from 'lossless-json'

export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  // json-diff-ts tells types apart by this tag: an exact number is a number to it, not an object to look into.
  get [Symbol.toStringTag](): string {
    return 'Number'
  }

  toJSON(): string {
    return this.text
  }
}

/** Same in meaning: `1`, `1.0` and `10e-1` are, `0` and `-0` too; digits past a double's are never rounded away. */
export function isSameNumber(one: number | ExactNumber, two: number | ExactNumber): boolean {
  if (typeof one === 'number' && typeof two === 'number') return one === two
  return canonicalNumber(one) === canonicalNumber(two)
}

/** The same text for numbers that are the same in meaning. */
export function canonicalNumber(value: number | ExactNumber): string {
  const { sign, digits, exponent } = splitNumber(typeof value === 'number' ? String(value) : value.text)
  return `${sign}${digits}e${exponent}`
}
