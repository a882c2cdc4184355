// When a rule ends: after a day, or once the shadow reports a version.
import type { Until } from '../../../plugin-config/rules.ts'

/** By the time of the exchange, so that a replay of the log decides alike. A version that is not known ends nothing. */
export function hasEnded(until: Until | undefined, { atMs, version }: { atMs: number; version?: string }): boolean {
  if (until === undefined) return false
  if ('date' in until) return atMs >= Date.parse(`${until.date}T00:00:00Z`) + 24 * 3_600_000
  const reached = version === undefined ? null : versionNumbers(version)
  return reached !== null && isAtLeast(reached, versionNumbers(until.version) ?? [])
}

/** `v2.3.0-rc.1+build` to 2, 3, 0; null for what begins with no number. */
function versionNumbers(text: string): number[] | null {
  const found = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?![\d.])/.exec(text.slice(0, 100))?.[1]
  return found === undefined ? null : found.split('.').map(Number)
}

function isAtLeast(version: number[], least: number[]): boolean {
  for (let i = 0; i < Math.max(version.length, least.length); i += 1) {
    const [one, two] = [version[i] ?? 0, least[i] ?? 0]
    if (one !== two) return one > two
  }
  return true
}
