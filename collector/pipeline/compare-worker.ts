// Runs in a worker thread of the compare pool: compares the pairs of a batch one after the other and tells, in shared
// memory, which one it has in hand, so that the pool can end it when a pair takes too long.
import { parentPort, workerData } from 'node:worker_threads'
import { compareByHash, compareFull } from '../core/compare/compare-full.ts'
import type { ComparisonResult } from '../core/comparison.ts'
import { type MessageReader, type MessageTypes, readMessageTypes } from '../core/protobuf/message-types.ts'
import {
  type CompareAnswer,
  type CompareBatch,
  type CompareJob,
  CPU_SLOT,
  cpuMs,
  monotonicMs,
  PAIR_SLOT,
  SINCE_SLOT,
  type WorkerSettings,
} from './compare-message.ts'

/** Results are sent at least this often, so that ending the worker loses little that was done. */
const FLUSH_AFTER_MS = 20

const { limits, progress } = workerData as WorkerSettings
const inHand = new Float64Array(progress)

parentPort?.on('message', ({ jobs }: CompareBatch) => {
  let done: ComparisonResult[] = []
  let first = 0
  let flushedAt = monotonicMs()
  jobs.forEach((job, index) => {
    const now = monotonicMs()
    if (now - flushedAt >= FLUSH_AFTER_MS && done.length > 0) {
      send(first, done)
      done = []
      first = index
      flushedAt = now
    }
    inHand[SINCE_SLOT] = now
    inHand[CPU_SLOT] = cpuMs(process.threadCpuUsage())
    inHand[PAIR_SLOT] = index
    done.push(compare(job))
  })
  send(first, done)
  inHand[PAIR_SLOT] = jobs.length
})

function compare({ primary, other, arrays, messages }: CompareJob): ComparisonResult {
  try {
    return compareFull(primary, other, limits, arrays, messages === undefined ? null : readerOf(messages))
  } catch (error) {
    // Nothing is known to end here; a body that finds something must not cost the thread. Its text stays out of the note.
    const name = error instanceof Error ? error.name : 'error'
    return compareByHash(primary, other, `diff failed (${name}): compared by hash`, limits)
  }
}

/** Descriptor sets that were read, by their ids, the newest last. */
const sets = new Map<string, MessageTypes>()
const MAX_SETS = 20

function readerOf({ id, bytes, uri, message }: NonNullable<CompareJob['messages']>): MessageReader | null {
  let types = sets.get(id)
  if (types === undefined) {
    types = readMessageTypes(bytes.slice())
    for (const oldest of sets.keys()) if (sets.size >= MAX_SETS) sets.delete(oldest)
    sets.set(id, types)
  }
  return types.answerOf(uri) ?? (message === undefined ? null : types.message(message))
}

function send(first: number, done: ComparisonResult[]): void {
  const answer: CompareAnswer = { first, results: JSON.stringify(done) }
  parentPort?.postMessage(answer)
}
