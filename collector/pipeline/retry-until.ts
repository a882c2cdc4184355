// For work that must be done sooner or later: tries again with growing pauses until it succeeds or we stop.
import { setTimeout as delay } from 'node:timers/promises'

/** Resolves false when stopped before the work succeeded. `failed` is told of every failure and how long the pause is. */
export async function retryUntil(
  work: () => Promise<void>,
  options: { isStopped: () => boolean; failed: (error: unknown, waitMs: number) => void; maxWaitMs?: number },
): Promise<boolean> {
  for (let waitMs = 100; !options.isStopped(); waitMs = Math.min(waitMs * 2, options.maxWaitMs ?? 5_000)) {
    try {
      await work()
      return true
    } catch (error) {
      options.failed(error, waitMs)
      await delay(waitMs)
    }
  }
  return false
}
