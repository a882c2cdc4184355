// Waits for a condition instead of for a time.
import { setTimeout as pause } from 'node:timers/promises'

/** Resolves once `condition` holds, looking every 10 ms; what it throws counts as no until the time is over. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs
  let last: unknown
  while (true) {
    try {
      if (await condition()) return
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${condition}`, { cause: last })
    await pause(10)
  }
}
