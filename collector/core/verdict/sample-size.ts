// How many requests a verdict needs: derived from tolerance and level, never a magic number.
import { logPassEvidence } from './e-process.ts'

/** Beyond this many requests a number helps nobody. */
const MOST_REQUESTS = 1e12

/**
 * Smallest number of requests at which PASS is possible with `bad` bad ones among them: 377 for none at 1 % and α 5 %.
 * `Infinity` past 10¹².
 */
export function requestsToPass(bad: number, tolerance: number, alphaPass: number): number {
  const target = -Math.log(alphaPass)
  const over = (total: number) => logPassEvidence(bad, total, tolerance) - target
  let low = bad
  let lowOver = -target
  let high = Math.ceil(bad + (4 + bad + 2 * Math.sqrt(bad)) / tolerance)
  let highOver = over(high)
  while (highOver < 0) {
    if (high > MOST_REQUESTS) return Number.POSITIVE_INFINITY
    low = high
    lowOver = highOver
    high *= 2
    highOver = over(high)
  }
  // The evidence grows almost in a straight line: a secant step on odd rounds, a halving on even ones as a guard.
  for (let round = 1; high - low > 1; round += 1) {
    const share = round % 3 === 0 ? 0.5 : -lowOver / (highOver - lowOver)
    const guess = Math.min(Math.max(Math.ceil(low + share * (high - low)), low + 1), high - 1)
    const guessOver = over(guess)
    if (guessOver < 0) {
      low = guess
      lowOver = guessOver
      continue
    }
    high = guess
    highOver = guessOver
    const below = guess - 1 > low ? over(guess - 1) : lowOver
    if (below < 0) return high
    high = guess - 1
    highOver = below
  }
  return high
}

/**
 * Control observations after which a unit that is noisy in twice the tolerance was seen with a chance of 99 %
 * (228 at 1 %): before that no difference in content is held against the shadow.
 */
export function controlsToLearn(tolerance: number): number {
  return tolerance >= 0.5 ? 1 : Math.ceil(Math.log(0.01) / Math.log1p(-2 * tolerance))
}

/** Seconds until `missing` more have come at `perSecond`; null where nothing comes or the time cannot be told. */
export function secondsFor(missing: number, perSecond: number): number | null {
  if (missing <= 0) return 0
  return perSecond > 0 && Number.isFinite(missing / perSecond) ? missing / perSecond : null
}
