// How a route's rules want arrays read; without one, match-elements.ts finds out.
import { matchesPath, pathPattern } from '../../../plugin-config/rules-path.ts'
import { pointerOf } from './pointer.ts'

/**
 * `position`: element by element. `unordered`: the order says nothing of interest; elements are told apart by the key
 * `by`, or by being equal. `at` is a pattern of plugin-config/rules-path.ts without problems.
 */
export type ArrayRule = { at: string; as: 'position' } | { at: string; as: 'unordered'; by?: string }

export type ArrayRules = {
  /** The first rule for the array at these keys. */
  at(keys: readonly string[]): ArrayRule | null
}

const NONE: ArrayRules = { at: () => null }

export function createArrayRules(rules: readonly ArrayRule[]): ArrayRules {
  if (rules.length === 0) return NONE
  const patterns = rules.map((rule) => ({ rule, pattern: pathPattern(rule.at) }))
  return {
    at(keys) {
      const path = pointerOf(keys)
      return patterns.find(({ pattern }) => matchesPath(pattern, path))?.rule ?? null
    },
  }
}
