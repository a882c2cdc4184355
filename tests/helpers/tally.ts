// What one runner's tests came to; `npm test` adds them up.

export type Tally = { passed: number; failed: number; skipped: number }

export function addTallies(tallies: Tally[]): Tally {
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}
