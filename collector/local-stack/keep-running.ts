// Starts a part again when it ends without being told to: no single failure should take the rest down.
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { RunningPart } from './parts/finding.ts'

export type KeptPart = {
  name: string
  /** The process of this moment; undefined between two. */
  current: () => RunningPart | undefined
  stop: (graceMs?: number) => Promise<void>
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
/** One that lived this long starts again at once. */
const HEALTHY_AFTER_MS = 60_000

/** The first start may throw; later ones are tried again and again. `changed` is called at every start and end. */
export async function keepRunning(options: {
  name: string
  start: () => Promise<RunningPart>
  say: (message: string) => void
  changed: () => void
}): Promise<KeptPart> {
  const { name, start, say, changed } = options
  const stopping = new AbortController()
  let current: RunningPart | undefined = await start()
  let waitMs = FIRST_WAIT_MS
  changed()

  const watch = async () => {
    while (current) {
      const startedAt = performance.now()
      await current.exited
      current = undefined
      if (stopping.signal.aborted) return
      changed()
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) waitMs = FIRST_WAIT_MS
      say(`ended unexpectedly, starts again in ${waitMs / 1000} s`)
      current = await startAgain()
      changed()
      if (current) say('is back')
    }
  }
  const startAgain = async () => {
    for (;;) {
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
      if (stopping.signal.aborted) return undefined
      try {
        return await start()
      } catch (error) {
        const isEnding = stopping.signal.aborted || (error instanceof Error && error.name === 'AbortError')
        if (isEnding) return undefined
        say(`${messageOf(error)}; tried again in ${waitMs / 1000} s`)
      }
    }
  }
  const watched = watch()

  return {
    name,
    current: () => current,
    stop: async (graceMs) => {
      stopping.abort()
      await current?.stop(graceMs)
      // A start that was under way has to end too, or its process would be left.
      await watched
      await current?.stop(graceMs)
    },
  }
}
