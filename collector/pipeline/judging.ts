// Rules and learned noise over the comparison of a pair: the last word on its outcome, on the main thread.
import type { ArrayRule } from '../core/compare/array-rules.ts'
import type { ComparisonResult } from '../core/comparison.ts'
import { applyNoise, type LearnedNoise } from '../core/noise/learned-noise.ts'
import { applyRules } from '../core/rules/apply-rules.ts'
import type { RuleContext, RuleSet } from '../core/rules/rule-set.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'

/** What is known of a pair besides its bodies. */
export type JudgedPlace = { route: string; variant: string; endpoint: string; createdAtMs: number }

export type Judging = {
  /** How the route's rules want arrays of this pair read; nearly always empty. */
  arraysOf(place: JudgedPlace): readonly ArrayRule[]
  judge(place: JudgedPlace, result: ComparisonResult): ComparisonResult
}

export type JudgingPorts = {
  /** Null where no rule speaks of the route. */
  rulesOf: (route: string) => RuleSet | null
  /** What the control has shown of this version of the primary; null where it has shown nothing. */
  noiseOf: (route: string) => LearnedNoise | null
  /** The version that the shadow is known to run, for rules that end with one. */
  shadowVersionOf: (route: string, variant: string) => string | undefined
}

const NO_ARRAYS: readonly ArrayRule[] = []

export function createJudging({ rulesOf, noiseOf, shadowVersionOf }: JudgingPorts): Judging {
  const contextOf = ({ route, variant, endpoint, createdAtMs }: JudgedPlace): RuleContext => {
    const version = shadowVersionOf(route, variant)
    return { endpoint, atMs: createdAtMs, ...(version === undefined ? {} : { version }) }
  }
  return {
    arraysOf(place) {
      return rulesOf(place.route)?.arraysOf(contextOf(place)) ?? NO_ARRAYS
    },
    judge(place, result) {
      if (result.differences.length === 0) return result
      const rules = rulesOf(place.route)
      const ruled = rules === null ? result : applyRules(result, rules, contextOf(place))
      // The control teaches what is noise: masked by what it taught before, it would teach nothing more.
      if (place.variant === CONTROL_VARIANT) return ruled
      const noise = noiseOf(place.route)
      return noise === null ? ruled : applyNoise(ruled, place.endpoint, noise)
    },
  }
}
