// Flag values that several commands read.
import { InvalidArgumentError, Option } from 'commander'

const unitsMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `--from 15m`: that long ago; else a time as RFC 3339 writes it. Gives RFC 3339. */
function timeFlag(now: () => number): (text: string) => string {
  return (text) => {
    const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
    if (amount && unit) return new Date(now() - Number(amount) * (unitsMs[unit] ?? 0)).toISOString()
    const isTime =
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
      !Number.isNaN(Date.parse(text))
    if (!isTime)
      throw new InvalidArgumentError('expected a time such as 2026-07-01T12:00:00Z, or how long ago: 30s, 15m, 2h, 7d')
    return new Date(text).toISOString()
  }
}

export function countFlag(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`)
    return value
  }
}

export function secondsFlag(text: string): number {
  const value = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value > 0)) throw new InvalidArgumentError('expected seconds, more than 0')
  return value
}

export function rangeFlags(now: () => number): Option[] {
  return [
    new Option('--from <time>', 'not before: RFC 3339, or how long ago (15m, 2h, 7d)').argParser(timeFlag(now)),
    new Option('--to <time>', 'before: RFC 3339, or how long ago').argParser(timeFlag(now)),
  ]
}
