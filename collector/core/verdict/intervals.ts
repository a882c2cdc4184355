// Intervals to show beside rates: 95 %, for a fixed number of requests, display only. Verdicts never use them.
// Wilson (1927); Newcombe, Stat. Med. 17 (1998) 873, method 10.

export type Interval = { readonly low: number; readonly high: number }

/** Two-sided 95 %. */
const Z = 1.959963984540054

/** Wilson's score interval of x in n; [0, 1] where n is 0. */
export function wilson(x: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 }
  const square = Z * Z
  const centre = x + square / 2
  const half = Z * Math.sqrt((x * (n - x)) / n + square / 4)
  return {
    low: x === 0 ? 0 : Math.max(0, (centre - half) / (n + square)),
    high: x === n ? 1 : Math.min(1, (centre + half) / (n + square)),
  }
}

/** Newcombe's hybrid interval of x/n − y/m; [−1, 1] where either is empty. */
export function newcombe(x: number, n: number, y: number, m: number): Interval {
  if (n === 0 || m === 0) return { low: -1, high: 1 }
  const [one, two] = [wilson(x, n), wilson(y, m)]
  const [p, q] = [x / n, y / m]
  return {
    low: p - q - Math.hypot(p - one.low, two.high - q),
    high: p - q + Math.hypot(one.high - p, q - two.low),
  }
}
