// Rules made ready: patterns parsed once, those that do not speak of an endpoint left out once per endpoint.
import type { Rule } from '../../../plugin-config/rules.ts'
import {
  coversPath,
  endpointPattern,
  matchesEndpoint,
  matchesPath,
  type PathPattern,
  pathPattern,
} from '../../../plugin-config/rules-path.ts'
import type { ArrayRule } from '../compare/array-rules.ts'
import type { Difference } from '../comparison.ts'
import { coversValues } from './treatment.ts'
import { hasEnded } from './until.ts'

/** Of the pair: its endpoint, the time of the exchange (not of the clock), and the shadow's version where one is known. */
export type RuleContext = { endpoint: string; atMs: number; version?: string }

export type RuleSet = {
  /** The first rule that covers the difference, or null. */
  ruleFor(difference: Difference, context: RuleContext): Rule | null
  /** How arrays of an endpoint's bodies are to be read, for the comparer. */
  arraysOf(context: RuleContext): ArrayRule[]
}

type ReadyRule = { rule: Rule; paths: PathPattern[]; endpoints: PathPattern[] }

/** Endpoints for which the rules that speak of them are remembered. */
const MAX_REMEMBERED = 1_000

export function createRuleSet(rules: readonly Rule[]): RuleSet {
  const ready = rules.map((rule) => ({
    rule,
    paths: rule.at.map(pathPattern),
    endpoints: rule.endpoints.map(endpointPattern),
  }))
  const byEndpoint = new Map<string, ReadyRule[]>()
  const rulesOf = (endpoint: string): ReadyRule[] => {
    const known = byEndpoint.get(endpoint)
    if (known !== undefined) return known
    const found = ready.filter(
      ({ endpoints }) => endpoints.length === 0 || endpoints.some((one) => matchesEndpoint(one, endpoint)),
    )
    if (byEndpoint.size >= MAX_REMEMBERED) byEndpoint.clear()
    byEndpoint.set(endpoint, found)
    return found
  }
  return {
    ruleFor(difference, context) {
      for (const one of rulesOf(context.endpoint)) {
        if (isAt(one, difference) && coversValues(one.rule.treat, difference) && !hasEnded(one.rule.until, context)) {
          return one.rule
        }
      }
      return null
    },
    arraysOf(context) {
      return rulesOf(context.endpoint).flatMap(({ rule }): ArrayRule[] => {
        const { treat, at } = rule
        if (treat.as !== 'unordered' || hasEnded(rule.until, context)) return []
        return at.map((path) => ({
          at: path,
          as: 'unordered',
          ...(treat.by === undefined ? {} : { by: treat.by }),
        }))
      })
    },
  }
}

function isAt({ rule, paths }: ReadyRule, { path, kind }: Difference): boolean {
  if (rule.kinds.length > 0 && !rule.kinds.includes(kind)) return false
  const matches = rule.treat.as === 'ignore' || rule.treat.as === 'expected' ? coversPath : matchesPath
  return paths.some((pattern) => matches(pattern, path))
}
