// Noise that nobody wrote a rule for: a unit that the control has shown at least once (statistics.md B.0, step 2).
import type { ComparisonResult } from '../comparison.ts'
import { markNoise } from '../rules/apply-rules.ts'
import type { ControlTally } from './control-tally.ts'
import { type NoiseUnit, unitKey } from './noise-unit.ts'
import { placeOf } from './place.ts'

export type LearnedNoise = {
  isNoisy(unit: NoiseUnit): boolean
  units(): NoiseUnit[]
}

/** What marks carry that come from no rule. */
export const LEARNED = 'learned'

/** Lines of a text that may be noisy one by one; with more of them the text's lines simply move. */
const MAX_NOISY_LINES = 20

/** Of a tally's keys, so that what a store keeps is enough: `units` of control pairs of this version of the primary. */
export function learnedNoise(units: Iterable<NoiseUnit>): LearnedNoise {
  const all: NoiseUnit[] = []
  const keys = new Set<string>()
  const lines = new Map<string, number>()
  for (const unit of units) {
    all.push(unit)
    keys.add(unitKey(unit))
    if (!isLine(unit)) continue
    const text = anyLine(unit)
    const count = (lines.get(text) ?? 0) + 1
    lines.set(text, count)
    if (count > MAX_NOISY_LINES) keys.add(text)
  }
  return {
    isNoisy: (unit) => keys.has(unitKey(unit)) || (isLine(unit) && keys.has(anyLine(unit))),
    units: () => all,
  }
}

export function noiseOf({ units }: ControlTally): LearnedNoise {
  return learnedNoise([...units.values()].map(({ unit }) => unit))
}

/** Marks what is learned noise, as rules mark what they cover. */
export function applyNoise(result: ComparisonResult, endpoint: string, noise: LearnedNoise): ComparisonResult {
  return markNoise(result, ({ path, kind }) =>
    noise.isNoisy({ endpoint, path: placeOf(path), kind }) ? LEARNED : null,
  )
}

function isLine({ path }: NoiseUnit): boolean {
  return path.startsWith('line:')
}

function anyLine({ endpoint, kind }: NoiseUnit): string {
  return unitKey({ endpoint, kind, path: 'line:*' })
}
