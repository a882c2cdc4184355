// The last room of the way in: gathers settled pairs, writes them in batches, tells the topic, the metrics and the
// listeners, and only then lets their offsets pass. While PostgreSQL is away it holds on and tries again; the bound on
// pairs under way stops the reading meanwhile. A pair that the database refuses goes to the dead letters, alone.

import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SettledBatch } from '../store/settled-store.ts'
import type { EvidenceBook } from './evidence-book.ts'
import { passIfDurable } from './lane.ts'
import type { SettledPair } from './settled.ts'
import { type BatchPorts, type BuiltBatch, buildBatch } from './settled-batch.ts'

export type SettlerPorts = {
  write: (batch: SettledBatch) => Promise<Map<number, number>>
  isRetriable: (error: unknown) => boolean
  /** Publishes what was compared; tries until it succeeds. Repeats after a crash are possible, losses are not. */
  publish: (pairs: SettledPair[]) => Promise<void>
  deadLetter: (pair: SettledPair, reason: string) => Promise<void>
  /** How many pairs of the batch were new, by class, for the metrics. */
  counted: (batch: BuiltBatch, fresh: Map<number, number>, seconds: number) => void
  batch: BatchPorts
  /** What the pairs tell about verdicts; written with them. */
  evidence?: EvidenceBook
  log: Log
}

export type Settler = {
  settle(pairs: SettledPair[]): void
  /** A promise while too many pairs are under way. */
  room(): Promise<void> | undefined
  underWay(): number
  /** False while the database does not answer. */
  isHealthy(): boolean
  close(): Promise<void>
}

const MAX_BATCH = 1_000
const MAX_BATCH_BYTES = 16 * 1024 * 1024
const MAX_UNDER_WAY = 6_000
const MAX_UNDER_WAY_BYTES = 64 * 1024 * 1024
/** A batch waits this long for company, so that a trickle does not become a write a pair. */
const GATHER_MS = 20

export function createSettler(ports: SettlerPorts): Settler {
  let queue: SettledPair[] = []
  let underWay = 0
  let underWayBytes = 0
  let running: Promise<void> | undefined
  let waiters: (() => void)[] = []
  let closed = false
  let healthy = true

  const loop = async () => {
    while (queue.length > 0 && !closed) {
      if (queue.length < MAX_BATCH) await delay(GATHER_MS)
      const taken = take()
      await writeAll(taken)
      // What was given up half-way must not let its offsets pass; a replay of what was written is harmless.
      if (closed) return
      underWay -= taken.length
      for (const pair of taken) underWayBytes -= weightOf(pair)
      for (const pair of taken) {
        pair.exchange.unsettled -= 1
        passIfDurable(pair.exchange)
      }
      const ready = waiters
      waiters = []
      for (const wake of ready) wake()
    }
    running = undefined
  }

  const take = (): SettledPair[] => {
    let count = 0
    for (let bytes = 0; count < queue.length && count < MAX_BATCH && bytes < MAX_BATCH_BYTES; count++)
      bytes += weightOf(queue[count] as SettledPair)
    const taken = queue.slice(0, count)
    queue = queue.slice(count)
    return taken
  }

  const writeAll = async (pairs: SettledPair[]): Promise<void> => {
    let batch: BuiltBatch | undefined
    for (let wait = 100; !closed; wait = Math.min(wait * 2, 5_000)) {
      try {
        await ports.evidence?.prepare(pairs)
        batch ??= buildBatch(pairs, ports.batch, ports.evidence?.rowsOf)
        const started = performance.now()
        const fresh = await ports.write(batch)
        healthy = true
        ports.counted(batch, fresh, (performance.now() - started) / 1000)
        await ports.publish(batch.pairs)
        return
      } catch (error) {
        if (!ports.isRetriable(error)) return splitOrBury(pairs, error)
        healthy = false
        ports.log.warn(
          { error: messageOf(error), pairs: pairs.length, retryInMs: wait },
          'the database does not take a batch: it is tried again',
        )
        await delay(wait)
      }
    }
  }

  /** One pair that the database refuses must not take its batch along: halves are tried until it is alone. */
  const splitOrBury = async (pairs: SettledPair[], error: unknown): Promise<void> => {
    if (pairs.length > 1) {
      const middle = pairs.length >> 1
      await writeAll(pairs.slice(0, middle))
      await writeAll(pairs.slice(middle))
      return
    }
    await ports.deadLetter(pairs[0] as SettledPair, `database refused it: ${messageOf(error)}`)
  }

  return {
    settle(pairs) {
      for (const pair of pairs) {
        queue.push(pair)
        underWayBytes += weightOf(pair)
      }
      underWay += pairs.length
      running ??= loop()
    },
    room() {
      if ((underWay < MAX_UNDER_WAY && underWayBytes < MAX_UNDER_WAY_BYTES) || closed) return undefined
      return new Promise((resolve) => waiters.push(resolve))
    },
    underWay: () => underWay,
    isHealthy: () => healthy,
    async close() {
      const deadline = performance.now() + 5_000
      while (running && healthy && performance.now() < deadline) await Promise.race([running, delay(100)])
      closed = true
      for (const wake of waiters) wake()
    },
  }
}

function weightOf(pair: SettledPair): number {
  if (pair.end !== 'compared') return 500
  return 500 + (pair.primary.response?.body.length ?? 0) + (pair.other.response?.body.length ?? 0)
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
