// The role `compare` with all that it is made of: worker threads, its consumer, and its partitions.
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { CompareJob } from '../pipeline/compare-message.ts'
import { createComparePool } from '../pipeline/compare-pool.ts'
import type { LaneJob } from '../pipeline/lane.ts'
import { isRetriable, type Pool } from '../store/pool.ts'
import { writeSettled } from '../store/settled-store.ts'
import { type CompareOptions, type CompareRole, startCompare } from './compare-role.ts'
import type { Differences } from './differences.ts'
import type { MessageSets } from './message-sets.ts'
import { keepPartitions } from './partition-keeper.ts'
import type { VerdictRole } from './verdict-parts.ts'

export type ComparePart = {
  compare: CompareRole
  /** To be run from the first to the last. */
  closers: (() => Promise<unknown> | unknown)[]
}

export async function openComparePart(
  options: Pick<CompareOptions, 'kafka' | 'topics' | 'topicMissing' | 'writer' | 'now'> & {
    config: Config
    pool: Pool
    differences: Pick<Differences, 'judging' | 'endpointOf' | 'isKept' | 'batch'>
    messages: MessageSets
    verdicts: Pick<VerdictRole, 'createBook'>
    metrics: Metrics
    log: Log
  },
): Promise<ComparePart> {
  const { config, pool, differences, messages, verdicts, metrics, log, now } = options
  const compares = createComparePool({
    size: 1,
    timeLimitMs: 500,
    maxQueued: 4_000,
    onRestart: (reason) => metrics.comparerRestarts.inc({ reason }),
  })
  const { judging, endpointOf, isKept, batch } = differences
  const compare = await startCompare({
    kafka: options.kafka,
    topics: options.topics,
    topicMissing: options.topicMissing,
    writer: options.writer,
    groupId: `${config.topicPrefix}-compare`,
    windowMs: config.pairWindowMs,
    maxPending: { count: config.maxPendingPairs, bytes: config.maxPendingMib * 1024 * 1024 },
    isRetriable,
    writeSettled: (settled) => writeSettled(pool, settled),
    compare: (jobs) => compares.compare(jobs.map((job) => withMessages(job, messages))),
    ...{ judging, endpointOf, isKept, batch, metrics, log, now },
    evidence: verdicts.createBook(),
  })
  const partitions = keepPartitions({ config, pool, log, now })
  return { compare, closers: [partitions.close, compare.close, compares.close] }
}

function withMessages(job: LaneJob, sets: MessageSets): CompareJob {
  const { route, request, response } = job.primary
  const messages = sets.of(route, request, response?.headers)
  return messages === undefined ? job : { ...job, messages }
}
