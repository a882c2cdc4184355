// Reads a part of a topic once, by time or by offsets, in a group of its own that is gone afterwards.
import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import type { InRecord } from './consumer.ts'
import { MAX_MESSAGE_BYTES } from './topics.ts'

/**
 * `from` is read, `to` is not; left out: as far as the topic reaches. Given offsets name all partitions that are
 * read; one that the topic does not have, or no longer has, is nothing.
 */
export type TopicRange = {
  fromMs?: number
  toMs?: number
  offsets?: { partition: number; from: number; to?: number | undefined }[]
}

/** Resolves when it is through, has read for `maxMs`, or `onRecords` says false; true: there was more. */
export async function readTopicRange(options: {
  kafka: Kafka
  topic: string
  range: TopicRange
  maxMs: number
  onRecords: (partition: number, records: InRecord[]) => Promise<boolean>
}): Promise<boolean> {
  const { kafka, topic } = options
  const groupId = `understudy-range-${randomUUID()}`
  const admin = kafka.admin()
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: MAX_MESSAGE_BYTES,
    allowAutoTopicCreation: false,
  })
  let timer: NodeJS.Timeout | undefined
  try {
    await admin.connect()
    const left = await boundsOf(admin, topic, options.range)
    if (left.size === 0) return false
    let isDone = false
    return await new Promise<boolean>((resolve, reject) => {
      const end = (isCut: boolean) => {
        isDone = true
        resolve(isCut)
      }
      timer = setTimeout(() => end(true), options.maxMs)
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
      // Nothing is committed: after every join reading goes on where it was.
      consumer.on(consumer.events.GROUP_JOIN, () => {
        for (const [partition, { next }] of left) consumer.seek({ topic, partition, offset: String(next) })
      })
      const start = async () => {
        await consumer.connect()
        await consumer.subscribe({ topic, fromBeginning: true })
        await consumer.run({
          autoCommit: false,
          async eachBatch({ batch }) {
            const { partition, messages } = batch
            const bounds = left.get(partition)
            if (bounds === undefined || isDone) return
            const wanted = messages.filter(({ offset }) => isWithin(Number(offset), bounds))
            if (wanted.length > 0 && !(await options.onRecords(partition, wanted))) return end(true)
            bounds.next = Math.max(bounds.next, Number(batch.lastOffset()) + 1)
            if (bounds.next >= bounds.end) left.delete(partition)
            if (left.size === 0) end(false)
          },
        })
      }
      start().catch(reject)
    })
  } finally {
    clearTimeout(timer)
    await consumer.disconnect().catch(() => undefined)
    await admin.deleteGroups([groupId]).catch(() => undefined)
    await admin.disconnect().catch(() => undefined)
  }
}

type Bounds = { next: number; end: number }

function isWithin(offset: number, { next, end }: Bounds): boolean {
  return offset >= next && offset < end
}

async function boundsOf(
  admin: ReturnType<Kafka['admin']>,
  topic: string,
  { fromMs, toMs, offsets }: TopicRange,
): Promise<Map<number, Bounds>> {
  const at = async (timeMs: number | undefined) =>
    timeMs === undefined
      ? new Map<number, number>()
      : new Map(
          (await admin.fetchTopicOffsetsByTimestamp(topic, timeMs)).map((found) => [
            found.partition,
            Number(found.offset),
          ]),
        )
  const [known, from, to] = await Promise.all([admin.fetchTopicOffsets(topic), at(fromMs), at(toMs)])
  const bounds = new Map<number, Bounds>()
  for (const { partition, low, high } of known) {
    const given = offsets?.find((each) => each.partition === partition)
    if (offsets !== undefined && given === undefined) continue
    const next = Math.max(Number(low), from.get(partition) ?? 0, given?.from ?? 0)
    const end = Math.min(Number(high), to.get(partition) ?? Number(high), given?.to ?? Number(high))
    if (next < end) bounds.set(partition, { next, end })
  }
  return bounds
}
