// Many endpoints, one verdict: weights for acting, e-BH for reporting, the mean for a regression spread over all.
import { logMean } from './e-process.ts'

/** 1/(k(k+1)) for k = 1, 2, …: sums to 1 however many come. */
export function weightAt(k: number): number {
  return 1 / (k * (k + 1))
}

/**
 * Weights of endpoints in order of first sight. Those the policy calls critical share one half in equal parts, whether
 * they were seen or not; the others take what is left in order.
 */
export function endpointWeights(inOrder: readonly string[], critical: ReadonlySet<string>): number[] {
  const left = critical.size > 0 ? 0.5 : 1
  let k = 0
  return inOrder.map((endpoint) => {
    if (critical.has(endpoint)) return 0.5 / critical.size
    k += 1
    return left * weightAt(k)
  })
}

/**
 * e-BH (Wang & Ramdas, arXiv 2009.02824): the indexes whose e-values are reported with a false discovery rate of at most
 * `alpha` under any dependence. Takes current e-values as logarithms, never running suprema.
 */
export function reportedByEbh(logs: readonly number[], alpha: number): number[] {
  // An e-value below 1/α is never among them, and thousands of endpoints have one.
  const order: number[] = []
  const least = -Math.log(alpha)
  for (let i = 0; i < logs.length; i += 1) if ((logs[i] ?? 0) >= least) order.push(i)
  order.sort((i, j) => (logs[j] ?? 0) - (logs[i] ?? 0) || i - j)
  const bar = Math.log(logs.length / alpha)
  let kept = 0
  for (const [rank, index] of order.entries()) {
    if (Math.log(rank + 1) + (logs[index] ?? 0) >= bar) kept = rank + 1
  }
  return order.slice(0, kept).sort((i, j) => i - j)
}

/** The mean e-value: evidence against "nothing changed anywhere" (Vovk & Wang, Ann. Stat. 2021), as a logarithm. */
export function logDiffuseEvidence(logs: readonly number[]): number {
  return logMean(logs)
}
