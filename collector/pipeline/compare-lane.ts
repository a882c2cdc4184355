// One worker thread of the compare pool: takes a batch of pairs, ends the thread when a pair takes too long or the
// thread dies, and starts another one for the rest.
import { Worker } from 'node:worker_threads'
import type { CompareLimits } from '../core/compare/comparable.ts'
import { compareByHash } from '../core/compare/compare-full.ts'
import type { ComparisonResult } from '../core/comparison.ts'
import {
  type CompareAnswer,
  type CompareBatch,
  type CompareJob,
  CPU_SLOT,
  cpuMs,
  monotonicMs,
  PAIR_SLOT,
  PROGRESS_SLOTS,
  SINCE_SLOT,
  type WorkerSettings,
} from './compare-message.ts'

export type QueuedPair = { job: CompareJob; settle: (result: ComparisonResult) => void }

export type LaneSettings = {
  limits: CompareLimits
  /** Milliseconds of CPU that one pair may take: a machine without time for the thread makes no pair a slow one. */
  timeLimitMs: number
  workerHeapMb: number
  /** Told when a worker was ended or died; `reason` is `time-limit` or `crash`. */
  onRestart: (reason: 'time-limit' | 'crash') => void
  /** Told when the lane can take the next batch. */
  onFree: () => void
  /** What runs in the thread; a test passes its own. */
  script: URL
}

export type CompareLane = {
  isFree(): boolean
  /** Takes a batch; only while free. */
  take(pairs: QueuedPair[]): void
  /** Ends the thread; pairs in hand are never settled. */
  close(): Promise<void>
}

/** V8 takes three times its semi-space for it; more would only keep what is garbage already in memory. */
const YOUNG_MB = 12
/** A worker that has not begun after this long is taken for dead. */
const START_LIMIT_MS = 10_000
/** Times the limit that a pair may take on the clock, whatever CPU it got. */
const CLOCK_FACTOR = 10

export function createCompareLane(settings: LaneSettings): CompareLane {
  let worker: Worker | null = null
  let progress: Float64Array = new Float64Array(0)
  let pairs: QueuedPair[] = []
  let done = 0
  let sentAtMs = 0
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  function start(): Worker {
    const shared = new SharedArrayBuffer(PROGRESS_SLOTS * Float64Array.BYTES_PER_ELEMENT)
    progress = new Float64Array(shared)
    progress[PAIR_SLOT] = -1
    const workerData: WorkerSettings = { limits: settings.limits, progress: shared }
    const resourceLimits = { maxOldGenerationSizeMb: settings.workerHeapMb, maxYoungGenerationSizeMb: YOUNG_MB }
    // It gets no setting of ours, only where Node keeps what it has compiled.
    const { NODE_COMPILE_CACHE } = process.env
    const env = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}
    const started = new Worker(settings.script, { workerData, resourceLimits, env, execArgv: [] })
    started.unref()
    started.on('message', (answer: CompareAnswer) => worker === started && receive(answer))
    // 'error' always comes before 'exit'; without a listener it would end the process.
    started.on('error', () => worker === started && fail('crash'))
    started.on('exit', () => worker === started && fail('crash'))
    return started
  }

  function send(): void {
    worker ??= start()
    progress[PAIR_SLOT] = -1
    done = 0
    sentAtMs = monotonicMs()
    const batch: CompareBatch = { jobs: pairs.map(({ job }) => job) }
    worker.postMessage(batch)
    watch(settings.timeLimitMs)
  }

  function receive({ first, results }: CompareAnswer): void {
    const parsed = JSON.parse(results) as ComparisonResult[]
    parsed.forEach((result, i) => {
      pairs[first + i]?.settle(result)
    })
    done = first + parsed.length
    if (done < pairs.length) return
    clearTimeout(timer)
    pairs = []
    if (!isClosed) settings.onFree()
  }

  function watch(afterMs: number): void {
    clearTimeout(timer)
    timer = setTimeout(check, afterMs)
  }

  function check(): void {
    const pair = progress[PAIR_SLOT] ?? -1
    if (pair >= pairs.length) {
      // All done; the answer is on its way.
      watch(settings.timeLimitMs)
      return
    }
    const hasBegun = pair >= done
    const since = progress[SINCE_SLOT] ?? 0
    const spentMs = monotonicMs() - (hasBegun ? since : sentAtMs)
    const { timeLimitMs } = settings
    if (spentMs >= (hasBegun ? timeLimitMs * CLOCK_FACTOR : START_LIMIT_MS)) {
      fail('time-limit')
      return
    }
    watch(Math.max(Math.min(timeLimitMs - spentMs + 1, timeLimitMs), timeLimitMs / 10))
    if (hasBegun && spentMs >= timeLimitMs) void askCpu(since)
  }

  /** Ends the thread when the pair that was taken at `since` had its share. One that cannot answer is left to the clock. */
  async function askCpu(since: number): Promise<void> {
    const asked = worker
    const usage = await asked?.cpuUsage().catch(() => undefined)
    if (usage === undefined || asked !== worker || progress[SINCE_SLOT] !== since || pairs.length === 0) return
    if (cpuMs(usage) - (progress[CPU_SLOT] ?? 0) >= settings.timeLimitMs) fail('time-limit')
  }

  /** Ends the thread. The pair in hand gets a result by hash, those after it are compared by the next thread. */
  function fail(reason: 'time-limit' | 'crash'): void {
    clearTimeout(timer)
    const ended = worker
    worker = null
    void ended?.terminate()
    if (isClosed || pairs.length === 0) return
    settings.onRestart(reason)
    // A thread that never began names no pair: the first one left is taken, so that every failure ends one pair.
    const inHand = progress[PAIR_SLOT] ?? -1
    const guilty = inHand > done && inHand < pairs.length ? inHand : done
    const pair = pairs[guilty]
    pairs = pairs.filter((_, index) => index >= done && index !== guilty)
    if (pair !== undefined) pair.settle(byHash(pair.job, reason))
    if (pairs.length > 0) send()
    else settings.onFree()
  }

  function byHash({ primary, other }: CompareJob, reason: 'time-limit' | 'crash'): ComparisonResult {
    const why = reason === 'time-limit' ? `diff took longer than ${settings.timeLimitMs} ms` : 'diff failed'
    return compareByHash(primary, other, `${why}: compared by hash`, settings.limits)
  }

  return {
    isFree: () => pairs.length === 0 && !isClosed,
    take(batch) {
      pairs = batch
      send()
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      const ended = worker
      worker = null
      pairs = []
      await ended?.terminate()
    },
  }
}
