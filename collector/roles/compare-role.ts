// Role `compare`: Kafka → pairing → comparison → PostgreSQL, topic and metrics.
import type { Kafka } from 'kafkajs'
import { decideFast } from '../core/compare/decide-fast.ts'
import type { ComparisonResult } from '../core/comparison.ts'
import { messageOf } from '../errors.ts'
import { type GroupConsumer, type InRecord, startGroupConsumer } from '../kafka/consumer.ts'
import type { OutRecord, RecordWriter } from '../kafka/producer.ts'
import type { TopicNames } from '../kafka/topics.ts'
import { createRateLimit, type Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { EvidenceBook } from '../pipeline/evidence-book.ts'
import type { Judging } from '../pipeline/judging.ts'
import { createLane, type Lane, type LaneJob, type LanePorts, type PendingExchange } from '../pipeline/lane.ts'
import { publishedComparison } from '../pipeline/published.ts'
import { retryUntil } from '../pipeline/retry-until.ts'
import type { BatchPorts } from '../pipeline/settled-batch.ts'
import { countSettled } from '../pipeline/settled-metrics.ts'
import { createSettler } from '../pipeline/settler.ts'
import type { SettledBatch } from '../store/settled-store.ts'

export type CompareRole = {
  consumer: GroupConsumer
  isDatabaseHealthy: () => boolean
  pendingExchange: (exchangeId: string) => PendingExchange | undefined
  pending: () => { exchanges: number; bytes: number; underWay: number }
  close: () => Promise<void>
}

export type CompareOptions = {
  kafka: Kafka
  topics: TopicNames
  groupId: string
  windowMs: number
  maxPending: { count: number; bytes: number }
  writer: RecordWriter
  topicMissing: () => Promise<void>
  writeSettled: (batch: SettledBatch) => Promise<Map<number, number>>
  isRetriable: (error: unknown) => boolean
  compare: (jobs: LaneJob[]) => Promise<ComparisonResult[]>
  judging: Judging
  endpointOf: LanePorts['endpointOf']
  isKept: LanePorts['isKept']
  batch: BatchPorts
  evidence: EvidenceBook
  metrics: Metrics
  log: Log
  now: () => number
}

/** Of a record in the dead letters; what is longer is cut and says so. */
const MAX_BURIED_BYTES = 3 * 1024 * 1024

export async function startCompare(options: CompareOptions): Promise<CompareRole> {
  const { log, metrics, topics, writer } = options
  const lanes = new Set<Lane>()
  const mayLog = createRateLimit(10_000, options.now)
  let stopped = false

  const writeSurely = (topic: string, records: OutRecord[], bytes: number) =>
    retryUntil(() => writer.write(topic, records, bytes), {
      isStopped: () => stopped,
      failed(error, waitMs) {
        const { pass, heldBack } = mayLog(topic)
        if (pass)
          log.warn(
            { topic, error: messageOf(error), retryInMs: waitMs, heldBack },
            'Kafka does not take records: tried again',
          )
      },
    })

  const bury = async (record: OutRecord, reason: string, from: Record<string, string>) => {
    metrics.deadLetters.inc({ reason: reason.startsWith('database') ? 'database' : 'malformed' })
    const { pass, heldBack } = mayLog('dead letter')
    if (pass) log.warn({ reason, ...from, heldBack }, 'a record cannot be handled: it is in the dead letters')
    // A record as long as the topic takes, with its reason besides, would be refused for ever.
    const { length } = record.value
    const isCut = length > MAX_BURIED_BYTES
    const value = isCut ? record.value.subarray(0, MAX_BURIED_BYTES) : record.value
    const headers = { reason, ...from, ...(isCut && { 'original-bytes': String(length) }) }
    await writeSurely(topics.deadLetters, [{ ...record, value, headers }], value.length)
  }

  const settler = createSettler({
    write: options.writeSettled,
    isRetriable: options.isRetriable,
    batch: options.batch,
    evidence: options.evidence,
    counted: (batch, fresh, seconds) => countSettled(metrics, batch, fresh, seconds),
    async publish(pairs) {
      const compared = pairs.filter((pair) => pair.end === 'compared').map(publishedComparison)
      if (compared.length === 0) return
      let bytes = 0
      const records = compared.map((comparison) => {
        const value = Buffer.from(JSON.stringify(comparison))
        bytes += value.length
        return { key: comparison.route, value }
      })
      await writeSurely(topics.comparisons, records, bytes)
    },
    async deadLetter(pair, reason) {
      // What its two pairs tell together has no record of its own.
      if (pair.end === 'joint') return
      const record = pair.end === 'compared' ? pair.primary : pair.record
      const sides = pair.end === 'compared' ? [pair.primary, pair.other] : [record]
      for (const side of sides)
        await bury({ key: side.id, value: Buffer.from(JSON.stringify(side)) }, reason, { exchange: pair.exchange.id })
    },
    log,
  })

  const createReader = (partition: number): Lane => {
    const lane = createLane({
      windowMs: options.windowMs,
      maxPending: () => ({
        count: options.maxPending.count / lanes.size,
        bytes: options.maxPending.bytes / lanes.size,
      }),
      decideFast,
      compare: options.compare,
      judging: options.judging,
      endpointOf: options.endpointOf,
      isKept: options.isKept,
      settle: settler.settle,
      room: settler.room,
      deadLetter: (record: InRecord, reason) =>
        bury({ key: record.key, value: record.value ?? Buffer.alloc(0) }, reason, {
          'original-topic': topics.taps,
          'original-partition': String(partition),
          'original-offset': record.offset,
        }),
      count: (what) => metrics.dropped.inc({ stage: 'pairing', reason: what }),
      observeWait: (ms) => metrics.pairWaitSeconds.observe(ms / 1000),
    })
    lanes.add(lane)
    const close = lane.close
    return Object.assign(lane, {
      close() {
        lanes.delete(lane)
        close()
      },
    })
  }

  const consumer = await startGroupConsumer({
    kafka: options.kafka,
    topic: topics.taps,
    groupId: options.groupId,
    log,
    now: options.now,
    createReader,
    topicMissing: options.topicMissing,
    missed: (records) => metrics.dropped.inc({ stage: 'topic', reason: 'expired' }, records),
  })
  const pending = () => {
    let exchanges = 0
    let bytes = 0
    for (const lane of lanes) {
      exchanges += lane.size()
      bytes += lane.bytes()
    }
    return { exchanges, bytes, underWay: settler.underWay() }
  }
  const timer = setInterval(() => {
    const { exchanges, bytes } = pending()
    metrics.pendingPairs.set(exchanges)
    metrics.pendingBytes.set(bytes)
    for (const [partition, lag] of consumer.state().lag) metrics.consumerLag.set({ partition: String(partition) }, lag)
  }, 1_000)

  return {
    consumer,
    isDatabaseHealthy: settler.isHealthy,
    pendingExchange(id) {
      for (const lane of lanes) {
        const pending = lane.pending(id)
        if (pending) return pending
      }
      return undefined
    },
    pending,
    async close() {
      clearInterval(timer)
      await settler.close()
      stopped = true
      await consumer.stop()
    },
  }
}
