// One partition's way from the log to settled pairs: parse → pair → compare → judge. A record that cannot be handled
// goes to the dead letters and never stops the partition.
import type { ArrayRule } from '../core/compare/array-rules.ts'
import type { ComparisonResult, Outcome } from '../core/comparison.ts'
import { exchangeTimeMs } from '../core/exchange-id.ts'
import { createPairing, type PairingEffect } from '../core/pairing.ts'
import { createStreamClock } from '../core/stream-clock.ts'
import { outlineOf, type Side, type TapRecord } from '../core/tap-record.ts'
import { createWatermark, type OpenOffset } from '../core/watermark.ts'
import type { InRecord, PartitionReader } from '../kafka/consumer.ts'
import { type ComparedEnd, createJoints } from './joints.ts'
import type { Judging } from './judging.ts'
import { parseTapRecord } from './parse-tap-record.ts'
import type { SettledPair } from './settled.ts'

/** A pair whose bodies have to be read, with how its route's rules want arrays read. */
export type LaneJob = { primary: TapRecord; other: TapRecord; arrays: readonly ArrayRule[] }

export type LanePorts = {
  windowMs: number
  /** This lane's share of the process's bounds. */
  maxPending: () => { count: number; bytes: number }
  decideFast: (primary: TapRecord, other: TapRecord) => ComparisonResult | null
  compare: (jobs: LaneJob[]) => Promise<ComparisonResult[]>
  judging: Judging
  endpointOf: (route: string, method: string, uri: string) => string
  /** Whether the storage policy keeps a pair that ended so. */
  isKept: (place: Place, outcome: Outcome) => boolean
  settle: (pairs: SettledPair[]) => void
  /** Resolves when fewer pairs are on their way than the bound. */
  room: () => Promise<void> | undefined
  deadLetter: (record: InRecord, reason: string) => Promise<void>
  count: (what: 'duplicate' | 'unexpected') => void
  observeWait: (ms: number) => void
}

/** An exchange that waits: which sides came, which variants are still to come, and for how long it is held. */
export type PendingExchange = {
  route: string | null
  arrived: { side: Side; variant: string }[]
  expects: string[]
  leftMs: number
}

export type Lane = PartitionReader & {
  pending(id: string): PendingExchange | undefined
  size(): number
  bytes(): number
}

type PairEffect = Extract<PairingEffect, { type: 'pair' }>
export type Place = Pick<SettledPair, 'exchange' | 'createdAtMs' | 'route' | 'variant' | 'endpoint'>

/** Records handled between two looks at the heartbeat and at other work; few, so that most of them are garbage while young. */
const SLICE = 128
const BEAT_MS = 1_000

export function createLane(ports: LanePorts): Lane {
  const pairing = createPairing({ windowMs: ports.windowMs })
  const watermark = createWatermark()
  const clock = createStreamClock()
  const joints = createJoints()
  let lastRead = -1
  let closed = false

  const readOne = (message: InRecord, effects: PairingEffect[], letters: Promise<void>[]) => {
    const offset = Number(message.offset)
    if (offset <= lastRead) return
    lastRead = offset
    const place = watermark.open(offset)
    clock.read(Number(message.timestamp))
    const record = parseTapRecord(message.value)
    if (typeof record === 'string') {
      const passed = ports.deadLetter(message, record).then(() => {
        place.done = true
      })
      letters.push(passed)
      return
    }
    pairing.accept({ record, place, bytes: message.value?.length ?? 0 }, clock.now(), effects)
  }

  const carryOut = async (effects: PairingEffect[]) => {
    const settled: SettledPair[] = []
    const slow: { effect: PairEffect; place: Place }[] = []
    for (const effect of effects) {
      if (effect.type === 'pair') {
        ports.observeWait(effect.waitedMs)
        const place = placeOf(effect.exchange, effect.variant, effect.primary)
        const result = decide(effect)
        if (result) joints.add(compared(effect, place, result), settled)
        else slow.push({ effect, place })
      } else if (effect.type === 'ignored') ports.count(effect.reason)
      else if (effect.type === 'ended') passIfDurable(effect.exchange)
      else settled.push(notCompared(effect))
    }
    if (settled.length > 0) ports.settle(settled)
    if (slow.length === 0) return
    const results = await ports.compare(
      slow.map(({ effect: { primary, other }, place }) => ({ primary, other, arrays: ports.judging.arraysOf(place) })),
    )
    const read: SettledPair[] = []
    for (const [index, { effect, place }] of slow.entries())
      joints.add(compared(effect, place, results[index] as ComparisonResult), read)
    ports.settle(read)
  }

  const decide = ({ primary, other }: PairEffect): ComparisonResult | null => {
    try {
      return ports.decideFast(primary, other)
    } catch (error) {
      // Nothing is known to end here; what does must not stop the partition.
      const name = error instanceof Error ? error.name : 'error'
      return { outcome: 'incomplete', differences: [], differencesCut: false, notes: [`comparing failed (${name})`] }
    }
  }

  const compared = ({ primary, other }: PairEffect, place: Place, compared: ComparisonResult): ComparedEnd => {
    const result = ports.judging.judge(place, compared)
    if (ports.isKept(place, result.outcome)) return { ...place, end: 'compared', primary, other, result, isKept: true }
    const outlines = { primary: outlineOf(primary), other: outlineOf(other) }
    return { ...place, end: 'compared', ...outlines, result, isKept: false }
  }

  const notCompared = (effect: Extract<PairingEffect, { type: 'unpaired' | 'dropped' }>): SettledPair => {
    const { exchange, variant, record } = effect
    if (effect.type === 'dropped')
      return { ...placeOf(exchange, variant, record), end: 'dropped', reason: effect.reason, record }
    return { ...placeOf(exchange, variant, record), end: 'unpaired', side: effect.side, reason: effect.reason, record }
  }

  const placeOf = (exchange: SettledPair['exchange'], variant: string, record: TapRecord): Place => ({
    exchange,
    createdAtMs: exchangeTimeMs(record.id),
    route: record.route,
    variant,
    endpoint: ports.endpointOf(record.route, record.request.method, record.request.uri),
  })

  return {
    async read(records, beat, isStale) {
      let beatAt = performance.now()
      const keepAlive = async () => {
        if (performance.now() - beatAt < BEAT_MS) return
        beatAt = performance.now()
        await beat()
      }
      for (let from = 0; from < records.length; from += SLICE) {
        const effects: PairingEffect[] = []
        const letters: Promise<void>[] = []
        for (const message of records.slice(from, from + SLICE)) readOne(message, effects, letters)
        pairing.expire(clock.now(), effects)
        const bound = ports.maxPending()
        pairing.shrink(bound.count, bound.bytes, effects)
        await whileBeating(Promise.all([carryOut(effects), ...letters]), keepAlive)
        const room = ports.room()
        if (room) await whileBeating(room, keepAlive)
        if (closed || isStale()) return
        await keepAlive()
      }
    },
    idle(wallMs) {
      clock.idle(wallMs)
      const effects: PairingEffect[] = []
      pairing.expire(clock.now(), effects)
      if (effects.length > 0) void carryOut(effects)
    },
    committable: () => watermark.committable(),
    close() {
      closed = true
    },
    pending(id) {
      const exchange = pairing.look(id)
      if (!exchange) return undefined
      const records = [...(exchange.primary ? [exchange.primary] : []), ...exchange.others].map((held) => held.record)
      return {
        route: records[0]?.route ?? null,
        arrived: records.map(({ side, variant }) => ({ side, variant })),
        expects: [...exchange.awaited],
        leftMs: Math.max(0, ports.windowMs - (clock.now() - exchange.firstSeenMs)),
      }
    },
    size: () => pairing.size(),
    bytes: () => pairing.bytes(),
  }
}

/** Passes an exchange's places once nothing more comes of it and all of its pairs are durable. */
export function passIfDurable(exchange: { ended: boolean; unsettled: number; places: readonly OpenOffset[] }): void {
  if (!exchange.ended || exchange.unsettled > 0) return
  for (const place of exchange.places) place.done = true
}

async function whileBeating(work: Promise<unknown>, keepAlive: () => Promise<void>): Promise<void> {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, BEAT_MS).unref())])
    if (!isDone) await keepAlive()
  }
  await done
}
