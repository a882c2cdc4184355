// E-processes: numbers that stay small while the null hypothesis holds, however often one looks (Ville: the chance
// that one ever reaches 1/α is at most α). All are natural logarithms, from counts alone, whatever order they came in.
// Method of mixtures: Robbins; Howard, Ramdas, McAuliffe, Sekhon, Ann. Stat. 49 (2021).
import { type BetaPrior, logIntegralAbove, logIntegralBelow } from './beta-integral.ts'
import { logBeta } from './log-beta.ts'

/** Jeffreys' prior. */
const HALVES: BetaPrior = { a: 0.5, b: 0.5 }

/** Mass near twice the tolerance: rare events are found almost twice as fast as with `HALVES`. */
function priorNear(tolerance: number): BetaPrior {
  return { a: 1, b: 1 / (2 * tolerance) }
}

/** ln of the prior's mass above the rate, not normalised; in closed form for the priors in use. */
function logPriorAbove(nullRate: number, prior: BetaPrior): number {
  if (prior === HALVES) return Math.log(2 * Math.asin(Math.sqrt(1 - nullRate)))
  if (prior.a === 1) return prior.b * Math.log1p(-nullRate) - Math.log(prior.b)
  return logIntegralAbove(0, 0, nullRate, prior)
}

function logPriorBelow(nullRate: number, prior: BetaPrior): number {
  if (prior === HALVES) return Math.log(2 * Math.asin(Math.sqrt(nullRate)))
  return logIntegralBelow(0, 0, nullRate, prior)
}

/** Evidence that the rate of bad events is above `nullRate`. H0: rate ≤ nullRate. 0 where no rate can be above it. */
export function logEvidenceAbove(bad: number, good: number, nullRate: number, prior: BetaPrior = HALVES): number {
  if (bad + good === 0 || nullRate <= 0 || nullRate >= 1) return 0
  return logIntegralAbove(bad, good, nullRate, prior) - logPriorAbove(nullRate, prior)
}

/** Evidence that the rate of bad events is below `nullRate`. H0: rate ≥ nullRate. */
export function logEvidenceBelow(bad: number, good: number, nullRate: number, prior: BetaPrior = HALVES): number {
  if (bad + good === 0 || nullRate <= 0 || nullRate >= 1) return 0
  return logIntegralBelow(bad, good, nullRate, prior) - logPriorBelow(nullRate, prior)
}

/**
 * Anytime-valid McNemar: of the discordant pairs, `worse` speak against the shadow and `better` against its peer.
 * H0: a discordant pair is at most as likely to be worse. Concordant pairs say nothing.
 */
export function logPairedEvidence(worse: number, better: number): number {
  return logEvidenceAbove(worse, better, 0.5)
}

/** Evidence for FAIL where no peer is measured: the rate of bad among `total` is above the tolerance. */
export function logFailEvidence(bad: number, total: number, tolerance: number): number {
  return logEvidenceAbove(bad, total - bad, tolerance, priorNear(tolerance))
}

/** Evidence for PASS (non-inferiority): the rate of bad among `total` is below the tolerance. */
export function logPassEvidence(bad: number, total: number, tolerance: number): number {
  return logEvidenceBelow(bad, total - bad, tolerance)
}

/** x events in n observations against y in m of a peer: given an event, its arm is a coin of bias n/(n+m). */
export function logUnpairedEvidence(x: number, n: number, y: number, m: number): number {
  if (n === 0 || m === 0) return 0
  return logEvidenceAbove(x, y, n / (n + m))
}

/** Relative risks that `logShareEvidence` bets on, in equal parts. */
const RISKS = [1.1, 1.25, 1.5, 2, 3, 5, 10, 30]

/** Bad events while the canary had `share` of the requests (0 to 1), by the arm on which they happened. */
export type ShareSegment = { readonly share: number; readonly canary: number; readonly stable: number }

/**
 * Unpaired evidence while the share moves: a product of likelihood ratios, one an event, at the share that held before
 * it (so it is predictable), for each of a few relative risks; their mean is the e-value. H0: the canary has at most its
 * share of the bad events. Segments of the same share may be joined or split, in any order.
 */
export function logShareEvidence(segments: readonly ShareSegment[]): number {
  const open = segments.filter(({ share }) => share > 0 && share < 1).toSorted((one, two) => one.share - two.share)
  const logs = RISKS.map((risk) => {
    let sum = 0
    for (const { share, canary, stable } of open) {
      const scale = Math.log1p(share * (risk - 1))
      sum += canary * (Math.log(risk) - scale) - stable * scale
    }
    return sum
  })
  return logMean(logs)
}

/** Two-sided guard of a split: `chosen` of `total` went where `share` (0 to 1) should. H0: the split is as configured. */
export function logSplitEvidence(chosen: number, total: number, share: number): number {
  if (total === 0 || share <= 0 || share >= 1) return 0
  const rest = total - chosen
  const mixture = logBeta(0.5 + chosen, 0.5 + rest) - Math.log(Math.PI)
  return mixture - chosen * Math.log(share) - rest * Math.log1p(-share)
}

/** ln of the mean of exp(logs); 0 (an e-value of 1) for none. */
export function logMean(logs: readonly number[]): number {
  if (logs.length === 0) return 0
  let most = Number.NEGATIVE_INFINITY
  for (const log of logs) if (log > most) most = log
  if (most === Number.NEGATIVE_INFINITY) return most
  let sum = 0
  for (const log of logs) sum += Math.exp(log - most)
  return most + Math.log(sum / logs.length)
}

/** An e-value as a finite number, for people and JSON: the test itself is made in log space. */
export function eValueOf(log: number): number {
  return Math.exp(Math.min(log, 700))
}
