// Differences grouped by what may have caused them: endpoint, place, kind and what the value is. Counted and merged so
// that a store can keep the counts in rows; ranked by the requests they touch.
import { createHash } from 'node:crypto'
import type { Difference, DifferenceKind } from '../comparison.ts'
import { placeOf } from '../noise/place.ts'
import { valueClass } from './value-class.ts'

export type Cause = {
  /** The same for the same cause in every process: 16 hex characters. */
  id: string
  endpoint: string
  /** With `*` for positions and ids, and `line:*`. */
  path: string
  kind: DifferenceKind
  /** `string`, `200 → 404`, `object`: what the value is, or what it was and became. */
  valueClass: string
  /** The name of what makes it noise: a rule's, `learned`; '' for what counts. */
  noise: string
}

/** A cause with the first difference of a pair that shows it. */
export type Sighting = { cause: Cause; difference: Difference }

/** Causes of one pair; the comparer keeps no more differences than that. */
const MAX_CAUSES = 200

/** Each cause once, however many differences of the pair show it. */
export function causesOf(endpoint: string, differences: readonly Difference[]): Sighting[] {
  const found = new Map<string, Sighting>()
  for (const difference of differences) {
    const path = difference.path.startsWith('line:') ? 'line:*' : placeOf(difference.path)
    const noise = difference.noise === true ? (difference.rule ?? 'noise') : ''
    const parts = [endpoint, path, difference.kind, valueClass(difference), noise] as const
    const key = parts.join('\n')
    if (found.has(key) || found.size >= MAX_CAUSES) continue
    found.set(key, {
      cause: { id: idOf(key), endpoint, path, kind: parts[2], valueClass: parts[3], noise },
      difference,
    })
  }
  return [...found.values()]
}

/** Stands for all causes for which there is no room. */
export function otherCause({ noise }: Cause): Cause {
  const parts = ['* other', '…', 'changed', '', noise === '' ? '' : 'noise'] as const
  return {
    id: idOf(parts.join('\n')),
    endpoint: parts[0],
    path: parts[1],
    kind: parts[2],
    valueClass: '',
    noise: parts[4],
  }
}

const MAX_REMEMBERED = 5_000
const remembered = new Map<string, string>()

function idOf(key: string): string {
  const known = remembered.get(key)
  if (known !== undefined) return known
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16)
  if (remembered.size < MAX_REMEMBERED) remembered.set(key, id)
  return id
}
