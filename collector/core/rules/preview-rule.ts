// What a rule would have hidden, told from past comparisons before anybody saves it.
import type { Rule } from '../../../plugin-config/rules.ts'
import type { ComparisonResult, Difference } from '../comparison.ts'
import { markNoise } from './apply-rules.ts'
import { createRuleSet } from './rule-set.ts'
import { shapeOf } from './value-shape.ts'

export type PastPair = {
  exchangeId: string
  endpoint: string
  atMs: number
  version?: string
  result: ComparisonResult
}

export type PreviewExample = { exchangeId: string; endpoint: string; difference: Difference }

export type RulePreview = {
  /** Past pairs looked at, and those of them that are `different` now. */
  pairs: number
  different: number
  /** Pairs with a difference that the rule covers; those that would no longer be `different`. */
  touched: number
  hidden: number
  /** Some of those that would be hidden, as they are given. */
  hiddenIds: string[]
  /** Differences that it covers. */
  differences: number
  /** Some that it covers, from different endpoints and paths first. */
  examples: PreviewExample[]
  /** Some that it covers and that look like a real change: gone, new, of another type or shape. Not only the value moved. */
  real: PreviewExample[]
}

/** `pairs` newest first; marks of other rules stay, so that only what this rule adds is counted. */
export function previewRule(rule: Rule, pairs: readonly PastPair[], maxExamples = 5): RulePreview {
  const rules = createRuleSet([rule])
  const preview: RulePreview = {
    ...{ pairs: 0, different: 0, touched: 0, hidden: 0, hiddenIds: [], differences: 0 },
    ...{ examples: [], real: [] },
  }
  const covered = new Varied(maxExamples)
  const real = new Varied(maxExamples)
  for (const { exchangeId, endpoint, result, ...time } of pairs) {
    preview.pairs += 1
    if (result.outcome === 'different') preview.different += 1
    const marked = markNoise(result, (difference) => {
      if (rules.ruleFor(difference, { endpoint, ...time }) === null) return null
      preview.differences += 1
      covered.offer({ exchangeId, endpoint, difference })
      if (looksReal(difference)) real.offer({ exchangeId, endpoint, difference })
      return rule.name
    })
    if (marked !== result) preview.touched += 1
    if (marked.outcome === result.outcome) continue
    preview.hidden += 1
    if (preview.hiddenIds.length < maxExamples) preview.hiddenIds.push(exchangeId)
  }
  return { ...preview, examples: covered.kept(), real: real.kept() }
}

function looksReal({ kind, primary, shadow }: Difference): boolean {
  if (kind === 'reordered') return false
  return kind !== 'changed' || shapeOf(primary ?? null) !== shapeOf(shadow ?? null)
}

/** The first examples of each place, then of each pair, up to a number. */
class Varied {
  readonly #most: number
  readonly #first = new Map<string, PreviewExample>()
  readonly #more: PreviewExample[] = []

  constructor(most: number) {
    this.#most = most
  }

  offer(example: PreviewExample): void {
    const place = `${example.endpoint} ${example.difference.kind} ${example.difference.path.replace(/\/\d+(?=\/|$)/g, '/*')}`
    if (!this.#first.has(place) && this.#first.size < this.#most) this.#first.set(place, example)
    else if (this.#more.length < this.#most) this.#more.push(example)
  }

  kept(): PreviewExample[] {
    return [...this.#first.values(), ...this.#more].slice(0, this.#most)
  }
}
