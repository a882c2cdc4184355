// Waits for a condition instead of a time.
import { setTimeout as delay } from 'node:timers/promises'

/**
 * The first value of `probe` that is neither undefined, null nor false. Exceptions count as "not yet"; the last one is
 * in the message when `withinMs` has passed.
 */
export async function waitUntil<Value>(
  what: string,
  probe: () => Value | Promise<Value>,
  options: { withinMs?: number; everyMs?: number } = {},
): Promise<Exclude<Awaited<Value>, undefined | null | false>> {
  const { withinMs = 10_000, everyMs = 25 } = options
  const deadline = performance.now() + withinMs
  let last: unknown
  for (;;) {
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
      throw new Error(`waited ${withinMs} ms for ${what}; last: ${last instanceof Error ? last.message : String(last)}`)
    }
    await delay(everyMs)
  }
}
