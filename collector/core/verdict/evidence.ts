// What a verdict is made from: counts that are the same in whatever order the records came, and may be stored and added.
// Nothing here is a rate or a judgement, and a unit that turns out noisy later needs no replay (see difference-set.ts).
import type { ControlKind } from '../../../plugin-config/verdict-policy.ts'
import type { DifferenceKind } from '../comparison.ts'

/** How often one place of an answer differed in one way: the unit in which noise is learned. */
export type UnitCounts = {
  /** Where, with `*` for array positions; `…` for all that one pair has beyond the bound. */
  readonly path: string
  readonly kind: DifferenceKind
  /** Smallest id of an exchange that showed it. */
  readonly firstSeen: string
  /** Pairs of primary and shadow that differ here. */
  readonly shadow: number
  /** Pairs of primary and control that differ here. */
  readonly control: number
}

/** Shadow pairs that differ in exactly these units (`fieldKey`), those already known as noisy left out. */
export type SetCounts = { readonly units: readonly string[]; readonly pairs: number }

/** Counted after the warm-up only, by the frozen parameters of the endpoint. */
export type LatencyCounts = {
  /** Exchanges in which the shadow took longer than `ratio` × its peer, and the others (ties too). */
  readonly slower: number
  readonly notSlower: number
  /** Exchanges in which only the shadow, only the control was above the frozen tail quantile. */
  readonly tailShadow: number
  readonly tailControl: number
}

export type EndpointEvidence = {
  /** Method and template. */
  readonly endpoint: string
  /** Smallest exchange id seen on it: tells the order of first sight in whatever order records came. */
  readonly firstSeen: string
  /** Live requests in the window, mirrored or not; 0 where unknown. */
  readonly liveRequests: number
  /** Today's pace, to say how long what is missing will take; 0 where unknown. */
  readonly pairsPerSecond: number
  readonly controlPairsPerSecond: number
  /** Shadow pairs compared in full, and those of them with any difference that no rule covers. */
  readonly pairs: number
  readonly differing: number
  /** Shadow pairs that could not be compared in full, time-outs of the shadow and what its guard shed left out. */
  readonly incomplete: number
  /** Expected pairs of which the shadow's side, or the primary's, never came. */
  readonly unpaired: number
  /** The shadow did not answer, or not in time, where the primary answered. */
  readonly timeouts: number
  readonly controlPairs: number
  readonly controlDiffering: number
  /** Primary below 500 and shadow 5xx or timed out; and the other way round. */
  readonly worse: number
  readonly better: number
  readonly units: readonly UnitCounts[]
  readonly sets: readonly SetCounts[]
  /** Differing shadow pairs whose set found no room. */
  readonly overflow: number
  /** Exchanges with both sides: only the shadow, only the control differed from the primary. */
  readonly onlyShadow: number
  readonly onlyControl: number
  readonly latency: LatencyCounts
}

/** A split of requests that must be as configured: `chosen` of `total` while `share` (0 to 1) held. */
export type SplitCounts = {
  readonly what: string
  readonly share: number
  readonly chosen: number
  readonly total: number
}

export type RouteEvidence = {
  readonly route: string
  readonly variant: string
  readonly control: ControlKind
  /** Since this generation of primary and shadow began. */
  readonly elapsedSeconds: number
  readonly endpoints: readonly EndpointEvidence[]
  /** Endpoints known from elsewhere (an OpenAPI file, live traffic) that may never have been compared. */
  readonly knownEndpoints: readonly string[]
  readonly splits: readonly SplitCounts[]
}

/** Set once after an endpoint's warm-up and stored with the counts that were made by it. */
export type FrozenLatency = {
  /** 1.1: the shadow counts as slower when it took longer than 1.1 × its peer. */
  readonly ratio: number
  /** `max`: the slower of primary and control; `control`: the control, where it has its own instance. */
  readonly peer: 'max' | 'control'
  readonly tailQuantile: number
  /** The control's quantile in the warm-up window, in microseconds. */
  readonly tailMicros: number
  readonly warmUpRequests: number
  /** Only exchanges with greater ids count. */
  readonly after: string
}

/** By endpoint. */
export type FrozenParameters = ReadonlyMap<string, { readonly latency: FrozenLatency }>

/** An endpoint of which nothing is known yet. */
export function emptyEvidence(endpoint: string): EndpointEvidence {
  return {
    endpoint,
    firstSeen: '',
    liveRequests: 0,
    pairsPerSecond: 0,
    controlPairsPerSecond: 0,
    pairs: 0,
    differing: 0,
    incomplete: 0,
    unpaired: 0,
    timeouts: 0,
    controlPairs: 0,
    controlDiffering: 0,
    worse: 0,
    better: 0,
    units: [],
    sets: [],
    overflow: 0,
    onlyShadow: 0,
    onlyControl: 0,
    latency: { slower: 0, notSlower: 0, tailShadow: 0, tailControl: 0 },
  }
}
