// Two lists that differ in places: where. Used for lines of texts and for children of markup.

/** Elements [before, beforeEnd) stand where the other side has [after, afterEnd). */
export type Gap = { before: number; beforeEnd: number; after: number; afterEnd: number }

/**
 * The gaps between what both have. Elements before the first and after the last difference cost nothing more than a
 * look; the middle is aligned by its longest common subsequence while its table has no more than `maxCells`, else by
 * position. Elements are compared by `===`.
 */
export function gapsBetween<T extends string | number>(
  before: readonly T[],
  after: readonly T[],
  maxCells: number,
): Gap[] {
  let start = 0
  let beforeEnd = before.length
  let afterEnd = after.length
  while (start < beforeEnd && start < afterEnd && before[start] === after[start]) start += 1
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd -= 1
    afterEnd -= 1
  }
  const here = before.slice(start, beforeEnd)
  const there = after.slice(start, afterEnd)
  const isAlignable = (here.length + 1) * (there.length + 1) <= maxCells
  const matches = isAlignable ? commonElements(here, there) : sameByPosition(here, there)
  const gaps: Gap[] = []
  let beforeAt = 0
  let afterAt = 0
  for (const [i, j] of [...matches, [here.length, there.length] as const]) {
    if (i > beforeAt || j > afterAt) {
      gaps.push({ before: start + beforeAt, beforeEnd: start + i, after: start + afterAt, afterEnd: start + j })
    }
    beforeAt = i + 1
    afterAt = j + 1
  }
  return gaps
}

function sameByPosition<T>(before: T[], after: T[]): [number, number][] {
  const matches: [number, number][] = []
  for (let i = 0; i < before.length && i < after.length; i += 1) if (before[i] === after[i]) matches.push([i, i])
  return matches
}

/** Longest common subsequence by the usual table, filled from the end. */
function commonElements<T>(before: T[], after: T[]): [number, number][] {
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
