// Notices another hand on what was rendered: the file changed or gone, or a Traefik that runs an older revision though
// the right one is in place. Whoever looks mends it; here it is counted and told.
import type { Confirmation } from './traffic-port.ts'

export type DriftKind = 'changed' | 'deleted' | 'revision'

/** The last time, and how often in all since the start. `at` is RFC 3339. */
export type Drift = { kind: DriftKind; count: number; at: string }

export type DriftWatch = {
  /** What a look finds in place before it writes. */
  found(text: string | undefined): void
  /** What is in place after it wrote. */
  left(text: string | undefined): void
  /** What Traefik makes of what is in place. */
  judged(confirmation: Confirmation): void
  /** Traefik has not taken what is in place for a while: writing it anew may wake it. */
  isStuck(): boolean
  last(): Drift | null
}

/** Longer than Traefik needs to take a change; a file system that loses an event never tells it again. */
const STUCK_AFTER_MS = 10_000
const AGAIN_AFTER_MS = 30_000

export function createDriftWatch(options: { now: () => number; told: (kind: DriftKind) => void }): DriftWatch {
  const { now, told } = options
  let inPlace: { text: string | undefined } | undefined
  let wasConfirmed = false
  let otherSince: number | undefined
  let rewrittenAt = Number.NEGATIVE_INFINITY
  let last: Drift | null = null

  const tell = (kind: DriftKind) => {
    last = { kind, count: (last?.count ?? 0) + 1, at: new Date(now()).toISOString() }
    told(kind)
  }

  return {
    found(text) {
      if (inPlace && inPlace.text !== undefined && inPlace.text !== text)
        tell(text === undefined ? 'deleted' : 'changed')
      inPlace = { text }
    },
    left(text) {
      inPlace = { text }
      rewrittenAt = now()
      otherSince = undefined
      wasConfirmed = false
    },
    judged(confirmation) {
      const isOther = !confirmation.confirmed && confirmation.runs !== undefined
      if (isOther && wasConfirmed) tell('revision')
      if (confirmation.confirmed || confirmation.loaded) wasConfirmed = true
      else if (isOther) wasConfirmed = false
      otherSince = isOther ? (otherSince ?? now()) : undefined
    },
    isStuck: () =>
      otherSince !== undefined && now() - otherSince >= STUCK_AFTER_MS && now() - rewrittenAt >= AGAIN_AFTER_MS,
    last: () => last,
  }
}
