// Causes as a report tells them: those that touch most requests first, without noise unless it is asked for.
import type { ControlTally } from '../noise/control-tally.ts'
import { LEARNED, noiseOf } from '../noise/learned-noise.ts'
import { unitKey } from '../noise/noise-unit.ts'
import { placeOf } from '../noise/place.ts'
import type { Cause } from './cause.ts'
import type { Causes, CauseTally } from './cause-tally.ts'
import type { Sample } from './sample.ts'

export type RankedCause = {
  cause: Cause
  count: number
  /** Part of the endpoint's compared pairs that show it, 0 to 1; null while that number is not known. */
  rate: number | null
  /** The same of the control pairs; null without a control. */
  controlRate: number | null
  /** Why it is noise: a rule's name, `learned`; '' for what counts. */
  noise: string
  firstSeenMs: number
  lastSeenMs: number
  /** Newest first. */
  samples: Sample[]
}

export type RankOptions = {
  /** Compared pairs by endpoint. */
  pairs?: ReadonlyMap<string, number>
  /** What it shows to be noise is noise here too, in pairs from before it was learned as well. */
  control?: ControlTally
  includeNoise?: boolean
  limit?: number
}

/** By pairs, then by the newest, then by id: the same list for the same counts. */
export function rankCauses({ byId }: Causes, options: RankOptions = {}): RankedCause[] {
  const { pairs, control, includeNoise = false, limit = 100 } = options
  const learned = control === undefined ? null : noiseOf(control)
  const noiseNameOf = ({ cause, samples }: CauseTally): string => {
    if (cause.noise !== '' || learned === null) return cause.noise
    // Lines are learned one by one and counted together.
    const places =
      cause.path === 'line:*' ? [...samples.values()].map(({ difference }) => difference.path) : [cause.path]
    return places.every((path) => learned.isNoisy({ ...cause, path: placeOf(path) })) ? LEARNED : ''
  }
  return [...byId.values()]
    .map((tally) => ({ tally, noise: noiseNameOf(tally) }))
    .filter(({ noise }) => includeNoise || noise === '')
    .sort((one, two) => byWeight(one.tally, two.tally))
    .slice(0, limit)
    .map(({ tally, noise }) => {
      const { cause, firstSeenMs, lastSeenMs } = tally
      return {
        cause,
        count: tally.pairs,
        rate: rateOf(tally.pairs, pairs?.get(cause.endpoint)),
        controlRate: rateOf(control?.units.get(unitKey(cause))?.pairs ?? 0, control?.pairs.get(cause.endpoint)),
        noise,
        firstSeenMs,
        lastSeenMs,
        samples: [...tally.samples.values()].sort((one, two) => two.atMs - one.atMs),
      }
    })
}

function byWeight(one: CauseTally, two: CauseTally): number {
  return two.pairs - one.pairs || two.lastSeenMs - one.lastSeenMs || (one.cause.id < two.cause.id ? -1 : 1)
}

function rateOf(count: number, of: number | undefined): number | null {
  return of === undefined || of === 0 ? null : Math.min(1, count / of)
}
