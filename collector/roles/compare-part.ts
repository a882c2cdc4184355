// The role `compare` with all that it is made of: worker threads, rules and noise, its consumer, and its partitions.
import type { Config } from '../config.ts'
import { UnderstudyError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { CompareJob } from '../pipeline/compare-message.ts'
import { createComparePool } from '../pipeline/compare-pool.ts'
import type { LaneJob } from '../pipeline/lane.ts'
import { isRetriable, type Pool } from '../store/pool.ts'
import { writeSettled } from '../store/settled-store.ts'
import { type CompareOptions, type CompareRole, startCompare } from './compare-role.ts'
import { type Differences, openDifferences } from './differences.ts'
import type { MessageSets } from './message-sets.ts'
import { keepPartitions } from './partition-keeper.ts'
import type { RouteRegistry } from './route-registry.ts'
import type { RuleRegistry } from './rule-registry.ts'
import type { VerdictRole } from './verdict-parts.ts'

export type ComparePart = {
  compare: CompareRole
  differences: Differences
  /** To be run from the first to the last. */
  closers: (() => Promise<unknown> | unknown)[]
}

/** Waits until rules and noise can be read; throws where `surely` gave up before, because the process stops. */
export async function openComparePart(
  options: Pick<CompareOptions, 'kafka' | 'topics' | 'topicMissing' | 'writer' | 'now'> & {
    config: Config
    pool: Pool
    rules: RuleRegistry
    messages: MessageSets
    routes: Pick<RouteRegistry, 'endpointsOf' | 'policyOf'>
    verdicts: Pick<VerdictRole, 'verdicts' | 'createBook'>
    /** Tries again until it is done or the process stops. */
    surely: (what: string, work: () => Promise<void>) => Promise<unknown>
    metrics: Metrics
    log: Log
  },
): Promise<ComparePart> {
  const { config, pool, rules, messages, routes, verdicts, metrics, log, now } = options
  const compares = createComparePool({
    size: 1,
    timeLimitMs: 500,
    maxQueued: 4_000,
    onRestart: (reason) => metrics.comparerRestarts.inc({ reason }),
  })
  let differences: Differences | undefined
  await options.surely('rules and noise cannot be read', async () => {
    await rules.refresh()
    await messages.refresh()
    differences = await openDifferences({
      pool,
      rules,
      endpointsOf: routes.endpointsOf,
      policyOf: routes.policyOf,
      shadowVersionOf: (route, variant) => verdicts.verdicts.versions(route, variant)?.shadow,
      leftOut: (what) => metrics.leftOut.inc({ what }),
      log,
    })
  })
  if (differences === undefined)
    throw new UnderstudyError('unexpected', 'stopped before it had started', { retriable: false })
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
  return { compare, differences, closers: [partitions.close, compare.close, compares.close, differences.close] }
}

function withMessages(job: LaneJob, sets: MessageSets): CompareJob {
  const { route, request, response } = job.primary
  const messages = sets.of(route, request, response?.headers)
  return messages === undefined ? job : { ...job, messages }
}
