// Two texts to differences by line.
import type { Difference } from '../comparison.ts'
import { type Gap, gapsBetween } from './align.ts'
import type { CompareLimits } from './comparable.ts'
import { shownText, shownTexts } from './shown-value.ts'

/**
 * Differences with paths `line:<n>`, n counted from 1: the primary's line where it has one, else the other side's.
 * Lines are aligned as align.ts does within `maxLineCells`.
 */
export function compareText(before: string, after: string, limits: CompareLimits): Difference[] {
  const beforeLines = before.split('\n')
  const afterLines = after.split('\n')
  const differences: Difference[] = []
  for (const gap of gapsBetween(beforeLines, afterLines, limits.maxLineCells)) {
    addGap(gap, beforeLines, afterLines, differences, limits)
    if (differences.length > limits.maxDifferences) break
  }
  return differences
}

/** Lines face to face are changed; what one side has more of is removed or added. */
function addGap(gap: Gap, before: string[], after: string[], differences: Difference[], limits: CompareLimits): void {
  let i = gap.before
  let j = gap.after
  for (; i < gap.beforeEnd && j < gap.afterEnd; i += 1, j += 1) {
    const shown = shownTexts(before[i] ?? '', after[j] ?? '', limits)
    differences.push({ path: `line:${i + 1}`, kind: 'changed', ...shown })
    if (differences.length > limits.maxDifferences) return
  }
  for (; i < gap.beforeEnd && differences.length <= limits.maxDifferences; i += 1) {
    const primary = shownText(before[i] ?? '', limits)
    differences.push({ path: `line:${i + 1}`, kind: 'removed', primary })
  }
  for (; j < gap.afterEnd && differences.length <= limits.maxDifferences; j += 1) {
    differences.push({ path: `line:${j + 1}`, kind: 'added', shadow: shownText(after[j] ?? '', limits) })
  }
}
