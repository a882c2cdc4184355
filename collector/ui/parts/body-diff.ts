// Where two bodies differ: by line first, which a megabyte takes well, then by character within what changed. The
// editor's own search goes by character from the start, and gives up on large bodies: all between the first difference
// and the last is one change then. Pure.
import { Change, diff } from '@codemirror/merge'
import { diffArrays } from 'diff'

/** Past these, lines are no help: the bodies have little in common. */
const lineLimits = { maxEditLength: 4_000, timeout: 300 }
const characterLimits = { scanLimit: 500, timeout: 200 }
/** A longer change is shown as a whole. */
const refinedLength = 10_000

export function bodyDiff(a: string, b: string): readonly Change[] {
  const parts = diffArrays(a.split('\n'), b.split('\n'), lineLimits)
  if (parts === undefined) return diff(a, b, characterLimits)
  const changes: Change[] = []
  let [fromA, fromB, toA, toB] = [0, 0, 0, 0]
  const close = () => {
    if (toA > fromA || toB > fromB) changes.push(...refined(a, b, within(a, b, { fromA, fromB, toA, toB })))
    ;[fromA, fromB] = [toA, toB]
  }
  for (const { added, removed, value } of parts) {
    const length = value.reduce((sum, line) => sum + line.length + 1, 0)
    if (!added && !removed) close()
    if (!added) toA += length
    if (!removed) toB += length
    if (!added && !removed) [fromA, fromB] = [toA, toB]
  }
  close()
  return changes
}

type Range = { fromA: number; fromB: number; toA: number; toB: number }

/** The last line has no line feed: a change there takes the one before instead. */
function within(a: string, b: string, { fromA, fromB, toA, toB }: Range): Range {
  const back = Math.max(0, fromA - a.length, fromB - b.length)
  return {
    fromA: fromA - back,
    fromB: fromB - back,
    toA: Math.min(toA, a.length),
    toB: Math.min(toB, b.length),
  }
}

function refined(a: string, b: string, { fromA, fromB, toA, toB }: Range): Change[] {
  const isWhole = fromA === toA || fromB === toB || toA - fromA > refinedLength || toB - fromB > refinedLength
  if (isWhole) return [new Change(fromA, toA, fromB, toB)]
  return diff(a.slice(fromA, toA), b.slice(fromB, toB), characterLimits).map(
    (one) => new Change(one.fromA + fromA, one.toA + fromA, one.fromB + fromB, one.toB + fromB),
  )
}
