// Writes records with acks=all. What comes in while a send is under way leaves together in the next one, so the cost
// is per batch; the queue is bounded by bytes and refuses beyond, never grows. Not idempotent on purpose: kafkajs's
// idempotent producer is unsound, and duplicates are settled once by a unique key in PostgreSQL.
import type { ICustomPartitioner, Kafka, Message, Producer } from 'kafkajs'
import { spreadOf } from '../core/exchange-id.ts'
import { messageOf, UnderstudyError } from '../errors.ts'
import { isTopicMissing, METADATA_MAX_AGE_MS } from './topics.ts'

export type OutRecord = {
  key: string | Buffer | null
  value: Buffer
  partition?: number
  headers?: Record<string, string>
}

export type RecordWriter = {
  /** Resolves when every record is acknowledged by all in-sync replicas; throws `kafka-unavailable` or `ingest-overloaded`. */
  write(topic: string, records: OutRecord[], bytes: number): Promise<void>
  queuedBytes(): number
  close(): Promise<void>
}

type Waiting = { topic: string; records: OutRecord[]; bytes: number; done: () => void; failed: (error: Error) => void }

const SEND_BYTES = 4 * 1024 * 1024

/** `topicMissing` is called when a topic that was written to is gone; writing it again may then succeed. */
export async function createRecordWriter(
  kafka: Kafka,
  options: { maxQueuedBytes: number; topicMissing?: () => Promise<void> },
): Promise<RecordWriter> {
  const producer: Producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: byKey,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    maxInFlightRequests: 4,
  })
  await producer.connect()
  let queue: Waiting[] = []
  let queuedBytes = 0
  let sending = false

  const drain = async () => {
    if (sending) return
    sending = true
    while (queue.length > 0) {
      const taken = take()
      try {
        await producer.sendBatch({ acks: -1, timeout: 8_000, topicMessages: byTopic(taken) })
        for (const waiting of taken) waiting.done()
      } catch (error) {
        if (isTopicMissing(error)) await options.topicMissing?.().catch(() => undefined)
        const failure = new UnderstudyError('kafka-unavailable', `Kafka did not take a batch: ${messageOf(error)}`, {
          retriable: true,
          cause: error,
        })
        for (const waiting of taken) waiting.failed(failure)
      } finally {
        for (const waiting of taken) queuedBytes -= waiting.bytes
      }
    }
    sending = false
  }

  const take = (): Waiting[] => {
    let bytes = 0
    let count = 0
    while (count < queue.length && (count === 0 || bytes < SEND_BYTES)) bytes += (queue[count++] as Waiting).bytes
    const taken = queue.slice(0, count)
    queue = queue.slice(count)
    return taken
  }

  return {
    write(topic, records, bytes) {
      if (records.length === 0) return Promise.resolve()
      if (queuedBytes > 0 && queuedBytes + bytes > options.maxQueuedBytes) {
        return Promise.reject(
          new UnderstudyError(
            'ingest-overloaded',
            `${queuedBytes} bytes already wait for Kafka: at most ${options.maxQueuedBytes}`,
            { retriable: true },
          ),
        )
      }
      queuedBytes += bytes
      return new Promise((done, failed) => {
        queue.push({ topic, records, bytes, done, failed })
        void drain()
      })
    },
    queuedBytes: () => queuedBytes,
    close: () => producer.disconnect(),
  }
}

/**
 * Partition by the key, some ten times cheaper than kafkajs's murmur2. Only our own producers write these topics, so
 * nobody else has to agree.
 */
export const byKey: ICustomPartitioner =
  () =>
  ({ message, partitionMetadata }) =>
    spreadOf(message.key === null || message.key === undefined ? '' : message.key.toString()) % partitionMetadata.length

function byTopic(taken: Waiting[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>()
  for (const { topic, records } of taken) {
    const messages = topics.get(topic)
    if (messages) for (const record of records) messages.push(record)
    else topics.set(topic, [...records])
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }))
}
