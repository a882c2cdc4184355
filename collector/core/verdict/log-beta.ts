// Log-beta in double precision, and the parts of Stirling's formula from which larger expressions are
// put together without cancellation. simple-statistics and its like work in linear space or to ten digits only.
// Sources: Abramowitz & Stegun 6.1.41; C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).

export const HALF_LOG_TWO_PI = 0.9189385332046728

/** Coefficients of x⁻¹, x⁻³, …, x⁻¹³ in Stirling's series: B₂ₖ / (2k(2k−1)). */
const SERIES = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156] as const
const SERIES_FROM = 10

/** ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π) for x > 0: what Stirling's formula leaves out. Below 0.09/x for x ≥ ½. */
export function stirlingRest(x: number): number {
  let shifted = x
  let rest = 0
  // rest(x) = rest(x + 1) + (x + ½) ln(1 + 1/x) − 1
  while (shifted < SERIES_FROM) {
    rest += (shifted + 0.5) * Math.log1p(1 / shifted) - 1
    shifted += 1
  }
  const inverse = 1 / shifted
  const square = inverse * inverse
  let sum = 0
  for (let k = SERIES.length - 1; k >= 0; k -= 1) sum = sum * square + (SERIES[k] as number)
  return rest + sum * inverse
}

/** ln B(a, b) for a, b > 0, without the cancellation of three log-gammas. */
export function logBeta(a: number, b: number): number {
  const sum = a + b
  const rests = stirlingRest(a) + stirlingRest(b) - stirlingRest(sum)
  // ln(a / (a + b)) by way of log1p where it is close to 0.
  const logA = a > b ? -Math.log1p(b / a) : Math.log(a / sum)
  const logB = b >= a ? -Math.log1p(a / b) : Math.log(b / sum)
  return HALF_LOG_TWO_PI + (a - 0.5) * logA + (b - 0.5) * logB - 0.5 * Math.log(sum) + rests
}

/** x ln(x / mean) + mean − x ≥ 0 for x, mean > 0: Loader's deviance, exact where the two are close. */
export function devianceOf(x: number, mean: number): number {
  const gap = x - mean
  if (Math.abs(gap) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - gap
  const ratio = gap / (x + mean)
  const square = ratio * ratio
  let term = 2 * x * ratio
  let sum = gap * ratio
  for (let k = 1; k < 1_000; k += 1) {
    term *= square
    const next = sum + term / (2 * k + 1)
    if (next === sum) break
    sum = next
  }
  return sum
}
