// The noise that is known in this process: what the store holds of it, and what was just seen here. Bounded by route.
import { tallyLimits } from '../core/noise/control-tally.ts'
import { type LearnedNoise, learnedNoise } from '../core/noise/learned-noise.ts'
import { type NoiseUnit, unitKey } from '../core/noise/noise-unit.ts'

export type KnownNoise = {
  /** Null where nothing is known of that version of the route's primary. */
  noiseOf(route: string, version: string): LearnedNoise | null
  /** Adds the unit. False where there is no room; true for one that is known. */
  admit(route: string, version: string, unit: NoiseUnit): boolean
}

type RouteNoise = { version: string; units: Map<string, NoiseUnit>; learned: LearnedNoise | null }

/** Routes are few and named by the user; hand-made taps may name any. */
const MAX_ROUTES = 5_000

export function createKnownNoise(maxUnits: number = tallyLimits.units): KnownNoise {
  const routes = new Map<string, RouteNoise>()
  return {
    noiseOf(route, version) {
      const known = routes.get(route)
      if (known === undefined || known.version !== version) return null
      known.learned ??= learnedNoise(known.units.values())
      return known.learned
    },
    admit(route, version, unit) {
      let known = routes.get(route)
      if (known === undefined || known.version !== version) {
        // Another version of the primary answers: what the last one's noise was says nothing of it.
        if (known === undefined && routes.size >= MAX_ROUTES) return false
        known = { version, units: new Map(), learned: null }
        routes.set(route, known)
      }
      const key = unitKey(unit)
      if (known.units.has(key)) return true
      if (known.units.size >= maxUnits) return false
      known.units.set(key, unit)
      known.learned = null
      return true
    },
  }
}
