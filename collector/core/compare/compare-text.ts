// Two texts to differences by line.
import type { Difference } from '../comparison.ts'
import type { CompareLimits } from './comparable.ts'
import { shownText, shownTexts } from './shown-value.ts'

/**
 * Differences with paths `line:<n>`, n counted from 1: the primary's line where it has one, else the other side's.
 * Lines before the first and after the last difference cost nothing more than a look; the middle is aligned by its
 * longest common subsequence while its table has no more than `maxLineCells`, else by position.
 */
export function compareText(before: string, after: string, limits: CompareLimits): Difference[] {
  const beforeLines = before.split('\n')
  const afterLines = after.split('\n')
  let start = 0
  let beforeEnd = beforeLines.length
  let afterEnd = afterLines.length
  while (start < beforeEnd && start < afterEnd && beforeLines[start] === afterLines[start]) start += 1
  while (beforeEnd > start && afterEnd > start && beforeLines[beforeEnd - 1] === afterLines[afterEnd - 1]) {
    beforeEnd -= 1
    afterEnd -= 1
  }
  const differences: Difference[] = []
  const middleBefore = beforeLines.slice(start, beforeEnd)
  const middleAfter = afterLines.slice(start, afterEnd)
  for (const gap of gapsBetween(middleBefore, middleAfter, limits)) {
    addGap(gap, start, middleBefore, middleAfter, differences, limits)
    if (differences.length > limits.maxDifferences) break
  }
  return differences
}

/** Lines [before, beforeEnd) stand where the other side has [after, afterEnd). */
type Gap = { before: number; beforeEnd: number; after: number; afterEnd: number }

function gapsBetween(before: string[], after: string[], limits: CompareLimits): Gap[] {
  const isAlignable = (before.length + 1) * (after.length + 1) <= limits.maxLineCells
  const matches = isAlignable ? commonLines(before, after) : sameLinesByPosition(before, after)
  const gaps: Gap[] = []
  let beforeAt = 0
  let afterAt = 0
  for (const [i, j] of [...matches, [before.length, after.length] as const]) {
    if (i > beforeAt || j > afterAt) gaps.push({ before: beforeAt, beforeEnd: i, after: afterAt, afterEnd: j })
    beforeAt = i + 1
    afterAt = j + 1
  }
  return gaps
}

function sameLinesByPosition(before: string[], after: string[]): [number, number][] {
  const matches: [number, number][] = []
  for (let i = 0; i < before.length && i < after.length; i += 1) if (before[i] === after[i]) matches.push([i, i])
  return matches
}

/** Longest common subsequence by the usual table, filled from the end. */
function commonLines(before: string[], after: string[]): [number, number][] {
  const width = after.length + 1
  const lengths = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const matches: [number, number][] = []
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) matches.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1
    else j += 1
  }
  return matches
}

/** Lines face to face are changed; what one side has more of is removed or added. */
function addGap(
  gap: Gap,
  start: number,
  before: string[],
  after: string[],
  differences: Difference[],
  limits: CompareLimits,
): void {
  let i = gap.before
  let j = gap.after
  for (; i < gap.beforeEnd && j < gap.afterEnd; i += 1, j += 1) {
    const shown = shownTexts(before[i] ?? '', after[j] ?? '', limits)
    differences.push({ path: `line:${start + i + 1}`, kind: 'changed', ...shown })
    if (differences.length > limits.maxDifferences) return
  }
  for (; i < gap.beforeEnd && differences.length <= limits.maxDifferences; i += 1) {
    const primary = shownText(before[i] ?? '', limits)
    differences.push({ path: `line:${start + i + 1}`, kind: 'removed', primary })
  }
  for (; j < gap.afterEnd && differences.length <= limits.maxDifferences; j += 1) {
    differences.push({ path: `line:${start + j + 1}`, kind: 'added', shadow: shownText(after[j] ?? '', limits) })
  }
}
