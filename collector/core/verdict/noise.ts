// Which units are noisy, and how many pairs differ outside them.
import { fieldKey } from '../noise/noise-unit.ts'
import { logEvidenceAbove, logEvidenceBelow, logMean } from './e-process.ts'
import type { EndpointEvidence, SetCounts, UnitCounts } from './evidence.ts'

/** Methods that may be sent to the primary twice: others never have a control. */
const REPEATABLE = /^(GET|HEAD|OPTIONS) /

/** Points of the grid in `logNonInferiority`. */
const MOST_POINTS = 512

/** Whether the endpoint has, or will have, control pairs to learn its noise from. */
export function hasNoiseControl(evidence: EndpointEvidence, routeHasControl: boolean): boolean {
  return evidence.controlPairs > 0 || (routeHasControl && REPEATABLE.test(evidence.endpoint))
}

export type Quiet = {
  /** Keys of the units that the control has shown at least once, sorted. */
  readonly noisy: readonly string[]
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

/** Most endpoints have no noise. */
const NONE: readonly string[] = []
/** From so many on a set finds them faster. */
const MANY = 8

/**
 * Splits what differs into noise and the rest. Many units that are rarely noisy each may together differ more often than
 * the tolerance while the control has shown but some of them. Those it has shown only rarely tell
 * how much is unseen, and the tolerance is widened by it.
 */
export function quietDifferences({ units, sets, overflow, controlPairs }: EndpointEvidence): Quiet {
  let noisy: string[] | undefined
  let rare = 0
  for (let i = 0; i < units.length; i += 1) {
    const unit = units[i] as UnitCounts
    if (unit.control === 0) continue
    if (unit.control <= RARELY) rare += 1
    if (noisy === undefined) noisy = [fieldKey(unit)]
    else noisy.push(fieldKey(unit))
  }
  const unseenNoise = controlPairs === 0 ? 0 : Math.min(1, (RARELY_WEIGHT * rare) / controlPairs)
  if (noisy === undefined) {
    return { noisy: NONE, different: sumOfSets(sets, NONE) + overflow, unknown: 0, unseenNoise }
  }
  noisy.sort()
  return { noisy, different: sumOfSets(sets, noisy), unknown: overflow, unseenNoise }
}

/** Pairs of the sets that have a unit outside the noisy ones. */
function sumOfSets(sets: readonly SetCounts[], noisy: readonly string[]): number {
  const lookup = noisy.length < MANY ? noisy : new Set(noisy)
  const isNoisy = (key: string) => ('has' in lookup ? lookup.has(key) : lookup.includes(key))
  let pairs = 0
  for (let i = 0; i < sets.length; i += 1) {
    const set = sets[i] as SetCounts
    if (!set.units.every(isNoisy)) pairs += set.pairs
  }
  return pairs
}

/** In order of first sight; the key decides between units of the same exchange. */
export function unitsInOrder(units: readonly UnitCounts[]): readonly UnitCounts[] {
  for (let i = 1; i < units.length; i += 1) {
    if (byFirstSight(units[i - 1] as UnitCounts, units[i] as UnitCounts) > 0) return units.toSorted(byFirstSight)
  }
  return units
}

function byFirstSight(one: UnitCounts, two: UnitCounts): number {
  if (one.firstSeen !== two.firstSeen) return one.firstSeen < two.firstSeen ? -1 : 1
  return fieldKey(one) < fieldKey(two) ? -1 : 1
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
