// The integral under every e-process here: a Beta prior's likelihood ratio against a point rate, cut to one side of it.
// Kept in log space and put together so that terms of size n never cancel: good to about 1e-12 up to 10⁹ observations.
// Sources: the continued fraction of the incomplete beta function (DiDonato & Morris, ACM TOMS 708, 1992; Numerical
// Recipes §6.4) by Lentz's method; Loader's deviance for the complete integral.
import { devianceOf, HALF_LOG_TWO_PI, logBeta, stirlingRest } from './log-beta.ts'

/** Beta prior of a rate: how it is spread before anything was counted. */
export type BetaPrior = { readonly a: number; readonly b: number }

const TINY = 1e-300
/** About √n steps are needed where the rate is the null rate itself: 10⁵ is enough for 10⁹ observations. */
const MAX_STEPS = 100_000

/** K with ∫₀ˣ pᵃ⁻¹(1−p)ᵇ⁻¹ dp = xᵃ(1−x)ᵇ/a · K; converges fast for x < (a+1)/(a+b+2). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / atLeastTiny(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= MAX_STEPS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / atLeastTiny(1 + even * d)
    c = atLeastTiny(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / atLeastTiny(1 + odd * d)
    c = atLeastTiny(1 + odd / c)
    const step = d * c
    result *= step
    if (Math.abs(step - 1) < 1e-15) break
  }
  return result
}

function atLeastTiny(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

/** ln ∫ over rates above `nullRate` of (p/nullRate)^bad ((1−p)/(1−nullRate))^good p^(a−1) (1−p)^(b−1) dp. */
export function logIntegralAbove(bad: number, good: number, nullRate: number, prior: BetaPrior): number {
  return logIntegral(good + prior.b, bad + prior.a, 1 - nullRate, nullRate, prior.b, prior.a)
}

/** The same over rates below `nullRate`. */
export function logIntegralBelow(bad: number, good: number, nullRate: number, prior: BetaPrior): number {
  return logIntegral(bad + prior.a, good + prior.b, nullRate, 1 - nullRate, prior.a, prior.b)
}

/** ln ∫₀ˣ (t/x)^(a−a₀) ((1−t)/y)^(b−b₀) t^(a₀−1) (1−t)^(b₀−1) dt, with y = 1 − x given for its digits. */
function logIntegral(a: number, b: number, x: number, y: number, a0: number, b0: number): number {
  const edge = a0 * Math.log(x) + b0 * Math.log(y)
  if (x <= (a + 1) / (a + b + 2)) return edge + Math.log(betaFraction(a, b, x) / a)
  const whole = logWhole(a, b, x, y) + edge
  const beyond = edge + Math.log(betaFraction(b, a, y) / b)
  return whole + Math.log1p(-Math.min(Math.exp(beyond - whole), 1 - Number.EPSILON))
}

/** ln( B(a, b) / (xᵃ yᵇ) ). */
function logWhole(a: number, b: number, x: number, y: number): number {
  if (a < 1 || b < 1) return logBeta(a, b) - a * Math.log(x) - b * Math.log(y)
  const sum = a + b
  // a ln(a/(sum·x)) + b ln(b/(sum·y)): the linear terms of the two deviances cancel exactly.
  const deviance = devianceOf(a, sum * x) + devianceOf(b, sum * y)
  const shape = HALF_LOG_TWO_PI + 0.5 * (Math.log(sum / a) - Math.log(b))
  return deviance + shape + stirlingRest(a) + stirlingRest(b) - stirlingRest(sum)
}
