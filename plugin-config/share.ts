// The share of requests that is mirrored: a coarse weight of prime period in Traefik, thinned by the tap to the exact
// share at random. Traefik's weights are deterministic counters: a round period would see only one of two alternating
// kinds of request.

/** `mirrored` of `period` requests reach the tap, which keeps `keepPpm` of a million of them. `null`: all reach it. */
export type SharePlan = { weights: { mirrored: number; plain: number } | null; keepPpm: number }

/** `share` in percent as millionths. */
export function sharePpm(share: number): number {
  return Math.round(share * 10_000)
}

/** `share` in percent, 0.01 to 100. */
export function planShare(share: number): SharePlan {
  const fraction = share / 100
  if (share >= 100) return { weights: null, keepPpm: 1_000_000 }
  const period = share < 1 ? 997 : 101
  // 62 of 101 mixes better in short windows than a weight near one half.
  const least = share > 40 ? 62 : 1
  const mirrored = Math.max(least, Math.ceil(fraction * period - 1e-9))
  if (mirrored >= period) return { weights: null, keepPpm: Math.round(fraction * 1_000_000) }
  return {
    weights: { mirrored, plain: period - mirrored },
    keepPpm: Math.min(1_000_000, Math.round((fraction * period * 1_000_000) / mirrored)),
  }
}
