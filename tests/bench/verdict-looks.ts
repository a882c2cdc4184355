// E-processes looked at after every pair: how often they alarm falsely, and how soon they find what is there. Where an
// e-process stands is decided by counts, so the boundary is tabled once and a look is one comparison of whole numbers.
import { logFailEvidence, logPairedEvidence, logPassEvidence } from '../../collector/core/verdict/e-process.ts'
import { seeded } from '../helpers/verdict-evidence.ts'

const BAR = Math.log(20)

/** Least number of bad ones among n, for every n up to `most`, at which the evidence reaches e = 20. */
function leastBad(most: number, logE: (bad: number, n: number) => number): Int32Array {
  const table = new Int32Array(most + 1)
  let bad = 0
  for (let n = 0; n <= most; n += 1) {
    while (bad <= n && logE(bad, n) < BAR) bad += 1
    table[n] = bad
  }
  return table
}

/** Most bad ones among n at which PASS is shown; −1 where none. */
function mostBad(most: number, tolerance: number): Int32Array {
  const table = new Int32Array(most + 1)
  let bad = -1
  for (let n = 0; n <= most; n += 1) {
    while (bad < n && logPassEvidence(bad + 1, n, tolerance) >= BAR) bad += 1
    table[n] = bad
  }
  return table
}

const MOST = 20_000
const pairedBoundary = leastBad(MOST, (bad, n) => logPairedEvidence(bad, n - bad))
export const toleranceBoundary = leastBad(MOST, (bad, n) => logFailEvidence(bad, n, 0.01))
const passBoundary = mostBad(MOST, 0.01)

/** One run: the look at which it first spoke, or `Infinity`. */
export type Run = (random: () => number) => number

/** Paired: shadow and control differ by noise, the shadow also by `excess`. */
export function pairedRun(noise: number, excess: number, looks: number): Run {
  return (random) => {
    let [worse, better] = [0, 0]
    for (let look = 1; look <= looks; look += 1) {
      const shadow = random() < noise || (excess > 0 && random() < excess)
      const control = random() < noise
      if (shadow === control) continue
      if (shadow) worse += 1
      else better += 1
      if (worse >= (pairedBoundary[worse + better] ?? 0)) return look
    }
    return Number.POSITIVE_INFINITY
  }
}

/** Discordant pairs that are worse with a chance of `chance`; every pair is one look. */
export function coinRun(chance: number, looks: number, boundary = pairedBoundary): Run {
  return (random) => {
    let bad = 0
    for (let look = 1; look <= looks; look += 1) {
      if (random() < chance) bad += 1
      if (bad >= (boundary[look] ?? 0)) return look
    }
    return Number.POSITIVE_INFINITY
  }
}

/** Requests that differ with a chance of `rate`, looked at for PASS below 1 %. */
export function passRun(rate: number, looks: number): Run {
  return (random) => {
    let bad = 0
    for (let look = 1; look <= looks; look += 1) {
      if (random() < rate) bad += 1
      if (bad <= (passBoundary[look] ?? -1)) return look
    }
    return Number.POSITIVE_INFINITY
  }
}

/** A fixed-level one-sided McNemar test at every look, as it is often done. */
export function naiveRun(looks: number): Run {
  return (random) => {
    let ahead = 0
    for (let look = 1; look <= looks; look += 1) {
      ahead += random() < 0.5 ? 1 : -1
      if (ahead > 1.6449 * Math.sqrt(look)) return look
    }
    return Number.POSITIVE_INFINITY
  }
}

/** Chance that the shadow takes longer than `ratio` × its peer when it is `slower` × as slow, log-sd 0.5 on each side. */
export function chanceOfSlower(slower: number, ratio: number): number {
  const z = Math.log(slower / ratio) / (0.5 * Math.SQRT2)
  // Φ by Simpson's rule: enough digits for a simulation.
  const steps = 200
  let sum = 0
  for (let i = 0; i <= steps; i += 1) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * Math.exp(-(((z * i) / steps) ** 2) / 2)
  }
  return 0.5 + (sum * z) / (steps * 3) / Math.sqrt(2 * Math.PI)
}

export function spoken(run: Run, runs: number, seed: number): { share: number; median: number } {
  const looks: number[] = []
  for (let i = 0; i < runs; i += 1) looks.push(run(seeded(seed + i * 7_919)))
  looks.sort((one, two) => one - two)
  return {
    share: looks.filter((look) => Number.isFinite(look)).length / runs,
    median: looks[Math.floor(runs / 2)] ?? Number.NaN,
  }
}

/** Share of runs in which |z| > 1.96 at one of K looks at a growing sample, for each K: shows that the harness is sound. */
export function peekedNormal(counts: readonly number[], runs: number): number[] {
  const most = Math.max(...counts)
  const alarms = counts.map(() => 0)
  const random = seeded(1)
  for (let run = 0; run < runs; run += 1) {
    let sum = 0
    let first = Number.POSITIVE_INFINITY
    for (let look = 1; look <= most && first > most; look += 1) {
      sum += Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      if (Math.abs(sum) > 1.959964 * Math.sqrt(look)) first = look
    }
    counts.forEach((count, i) => {
      if (first <= count) alarms[i] = (alarms[i] ?? 0) + 1
    })
  }
  return alarms.map((count) => count / runs)
}
