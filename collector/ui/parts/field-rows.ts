// The places of an endpoint's fields as a tree: what lies below a common place stands below it, and a place that leads to
// one only is one step with it. Pure.
import type { Field } from '../api/types.ts'

/** `field` is null where a place only holds others. */
export type FieldRow = { key: string; depth: number; label: string; field: Field | null }

type Node = { fields: Field[]; below: Map<string, Node> }

/** In the order of `fields`: a place comes where the first of what it holds does. */
export function fieldRows(fields: readonly Field[]): FieldRow[] {
  const root: Node = { fields: [], below: new Map() }
  for (const field of fields) {
    let node = root
    for (const step of stepsOf(field.path)) {
      const next = node.below.get(step) ?? { fields: [], below: new Map() }
      node.below.set(step, next)
      node = next
    }
    node.fields.push(field)
  }
  return [...root.below].flatMap(([step, node]) => rowsOf(node, step, step, 0))
}

/** `/items/*\/id` is three steps; a header, a status and the whole body are one. */
function stepsOf(path: string): string[] {
  return path.startsWith('/')
    ? path
        .split('/')
        .slice(1)
        .map((token) => `/${token}`)
    : [path]
}

function rowsOf(node: Node, label: string, place: string, depth: number): FieldRow[] {
  const [only] = node.below
  if (node.fields.length === 0 && only && node.below.size === 1)
    return rowsOf(only[1], label + only[0], place + only[0], depth)
  const own: FieldRow[] =
    node.fields.length === 0
      ? [{ key: place, depth, label, field: null }]
      : node.fields.map((field) => ({ key: `${field.kind} ${place}`, depth, label, field }))
  return [...own, ...[...node.below].flatMap(([step, below]) => rowsOf(below, step, place + step, depth + 1))]
}
