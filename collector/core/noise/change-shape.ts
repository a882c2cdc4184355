// What a value changed from and to, in one word for both sides: what makes a noisy field a uuid or a shuffled array.
import type { Difference, ShownValue } from '../comparison.ts'
import { isToken, shapeOf, urlWithoutHost, type ValueShape } from '../rules/value-shape.ts'

/** `word`: text that a token may be and a word too. `mixed`: none of these on both sides. */
export type ChangeShape = Exclude<ValueShape, 'url' | 'other'> | 'url-host' | 'number' | 'reordered' | 'word' | 'mixed'

export function changeShape({ kind, primary, shadow }: Difference): ChangeShape {
  if (kind === 'reordered') return 'reordered'
  if (kind !== 'changed' || primary === undefined || shadow === undefined) return 'mixed'
  const before = valuesOf(primary)
  const after = valuesOf(shadow)
  if (before.length !== after.length) return 'mixed'
  const shapes = new Set(before.map((value, i) => pairShape(value, after[i] ?? null)))
  const [shape] = shapes
  return shapes.size === 1 && shape !== undefined ? shape : 'mixed'
}

/** A header of several values is shown as a list. */
function valuesOf(value: ShownValue): ShownValue[] {
  return Array.isArray(value) ? value : [value]
}

function pairShape(before: ShownValue, after: ShownValue): ChangeShape {
  const shape = shapeOf(before)
  const other = shapeOf(after)
  if (shape === other && shape !== 'other') {
    if (shape !== 'url') return shape
    return urlWithoutHost(before) === urlWithoutHost(after) ? 'url-host' : 'mixed'
  }
  if (typeof before === 'number' && typeof after === 'number') return 'number'
  // A random token may now and then have no digit, or nothing but digits.
  if (!isToken(before) || !isToken(after)) return 'mixed'
  return shape === 'token' || other === 'token' ? 'token' : 'word'
}
