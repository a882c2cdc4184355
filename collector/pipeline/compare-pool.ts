// Compares pairs whose bodies differ, in worker threads with a time limit: a diff must never hold up the event loop.
import { type Comparable, type CompareLimits, DEFAULT_LIMITS } from '../core/compare/comparable.ts'
import type { ComparisonResult } from '../core/comparison.ts'
import { UnderstudyError } from '../errors.ts'
import { type CompareLane, createCompareLane, type QueuedPair } from './compare-lane.ts'
import type { CompareJob } from './compare-message.ts'

export type ComparePoolOptions = {
  /** Worker threads. */
  size?: number
  /** Milliseconds of CPU one pair may take; past it the thread is ended and the pair compared by hash. */
  timeLimitMs?: number
  /** Pairs that wait in the pool; a call past it waits for room first. */
  maxQueued?: number
  limits?: CompareLimits
  /** Heap of one thread in MiB. */
  workerHeapMb?: number
  /** Told when a thread was ended or died. */
  onRestart?: (reason: 'time-limit' | 'crash') => void
  script?: URL
}

export type ComparePool = {
  /**
   * Results in the order of the jobs. Await it before calling with more: a call holds its jobs while it waits.
   * Rejects (retriable) only when the pool is closed.
   */
  compare(jobs: readonly CompareJob[]): Promise<ComparisonResult[]>
  /** Pairs not yet compared. */
  pending(): number
  close(): Promise<void>
}

/** Pairs and body characters of one message to a worker: enough to spread its cost, little enough to hold twice. */
const BATCH_PAIRS = 32
const BATCH_CHARS = 2 * 1024 * 1024

export function createComparePool(options: ComparePoolOptions = {}): ComparePool {
  const maxQueued = options.maxQueued ?? 2_000
  const queue: QueuedPair[] = []
  const waiting: (() => void)[] = []
  const rejects = new Set<(error: Error) => void>()
  let pending = 0
  let isClosed = false

  const lanes: CompareLane[] = Array.from({ length: options.size ?? 1 }, () =>
    createCompareLane({
      limits: options.limits ?? DEFAULT_LIMITS,
      timeLimitMs: options.timeLimitMs ?? 500,
      workerHeapMb: options.workerHeapMb ?? 128,
      onRestart: options.onRestart ?? (() => undefined),
      onFree: feed,
      script: options.script ?? new URL('./compare-worker.ts', import.meta.url),
    }),
  )

  function feed(): void {
    for (const lane of lanes) {
      if (queue.length === 0) break
      if (lane.isFree()) lane.take(queue.splice(0, batchLength(queue)))
    }
    while (queue.length < maxQueued && waiting.length > 0) waiting.shift()?.()
  }

  function compareNow(jobs: readonly CompareJob[]): Promise<ComparisonResult[]> {
    return new Promise((resolve, reject) => {
      const results = new Array<ComparisonResult>(jobs.length)
      let left = jobs.length
      rejects.add(reject)
      jobs.forEach((job, index) => {
        const settle = (result: ComparisonResult) => {
          results[index] = result
          left -= 1
          pending -= 1
          if (left > 0) return
          rejects.delete(reject)
          resolve(results)
        }
        queue.push({ job: flat(job), settle })
      })
      pending += jobs.length
      feed()
    })
  }

  return {
    async compare(jobs) {
      if (jobs.length === 0) return []
      while (queue.length >= maxQueued && !isClosed) await new Promise<void>((resolve) => waiting.push(resolve))
      if (isClosed) throw closedError()
      return compareNow(jobs)
    },
    pending: () => pending,
    async close() {
      isClosed = true
      queue.length = 0
      for (const wake of waiting.splice(0)) wake()
      for (const reject of rejects) reject(closedError())
      rejects.clear()
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

/** Only what the comparer reads crosses to the thread. */
function flat({ primary, other, arrays, messages }: CompareJob): CompareJob {
  const pair = { primary: comparable(primary), other: comparable(other), ...(messages && { messages }) }
  return arrays === undefined || arrays.length === 0 ? pair : { ...pair, arrays }
}

function comparable({ side, request, response, skipped }: Comparable): CompareJob['primary'] {
  return {
    side,
    request: { method: request.method },
    ...(response === undefined ? {} : { response }),
    ...(skipped === undefined ? {} : { skipped }),
  }
}

function batchLength(queue: readonly QueuedPair[]): number {
  let chars = 0
  for (let i = 0; i < queue.length && i < BATCH_PAIRS; i += 1) {
    const { primary, other } = queue[i]?.job ?? {}
    chars += (primary?.response?.body.length ?? 0) + (other?.response?.body.length ?? 0)
    if (chars > BATCH_CHARS) return Math.max(i, 1)
  }
  return Math.min(queue.length, BATCH_PAIRS)
}

function closedError(): UnderstudyError {
  return new UnderstudyError('unexpected', 'compare pool: closed while pairs waited, expected them settled first', {
    retriable: true,
  })
}
