// Waits for a condition instead of a time.
import { setTimeout as delay } from 'node:timers/promises'

type Options = { withinMs?: number; everyMs?: number; what?: string }

/**
 * The first value of `probe` that is neither undefined, null nor false. Exceptions count as "not yet"; the last one is
 * in the message when the time has passed (a minute unless told; a bare number is that time in ms): it is never the
 * expected time, only the point of giving up.
 */
export async function waitUntil<Value>(
  probe: () => Value | Promise<Value>,
  options: number | Options = {},
): Promise<Exclude<Awaited<Value>, undefined | null | false>> {
  const { withinMs = 60_000, everyMs = 25, what } = typeof options === 'number' ? { withinMs: options } : options
  const deadline = performance.now() + withinMs
  for (;;) {
    let last: unknown
    try {
      const value = await probe()
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<Awaited<Value>, undefined | null | false>
      }
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) {
      const told = last instanceof Error ? last.message : String(last)
      throw new Error(`waited ${withinMs} ms for ${what ?? `this to hold: ${probe}`}; last: ${told}`)
    }
    await delay(everyMs)
  }
}

/**
 * Waits until every assertion in `assertions` holds at once, and fails with the last one that did not. For what becomes
 * true on its own, a moment after the sign of it: a log line, a row, a metric.
 */
export async function waitUntilHolds(
  assertions: () => void | Promise<void>,
  options: number | Options = {},
): Promise<void> {
  const probe = async () => {
    await assertions()
    return true
  }
  await waitUntil(probe, {
    what: `this to hold: ${assertions}`,
    ...(typeof options === 'number' ? { withinMs: options } : options),
  })
}
