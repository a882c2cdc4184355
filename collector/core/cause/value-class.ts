// What the values of a difference are, coarsely: fine enough to tell two causes at one place apart, coarse enough that
// random values do not make many causes of one.
import type { Difference, ShownValue } from '../comparison.ts'
import { shapeOf } from '../rules/value-shape.ts'

/** One word where both sides are the same or one is missing, else `before → after`. Statuses are told by their number. */
export function valueClass({ path, kind, primary, shadow }: Difference): string {
  if (kind === 'reordered') return 'array'
  const classOf = path === 'status' || path === 'graphql:status' ? exactly : coarsely
  if (primary === undefined) return shadow === undefined ? '' : classOf(shadow)
  if (shadow === undefined) return classOf(primary)
  const [before, after] = [classOf(primary), classOf(shadow)]
  return before === after ? before : `${before} → ${after}`
}

function exactly(value: ShownValue): string {
  return String(value).slice(0, 20)
}

function coarsely(value: ShownValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return 'number'
  if (value === '') return 'empty'
  const shape = shapeOf(value)
  return shape === 'uuid' || shape === 'timestamp' || shape === 'url' ? shape : 'string'
}
