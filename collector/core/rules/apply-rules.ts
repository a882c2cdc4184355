// Rules over a finished comparison: what they cover stays in it, marked as noise, and decides nothing any more.
import type { ComparisonResult, Difference, Outcome } from '../comparison.ts'
import type { RuleContext, RuleSet } from './rule-set.ts'

/** Marks every difference that a rule covers with `noise` and the rule's name; `noise` when all are covered. */
export function applyRules(result: ComparisonResult, rules: RuleSet, context: RuleContext): ComparisonResult {
  return markNoise(result, (difference) => rules.ruleFor(difference, context)?.name ?? null)
}

/**
 * Marks the differences for which `coveredBy` gives a name; ones marked already stay as they are. The same result when
 * nothing is covered. A result of which differences were cut never becomes `noise`: nobody saw the rest.
 */
export function markNoise(
  result: ComparisonResult,
  coveredBy: (difference: Difference) => string | null,
): ComparisonResult {
  if (result.differences.length === 0) return result
  let isMarked = false
  const differences = result.differences.map((difference) => {
    const name = difference.noise ? null : coveredBy(difference)
    if (name === null) return difference
    isMarked = true
    return { ...difference, noise: true, rule: name }
  })
  return isMarked ? { ...result, outcome: outcomeOf(result, differences), differences } : result
}

function outcomeOf(result: ComparisonResult, differences: Difference[]): Outcome {
  if (result.outcome !== 'different' || result.differencesCut) return result.outcome
  return differences.every(({ noise }) => noise === true) ? 'noise' : 'different'
}
