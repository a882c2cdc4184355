// Reads a topic from now (or its beginning) with a consumer of its own, and leaves nothing behind in Kafka.
import { randomUUID } from 'node:crypto'
import type { Admin, Kafka, KafkaMessage } from 'kafkajs'
import { CliError } from './cli-error.ts'

export type TopicMessage = { partition: number; message: KafkaMessage }

type ReadOptions = {
  /** Asked first: it says soon that nobody is there. */
  admin: Admin
  kafka: Kafka
  topic: string
  fromBeginning: boolean
  /** False: ends where the topic ended when reading began. */
  follow: boolean
  signal: AbortSignal
  /** Called when reading has begun, so that whoever waits for new records may make some. */
  onReady(): void
  /** Returns false when it has seen enough. */
  onMessage(message: TopicMessage): boolean
}

/** Resolves when `signal` is aborted, `onMessage` has enough, or the end is reached without `follow`. */
export async function readTopic(options: ReadOptions): Promise<void> {
  const { admin, kafka, topic, fromBeginning, follow, signal } = options
  const groupId = `understudy-tail-${randomUUID()}`
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 250,
    maxBytesPerPartition: 4 * 1024 * 1024,
    allowAutoTopicCreation: false,
  })
  let isDone = false
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve, reject) => {
    finish = () => {
      isDone = true
      resolve()
    }
    consumer.on(consumer.events.CRASH, ({ payload }) => !payload.restart && reject(payload.error))
    signal.addEventListener('abort', finish, { once: true })
    if (signal.aborted) finish()
  })
  // Failing before it is waited for must not count as unhandled.
  finished.catch(() => undefined)
  try {
    await admin.connect()
    // Taken before the consumer joins its group, which takes seconds: what comes meanwhile belongs to "from now".
    const partitions = await boundsOf(admin, topic)
    const left = new Map(
      partitions.filter(({ low, high }) => fromBeginning && high > low).map(({ partition, high }) => [partition, high]),
    )
    if (!follow && left.size === 0) return
    const next = new Map(partitions.map(({ partition, low, high }) => [partition, fromBeginning ? low : high]))
    // Nothing is committed, so after every join (a rebalance, a restart) reading goes on from here.
    const goOn = () => {
      for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: String(offset) })
    }
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning })
    consumer.on(consumer.events.GROUP_JOIN, goOn)
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const offset = BigInt(message.offset)
        if (isDone || offset < (next.get(partition) ?? 0n)) return
        next.set(partition, offset + 1n)
        const isEnough = !options.onMessage({ partition, message })
        const end = left.get(partition)
        if (end !== undefined && offset + 1n >= end) left.delete(partition)
        if (isEnough || (!follow && left.size === 0)) finish()
      },
    })
    options.onReady()
    await finished
  } finally {
    isDone = true
    signal.removeEventListener('abort', finish)
    await consumer.disconnect().catch(() => undefined)
    await admin.deleteGroups([groupId]).catch(() => undefined)
    await admin.disconnect().catch(() => undefined)
  }
}

async function boundsOf(admin: Admin, topic: string): Promise<{ partition: number; low: bigint; high: bigint }[]> {
  const topics = await admin.listTopics()
  if (!topics.includes(topic))
    throw new CliError(
      `there is no topic ${topic}; the collector makes it when it starts (UNDERSTUDY_TOPIC_PREFIX names its first part)`,
    )
  const offsets = await admin.fetchTopicOffsets(topic)
  return offsets.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
}
