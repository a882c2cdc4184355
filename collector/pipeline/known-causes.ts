// Which causes there are, so that a service gone wild makes no more of them than a report can tell.
import { MAX_CAUSES } from '../core/cause/cause-tally.ts'

export type KnownCauses = {
  /** Adds the cause. False where the route's variant has no room; true for one that is known. */
  admit(route: string, variant: string, id: string): boolean
}

/** Routes and their variants; beyond, nothing more is admitted. */
const MAX_VARIANTS = 20_000

export function createKnownCauses(maxCauses: number = MAX_CAUSES): KnownCauses {
  const known = new Map<string, Set<string>>()
  return {
    admit(route, variant, id) {
      const key = `${route}\n${variant}`
      let ids = known.get(key)
      if (ids === undefined) {
        if (known.size >= MAX_VARIANTS) return false
        ids = new Set()
        known.set(key, ids)
      }
      if (ids.has(id)) return true
      if (ids.size >= maxCauses) return false
      ids.add(id)
      return true
    },
  }
}
