// "Did you mean": the known name that a mistyped one is closest to.

/** The nearest of `known` within a third of its length in single-character edits; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined
  const wanted = name.toLowerCase()
  let best: { name: string; edits: number } | undefined
  for (const candidate of known) {
    const edits = isSpelledWithin(wanted, candidate.toLowerCase()) ? 1 : editsBetween(wanted, candidate.toLowerCase())
    if (edits <= Math.max(1, Math.ceil(candidate.length / 3)) && (!best || edits < best.edits)) {
      best = { name: candidate, edits }
    }
  }
  return best?.name
}

/** `shadowPercnt` holds no known name, `requestMethods` holds `methods`, `shad` begins `shadows`. */
function isSpelledWithin(wanted: string, candidate: string): boolean {
  return wanted.length > 2 && (candidate.startsWith(wanted) || (candidate.length > 4 && wanted.includes(candidate)))
}

function editsBetween(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
