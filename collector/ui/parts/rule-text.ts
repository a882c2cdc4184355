// Rules in words, and the place that a rule made from a difference speaks of. Pure.
import type { RuleInput } from '../api/types.ts'

/** The path of a difference with every array position as `*`: `/items/5/id` becomes `/items/*\/id`. */
export function ruleAt(path: string): string {
  if (path.startsWith('line:')) return 'line:*'
  if (!path.startsWith('/')) return path
  return path
    .split('/')
    .map((token) => (/^\d{1,9}$/.test(token) ? '*' : token))
    .join('/')
}

export function placeText({ at, endpoint }: RuleInput): string {
  const places = [at].flat().map((place) => (place === '' ? '(whole body)' : place))
  return endpoint === undefined ? places.join(', ') : `${places.join(', ')} in ${[endpoint].flat().join(', ')}`
}

/** `timestamp (skewMs 60000)` for `{timestamp: {skewMs: 60000}}`. */
export function treatText(treat: unknown): string {
  if (typeof treat === 'string') return treat
  if (typeof treat !== 'object' || treat === null) return JSON.stringify(treat)
  return Object.entries(treat)
    .map(([name, how]) => `${name} (${howText(how)})`)
    .join(', ')
}

function howText(how: unknown): string {
  if (typeof how !== 'object' || how === null || Array.isArray(how)) return JSON.stringify(how)
  return Object.entries(how)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ')
}
