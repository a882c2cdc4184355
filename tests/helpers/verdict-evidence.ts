// Evidence for the verdict's tests and benches: made by counting drawn pairs, as the pipeline would.
import {
  type EndpointEvidence,
  emptyEvidence,
  type FrozenLatency,
  type FrozenParameters,
  type RouteEvidence,
} from '../../collector/core/verdict/evidence.ts'

/** A seeded generator (splitmix32): numbers from 0 up to 1. */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** One exchange: the units in which shadow and control differ from the primary; no control where undefined. */
export type DrawnExchange = {
  id: string
  shadow: readonly string[]
  control?: readonly string[] | undefined
}

export type Tally = {
  add(exchange: DrawnExchange): void
  evidence(): EndpointEvidence
}

/** Counts exchanges of one endpoint in whatever order they are given. */
export function createTally(endpoint: string): Tally {
  const units = new Map<string, { firstSeen: string; shadow: number; control: number }>()
  const sets = new Map<string, { units: readonly string[]; pairs: number }>()
  const sums = { pairs: 0, differing: 0, controlPairs: 0, controlDiffering: 0, onlyShadow: 0, onlyControl: 0 }
  let firstSeen = ''

  const unitOf = (key: string, id: string) => {
    const known = units.get(key)
    if (known === undefined) {
      const fresh = { firstSeen: id, shadow: 0, control: 0 }
      units.set(key, fresh)
      return fresh
    }
    if (id < known.firstSeen) known.firstSeen = id
    return known
  }

  return {
    add({ id, shadow, control }) {
      if (firstSeen === '' || id < firstSeen) firstSeen = id
      sums.pairs += 1
      if (shadow.length > 0) {
        sums.differing += 1
        const key = shadow.join('\n')
        const set = sets.get(key)
        if (set === undefined) sets.set(key, { units: shadow, pairs: 1 })
        else set.pairs += 1
        for (const unit of shadow) unitOf(unit, id).shadow += 1
      }
      if (control === undefined) return
      sums.controlPairs += 1
      if (control.length > 0) sums.controlDiffering += 1
      for (const unit of control) unitOf(unit, id).control += 1
      if (shadow.length > 0 && control.length === 0) sums.onlyShadow += 1
      if (shadow.length === 0 && control.length > 0) sums.onlyControl += 1
    },
    evidence: () => ({
      ...emptyEvidence(endpoint),
      ...sums,
      firstSeen,
      units: [...units].map(([key, counts]) => {
        const space = key.indexOf(' ')
        return { kind: key.slice(0, space) as 'changed', path: key.slice(space + 1), ...counts }
      }),
      sets: [...sets.values()].map((set) => ({ ...set })),
    }),
  }
}

/** Exchange ids that sort as their numbers do. */
export const idOf = (number: number) => String(number).padStart(12, '0')

export function routeEvidence(
  endpoints: readonly EndpointEvidence[],
  rest: Partial<RouteEvidence> = {},
): RouteEvidence {
  const frame = { route: 'shop', variant: 'shadow', control: 'shared' as const, elapsedSeconds: 0 }
  return { ...frame, endpoints, knownEndpoints: [], splits: [], ...rest }
}

const FROZEN: FrozenLatency = {
  ...{ ratio: 1.1, peer: 'max', tailQuantile: 0.95, tailMicros: 50_000, warmUpRequests: 20, after: '' },
}

export function frozenFor(endpoints: readonly { endpoint: string }[]): FrozenParameters {
  return new Map(endpoints.map(({ endpoint }) => [endpoint, { latency: FROZEN }]))
}
