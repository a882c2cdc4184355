// Reads a topic from given offsets on, in a group of its own that is gone afterwards and commits nothing.
import { randomUUID } from 'node:crypto'
import type { Admin, Kafka } from 'kafkajs'
import type { InRecord } from './consumer.ts'
import { MAX_MESSAGE_BYTES } from './topics.ts'

/**
 * Resolves when `signal` is aborted, `onBatch` has enough, or there is nothing to begin with; throws what Kafka throws,
 * and starts nothing anew.
 */
export async function readInPassing(options: {
  kafka: Kafka
  topic: string
  /** The offset that each partition is read from; one that is not in it is passed over. */
  begin: (admin: Pick<Admin, 'fetchTopicOffsets' | 'fetchTopicOffsetsByTimestamp'>) => Promise<Map<number, number>>
  /** `next`: the offset behind the batch. Returns false when it has seen enough. */
  onBatch: (partition: number, records: InRecord[], next: number) => Promise<boolean>
  /** Called whenever Kafka has answered, with or without records. */
  heard?: () => void
  signal: AbortSignal
}): Promise<void> {
  const { kafka, topic, onBatch, heard, signal } = options
  const groupId = `${topic}-passing-${randomUUID()}`
  const admin = kafka.admin()
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: MAX_MESSAGE_BYTES,
    allowAutoTopicCreation: false,
    // kafkajs would start it anew by a timer that a disconnect does not end.
    retry: { restartOnFailure: async () => false },
  })
  let isDone = false
  let stop = () => {}
  try {
    await admin.connect()
    const next = await options.begin(admin)
    if (next.size === 0) return
    await new Promise<void>((resolve, reject) => {
      stop = () => {
        isDone = true
        resolve()
      }
      signal.addEventListener('abort', stop)
      if (signal.aborted) return stop()
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
      if (heard) consumer.on(consumer.events.FETCH, heard)
      // After every join reading goes on where it was.
      consumer.on(consumer.events.GROUP_JOIN, () => {
        for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: String(offset) })
      })
      const start = async () => {
        await consumer.connect()
        await consumer.subscribe({ topic, fromBeginning: true })
        await consumer.run({
          autoCommit: false,
          async eachBatch({ batch }) {
            const { partition, messages } = batch
            const due = next.get(partition)
            if (due === undefined || isDone) return
            const behind = Math.max(due, Number(batch.lastOffset()) + 1)
            const unread = messages.filter(({ offset }) => Number(offset) >= due)
            const goesOn = await onBatch(partition, unread, behind)
            next.set(partition, behind)
            if (!goesOn) stop()
          },
        })
      }
      start().catch(reject)
    })
  } finally {
    isDone = true
    signal.removeEventListener('abort', stop)
    await consumer.disconnect().catch(() => undefined)
    await admin.deleteGroups([groupId]).catch(() => undefined)
    await admin.disconnect().catch(() => undefined)
  }
}
