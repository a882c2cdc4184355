// Response times as buckets of a histogram: each 10 % wider than the one before, so a percentile read from them is right
// within 5 %, and a service has a few dozen of them.

const GROWTH = 1.1
const LOG_GROWTH = Math.log(GROWTH)
/** Past the longest time-out: 1.1^200 µs are three minutes. */
export const MAX_LATENCY_BUCKET = 200

/** The bucket whose upper end is the first at or above the time. */
export function latencyBucket(micros: number): number {
  if (!(micros > 1)) return 0
  return Math.min(MAX_LATENCY_BUCKET, Math.ceil(Math.log(micros) / LOG_GROWTH - 1e-9))
}

export type Percentiles = { p50: number; p90: number; p99: number }

/** Milliseconds, at the middle of the bucket that holds the percentile; null without any time. */
export function percentilesOf(counts: ReadonlyMap<number, number>): Percentiles | null {
  const buckets = [...counts].sort(([one], [two]) => one - two)
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  const at = (part: number): number => {
    let left = Math.ceil(total * part)
    for (const [bucket, count] of buckets) {
      left -= count
      if (left <= 0) return middleMs(bucket)
    }
    return middleMs(buckets.at(-1)?.[0] ?? 0)
  }
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) }
}

/** Buckets that make one step of a distribution. */
const STEP = 4

/** What part of each histogram took how long, in the same steps; none where nothing was timed. */
export function distributionOf(
  histograms: readonly ReadonlyMap<number, number>[],
): { upToMs: number; parts: number[] }[] {
  const stepped = histograms.map((counts) => {
    const steps = new Map<number, number>()
    let total = 0
    for (const [bucket, count] of counts) {
      const step = Math.ceil(bucket / STEP)
      steps.set(step, (steps.get(step) ?? 0) + count)
      total += count
    }
    return { steps, total }
  })
  const seen = stepped.flatMap(({ steps }) => [...steps.keys()])
  if (seen.length === 0) return []
  const first = Math.min(...seen)
  return Array.from({ length: Math.max(...seen) - first + 1 }, (_, at) => ({
    upToMs: Number((GROWTH ** ((first + at) * STEP) / 1_000).toPrecision(3)),
    parts: stepped.map(({ steps, total }) => (total === 0 ? 0 : (steps.get(first + at) ?? 0) / total)),
  }))
}

function middleMs(bucket: number): number {
  return Number((GROWTH ** (bucket - 0.5) / 1_000).toPrecision(3))
}
