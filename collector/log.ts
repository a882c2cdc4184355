// One line of JSON an event. ERROR: a person must act; WARN: healed itself or lost data; INFO: life-cycle and state.
import { type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

export function createLog(level: string): Log {
  return pino({
    level,
    base: { service: 'understudy' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['*.authorization', '*.token', '*.password', '*.databaseUrl', 'token', 'databaseUrl'],
      censor: '…',
    },
  })
}

/** Lets the first of a kind through, then one a period with the number held back, so an outage is not a flood. */
export function createRateLimit(
  periodMs: number,
  now: () => number,
): (key: string) => { pass: boolean; heldBack: number } {
  const seen = new Map<string, { at: number; heldBack: number }>()
  return (key) => {
    const last = seen.get(key)
    if (last && now() - last.at < periodMs) {
      last.heldBack += 1
      return { pass: false, heldBack: last.heldBack }
    }
    if (seen.size > 1000) seen.clear()
    seen.set(key, { at: now(), heldBack: 0 })
    return { pass: true, heldBack: last?.heldBack ?? 0 }
  }
}
