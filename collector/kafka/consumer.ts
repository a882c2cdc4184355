// Reads one topic in a consumer group and hands over whole batches. Offsets are committed only as far as the reader
// says (the low watermark); after every rebalance reading starts again from there with fresh state. kafkajs can stop
// or hang for good (its issues 1163, 1443, 1513), so a watchdog builds the consumer anew.
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { expiredUnread, type Gap, groupHolder, isGroupTaken, ownAssigner } from './own-group.ts'
import { isTopicMissing, MAX_MESSAGE_BYTES, METADATA_MAX_AGE_MS } from './topics.ts'

export type InRecord = {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers?: Record<string, unknown> | undefined
}

/** What reads a partition; made anew at each assignment, so nothing of an earlier one can leak into it. */
export type PartitionReader = {
  /** Resolves when the reader has room for more; `beat` must be called at least every few seconds while it waits. */
  read(records: InRecord[], beat: () => Promise<void>, isStale: () => boolean): Promise<void>
  /** A fetch answered while this partition had nothing more to read. */
  idle(wallMs: number): void
  /** The next offset that may be committed, or undefined. */
  committable(): number | undefined
  close(): void
}

export type ConsumerState = {
  connected: boolean
  lastFetchAt: number
  partitions: number[]
  rebuilds: number
  lag: Map<number, number>
  /** Who has our consumer group, where that keeps us out of it. */
  takenBy: string | undefined
}

export type GroupConsumer = { state(): ConsumerState; commit(): Promise<void>; stop(): Promise<void> }

type Options = {
  kafka: Kafka
  topic: string
  groupId: string
  log: Log
  now: () => number
  createReader: (partition: number) => PartitionReader
  /** Called when the topic is gone; reading goes on once it is there again. */
  topicMissing: () => Promise<void>
  /** Told how many records were gone from the topic before they were read. */
  missed: (records: number) => void
}

const COMMIT_EVERY_MS = 1_000
const SILENT_MS = 60_000
/** The least that brokers allow: a killed collector is out of the group so much sooner; a stall only costs a re-read. */
const SESSION_MS = 6_000

export async function startGroupConsumer(options: Options): Promise<GroupConsumer> {
  const { log, now } = options
  const state: ConsumerState = {
    connected: false,
    lastFetchAt: now(),
    partitions: [],
    rebuilds: -1,
    lag: new Map(),
    takenBy: undefined,
  }
  let lanes = new Map<number, PartitionReader>()
  let committed = new Map<number, number>()
  /** The offset that the next batch of a partition begins with, if nothing happens to the topic. */
  const expected = new Map<number, number>()
  /** What left the topic while nobody read, until somebody is given its partition. */
  let gaps = new Map<number, Gap>()
  /** The one whose events count; `consumer` is the same once it runs. */
  let active: Consumer | undefined
  let consumer: Consumer | undefined
  let stopped = false
  let building = false

  const dropLanes = () => {
    for (const lane of lanes.values()) lane.close()
    lanes = new Map()
    committed = new Map()
    expected.clear()
    state.lag.clear()
  }

  const miss = (partition: number, { from, to }: Gap) => {
    log.warn({ partition, from, to }, 'records were gone from the topic before they were read')
    options.missed(to - from)
  }

  /** What reads a batch that begins with an offset; a partition that begins anew, as another topic, gets a new reader. */
  const laneFor = (partition: number, offset: number): PartitionReader | undefined => {
    const lane = lanes.get(partition)
    const due = expected.get(partition)
    if (!lane || due === undefined || offset === due) return lane
    if (offset > due) {
      miss(partition, { from: due, to: offset })
      return lane
    }
    log.warn({ partition, from: due, to: offset }, 'the partition begins anew: it is read from there')
    lane.close()
    const fresh = options.createReader(partition)
    lanes.set(partition, fresh)
    committed.delete(partition)
    return fresh
  }

  const eachBatch = async ({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload) => {
    const lane = laneFor(batch.partition, Number(batch.firstOffset()))
    if (!lane) return
    const stale = () => !isRunning() || isStale() || lanes.get(batch.partition) !== lane
    await lane.read(batch.messages, heartbeat, stale)
    if (stale()) return
    resolveOffset(batch.lastOffset())
    expected.set(batch.partition, Number(batch.lastOffset()) + 1)
    state.lag.set(batch.partition, Number(BigInt(batch.highWatermark) - BigInt(batch.lastOffset()) - 1n))
  }

  const build = async () => {
    if (building || stopped) return
    building = true
    state.rebuilds += 1
    const former = active
    active = undefined
    consumer = undefined
    dropLanes()
    if (former) await withinSeconds(10, former.disconnect())
    for (let wait = 200; !stopped; wait = Math.min(wait * 2, 5_000)) {
      const fresh = options.kafka.consumer({
        groupId: options.groupId,
        partitionAssigners: [ownAssigner],
        sessionTimeout: SESSION_MS,
        rebalanceTimeout: 2 * SESSION_MS,
        heartbeatInterval: 2_000,
        maxBytesPerPartition: MAX_MESSAGE_BYTES,
        maxBytes: 16 * 1024 * 1024,
        // A record ends the wait at once, so this is how often an idle consumer asks. Heartbeats wait for it.
        maxWaitTimeInMs: 1_000,
        metadataMaxAge: METADATA_MAX_AGE_MS,
        allowAutoTopicCreation: false,
        retry: {
          initialRetryTime: 100,
          maxRetryTime: 2_000,
          retries: 5,
          // Only we start anew: kafkajs would do it by a timer that a disconnect does not end, and a consumer that
          // nobody holds any more would keep its partitions from being read (seen after an outage of a minute).
          restartOnFailure: async () => false,
        },
      })
      let crashed: Error | undefined
      active = fresh
      try {
        listen(fresh, (error) => {
          crashed = error
        })
        // Before it runs: kafkajs then forgets where the group was. A broker that does not tell stops nothing.
        gaps = await expiredUnread(options.kafka, options.groupId, options.topic).catch(() => new Map())
        await fresh.connect()
        await fresh.subscribe({ topic: options.topic, fromBeginning: true })
        await fresh.run({
          eachBatch,
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 4,
        })
        // run() resolves although the first join failed (a broker this young has no group coordinator yet).
        if (crashed) throw crashed
        consumer = fresh
        state.lastFetchAt = now()
        break
      } catch (error) {
        state.takenBy = isGroupTaken(error) ? await groupHolder(options.kafka, options.groupId) : undefined
        log.warn({ error: state.takenBy ?? messageOf(error), retryInMs: wait }, 'consumer cannot start yet')
        await withinSeconds(10, fresh.disconnect())
        if (isTopicMissing(error)) await options.topicMissing().catch(() => undefined)
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
    building = false
  }

  const listen = (fresh: Consumer, failed: (error: Error) => void) => {
    // A consumer that was given up may still tell things; they concern nobody.
    const isActive = () => fresh === active
    fresh.on('consumer.group_join', ({ payload }) => {
      if (!isActive()) return
      dropLanes()
      const partitions = payload.memberAssignment[options.topic] ?? []
      for (const partition of partitions) {
        lanes.set(partition, options.createReader(partition))
        const gap = gaps.get(partition)
        if (!gap) continue
        miss(partition, gap)
        expected.set(partition, gap.to)
      }
      // Those of others are theirs to count.
      gaps = new Map()
      Object.assign(state, { connected: true, partitions, lastFetchAt: now(), takenBy: undefined })
      log.info({ topic: options.topic, partitions }, 'consumer joined its group')
    })
    fresh.on('consumer.fetch', () => {
      if (!isActive()) return
      state.lastFetchAt = now()
      state.connected = true
      for (const [partition, lane] of lanes) if ((state.lag.get(partition) ?? 0) === 0) lane.idle(now())
    })
    fresh.on('consumer.crash', ({ payload }) => {
      if (!isActive()) return
      state.connected = false
      // One that never ran is told of by whoever builds it.
      if (fresh === consumer) log.warn({ error: messageOf(payload.error) }, 'consumer crashed: it is built anew')
      failed(payload.error)
      void build()
    })
  }

  const commit = async () => {
    const offsets = []
    for (const [partition, lane] of lanes) {
      const next = lane.committable()
      if (next !== undefined && next !== committed.get(partition))
        offsets.push({ topic: options.topic, partition, offset: String(next) })
    }
    if (!consumer || offsets.length === 0) return
    await consumer.commitOffsets(offsets)
    for (const { partition, offset } of offsets) committed.set(partition, Number(offset))
  }

  const timer = setInterval(() => {
    commit().catch((error: unknown) => log.debug({ error: messageOf(error) }, 'commit is tried again'))
    if (!building && now() - state.lastFetchAt > SILENT_MS) {
      log.warn({ silentMs: now() - state.lastFetchAt }, 'consumer has been silent: it is built anew')
      state.lastFetchAt = now()
      state.connected = false
      void build()
    }
  }, COMMIT_EVERY_MS)

  void build()
  return {
    state: () => state,
    commit,
    async stop() {
      stopped = true
      clearInterval(timer)
      await commit().catch(() => undefined)
      if (active) await withinSeconds(5, active.disconnect())
      dropLanes()
    },
  }
}

/** kafkajs's disconnect may fail or never end; either way we go on. */
async function withinSeconds(seconds: number, work: Promise<unknown>): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, seconds * 1_000).unref())
  await Promise.race([work.catch(() => undefined), late])
}
