// Which units are noisy, and how many pairs differ outside them.
import { fieldKey } from '../noise/noise-unit.ts'
import { logEvidenceAbove, logEvidenceBelow, logMean } from './e-process.ts'
import type { EndpointEvidence, UnitCounts } from './evidence.ts'

/** Methods that may be sent to the primary twice: others never have a control. */
const REPEATABLE = /^(GET|HEAD|OPTIONS) /

/** Points of the grid in `logNonInferiority`. */
const MOST_POINTS = 512

/** Whether the endpoint has, or will have, control pairs to learn its noise from. */
export function hasNoiseControl(evidence: EndpointEvidence, routeHasControl: boolean): boolean {
  return evidence.controlPairs > 0 || (routeHasControl && REPEATABLE.test(evidence.endpoint))
}

export type Quiet = {
  /** Keys of the units that the control has shown at least once. */
  readonly noisy: ReadonlySet<string>
  /** Pairs that differ outside them. */
  readonly different: number
  /** Pairs of which that cannot be told: against PASS, but not for FAIL. */
  readonly unknown: number
  /** Rate of pairs with noise in units that the control has not shown yet, as its own count tells it. */
  readonly unseenNoise: number
}

/**
 * A unit counts as rarely seen up to so many control pairs, each of them twice. Good and Turing's estimate takes those seen
 * once, and once each: with few units it is 0 too often (8 units of 0.5 % each FAILed in 10 % of runs, so in 0.3 %).
 */
const RARELY = 3
const RARELY_WEIGHT = 2

/** Never added to. */
const NONE = new Set<string>()

/**
 * Splits what differs into noise and the rest. Many units that are rarely noisy each may together differ more often than
 * the tolerance while the control has shown but some of them. Those it has shown only rarely tell
 * how much is unseen, and the tolerance is widened by it.
 */
export function quietDifferences({ units, sets, overflow, controlPairs }: EndpointEvidence): Quiet {
  let noisy = NONE
  let rare = 0
  for (const unit of units) {
    if (unit.control > 0) {
      if (noisy === NONE) noisy = new Set()
      noisy.add(fieldKey(unit))
    }
    if (unit.control > 0 && unit.control <= RARELY) rare += 1
  }
  const unseenNoise = controlPairs === 0 ? 0 : Math.min(1, (RARELY_WEIGHT * rare) / controlPairs)
  let different = 0
  for (const set of sets) if (!set.units.every((key) => noisy.has(key))) different += set.pairs
  return noisy.size === 0
    ? { noisy, different: different + overflow, unknown: 0, unseenNoise }
    : { noisy, different, unknown: overflow, unseenNoise }
}

/** In order of first sight; the key decides between units of the same exchange. */
export function unitsInOrder(units: readonly UnitCounts[]): readonly UnitCounts[] {
  if (units.length < 2) return units
  return units.toSorted((one, two) => {
    if (one.firstSeen !== two.firstSeen) return one.firstSeen < two.firstSeen ? -1 : 1
    return fieldKey(one) < fieldKey(two) ? -1 : 1
  })
}

/**
 * Evidence that a noisy unit's rate in the shadow (x in n) is below the control's (y in m) plus the tolerance. Were it
 * not, then for every t either the shadow's rate is at least t + tolerance or the control's at most t; so the lesser
 * of the two e-values is one for each t, and so is their mean over a grid of t.
 */
export function logNonInferiority(x: number, n: number, y: number, m: number, tolerance: number): number {
  const step = Math.max(tolerance / 2, 1 / MOST_POINTS)
  const logs = [logEvidenceBelow(x, n - x, tolerance)]
  for (let t = step; t + tolerance < 1; t += step) {
    logs.push(Math.min(logEvidenceBelow(x, n - x, t + tolerance), logEvidenceAbove(y, m - y, t)))
  }
  return logMean(logs)
}
