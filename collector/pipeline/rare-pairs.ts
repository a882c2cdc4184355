// A sample thins what is common and keeps what is rare: of each endpoint and outcome the first few matches of an hour are
// kept whatever the percentage, so that an endpoint asked once a day has a pair to look at.

export type RarePairs = {
  /** True for the first pairs of this kind in the hour of `createdAtMs`. */
  isRare(route: string, variant: string, endpoint: string, createdAtMs: number): boolean
}

const HOUR_MS = 3_600_000
const KEPT_AN_HOUR = 5
/** Kinds that are remembered; beyond, all are forgotten at once and a few more pairs are kept. */
const MAX_KINDS = 20_000

export function createRarePairs(): RarePairs {
  const kinds = new Map<string, { hour: number; seen: number }>()
  return {
    isRare(route, variant, endpoint, createdAtMs) {
      const key = `${route}\n${variant}\n${endpoint}`
      const hour = Math.floor(createdAtMs / HOUR_MS)
      const kind = kinds.get(key)
      if (!kind || kind.hour !== hour) {
        if (!kind && kinds.size >= MAX_KINDS) kinds.clear()
        kinds.set(key, { hour, seen: 1 })
        return true
      }
      kind.seen += 1
      return kind.seen <= KEPT_AN_HOUR
    },
  }
}
