// What the writer of evidence has to know: the generation that each exchange belongs to, which units are noisy, which
// parameters are frozen. Read again every second at most, before a batch, so that a generation that begins two seconds
// from now is known to all processes in time. Bounded by variants, endpoints and what an endpoint may have.
import { storableText } from '../core/storable.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { LatencySettings } from '../core/verdict/latency.ts'
import { type EndpointMemory, emptyMemory } from '../core/verdict/pair-metrics.ts'
import type { EvidenceStore, Generation } from '../store/evidence-store.ts'
import type { EvidenceRows } from '../store/settled/evidence-part.ts'
import { type CountedIn, evidenceRows } from './evidence-rows.ts'
import { freezeWarm } from './freeze-warm.ts'
import type { SettledPair } from './settled.ts'

export type EvidenceBook = {
  /** Brings what is known of the pairs' variants up to date. Throws what the database says. */
  prepare(pairs: readonly SettledPair[]): Promise<void>
  rowsOf(pairs: readonly SettledPair[]): EvidenceRows
}

type Options = {
  store: EvidenceStore
  /** How a route's latency is judged; undefined where it is not. */
  latencyOf: (route: string) => LatencySettings | undefined
  now: () => number
  /** Told of pairs that are no evidence because there is no room for another variant. */
  leftOut: (pairs: number) => void
  /** Told before evidence is written. */
  counted: () => void
}

type Counted = Generation & { memory: Map<string, EndpointMemory> }
type Tracked = { route: string; variant: string; generations: Counted[] }

const MAX_VARIANTS = 300
/** A generation begins this long after it was asked for: longer than what a process knows may be old. */
export const BEGINS_AFTER_MS = 2_000
const FRESH_MS = 1_000
const FREEZE_EVERY_MS = 3_000
const NO_LATENCY = 0

export function createEvidenceBook(options: Options): EvidenceBook {
  const { store, now } = options
  const tracked = new Map<string, Tracked>()
  let readAt = Number.NEGATIVE_INFINITY
  let frozeAt = Number.NEGATIVE_INFINITY

  const read = async () => {
    const startedAt = now()
    // The control's first: the shadows' memories look at its noise.
    const isControl = ({ variant }: Generation) => Number(variant !== CONTROL_VARIANT)
    for (const generation of (await store.generations()).toSorted((one, two) => isControl(one) - isControl(two))) {
      const variant = tracked.get(nameOf(generation.route, generation.variant))
      if (variant === undefined || variant.generations.some((one) => one.generation === generation.generation)) continue
      const counted: Counted = { ...generation, memory: new Map() }
      // A generation that this process did not see begin may have counts from before it started.
      for (const known of await store.memory(generation)) remember(counted, known)
      for (const [endpoint, { latency }] of Object.entries(await store.frozen(generation)))
        memoryOf(counted, endpoint).latency = latency
      variant.generations.push(counted)
      variant.generations.sort((one, two) => one.generation - two.generation)
      if (variant.generations.length > 3) variant.generations.shift()
    }
    readAt = startedAt
  }

  const remember = (of: Counted, known: { endpoint: string; metric: string; details: string[] }) => {
    const memory = memoryOf(of, known.endpoint)
    if (known.metric === 'latency') memory.latencySamples = known.details.length
    else if (known.metric === 'set') for (const detail of known.details) memory.sets.add(detail)
    else for (const detail of known.details) (of.variant === CONTROL_VARIANT ? memory.noisy : memory.units).add(detail)
  }

  const freeze = async () => {
    frozeAt = now()
    for (const { route, generations } of tracked.values()) {
      const settings = options.latencyOf(route)
      const current = generations.at(-1)
      if (settings === undefined || current === undefined) continue
      const isOpen = [...current.memory.values()].some((one) => one.latency === undefined && one.latencySamples > 0)
      if (!isOpen) continue
      const frozen = await freezeWarm(store, current, settings)
      for (const [endpoint, { latency }] of Object.entries(frozen)) memoryOf(current, endpoint).latency = latency
    }
  }

  const memoryOf = (of: Counted, endpoint: string): EndpointMemory => {
    const known = of.memory.get(endpoint)
    if (known !== undefined) return known
    const control = of.variant === CONTROL_VARIANT ? undefined : controlOf(of)
    const memory = emptyMemory(control && memoryOf(control, endpoint).noisy)
    of.memory.set(endpoint, memory)
    return memory
  }

  /** Whenever the control's counts begin anew, so do those of all shadows: each has one generation of noise. */
  const controlOf = ({ route, beganAtMs }: Generation): Counted | undefined => {
    const generations = tracked.get(nameOf(route, CONTROL_VARIANT))?.generations
    return generations && generationAt(generations, beganAtMs)
  }

  const countedIn: CountedIn = (pair, variant) => {
    const generations = tracked.get(nameOf(pair.route, variant))?.generations
    const of = generations && generationAt(generations, pair.createdAtMs)
    if (of === undefined) return undefined
    const settings = options.latencyOf(pair.route)
    return {
      generation: of.generation,
      memory: memoryOf(of, storableText(pair.endpoint)),
      warmUpRequests: settings?.warmUpRequests ?? NO_LATENCY,
      judgesLatency: settings !== undefined,
    }
  }

  return {
    async prepare(pairs) {
      const fresh = new Map<string, SettledPair>()
      for (const pair of pairs) {
        const variant = evidenceVariant(pair)
        const name = nameOf(pair.route, variant)
        if (!tracked.has(name) && tracked.size + fresh.size < MAX_VARIANTS) fresh.set(name, pair)
      }
      for (const [name, pair] of fresh) {
        const [route, variant] = [storableText(pair.route), storableText(evidenceVariant(pair))]
        await store.open(route, CONTROL_VARIANT, pair.createdAtMs)
        await store.open(route, variant, pair.createdAtMs)
        tracked.set(name, { route, variant, generations: [] })
        const control = nameOf(pair.route, CONTROL_VARIANT)
        if (!tracked.has(control)) tracked.set(control, { route, variant: CONTROL_VARIANT, generations: [] })
      }
      if (fresh.size > 0 || now() - readAt >= FRESH_MS || now() < readAt) await read()
      if (now() - frozeAt >= FREEZE_EVERY_MS || now() < frozeAt) await freeze()
    },
    rowsOf(pairs) {
      const { rows, leftOut } = evidenceRows(pairs, countedIn)
      if (leftOut > 0) options.leftOut(leftOut)
      options.counted()
      return rows
    },
  }
}

/** The variant under which a pair is evidence; a joint belongs to its shadow. */
function evidenceVariant(pair: SettledPair): string {
  return pair.end === 'joint' ? pair.of : pair.variant
}

/** By the time inside the exchange's id, so that a replay falls into the same one. What is older than all, the first. */
function generationAt<G extends Generation>(generations: readonly G[], atMs: number): G | undefined {
  return generations.findLast(({ beganAtMs }) => beganAtMs <= atMs) ?? generations[0]
}

function nameOf(route: string, variant: string): string {
  return `${route}\n${variant}`
}
