// Finds taps that were killed with a queue: those that have been silent for longer than any living one is.

export type SilentTaps = {
  /** The reports that came in are written: whoever is older in the database has not been heard here. */
  wrote(): void
  /** They could not be written, so that what the database knows is old. */
  failed(): void
  /** Looks at most ten times in `silenceMs`. */
  look(): Promise<void>
}

export function createSilentTaps(options: {
  silenceMs: number
  end: (silentSinceMs: number, nowMs: number) => Promise<{ instance: string; pairs: number }[]>
  lost: (instance: string, pairs: number) => void
  now: () => number
}): SilentTaps {
  const { silenceMs, now } = options
  let listeningSinceMs: number | undefined
  let lookedAtMs = Number.NEGATIVE_INFINITY
  return {
    wrote() {
      listeningSinceMs ??= now()
    },
    failed() {
      listeningSinceMs = undefined
    },
    async look() {
      const nowMs = now()
      if (listeningSinceMs === undefined || nowMs - listeningSinceMs < silenceMs) return
      if (nowMs - lookedAtMs < silenceMs / 10) return
      lookedAtMs = nowMs
      for (const { instance, pairs } of await options.end(nowMs - silenceMs, nowMs)) {
        if (pairs > 0) options.lost(instance, pairs)
      }
    },
  }
}
