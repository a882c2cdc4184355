// Reads a part of a topic once, by time or by offsets.
import type { Admin, Kafka } from 'kafkajs'
import type { InRecord } from './consumer.ts'
import { readInPassing } from './read-in-passing.ts'

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
  const { kafka, topic, range, maxMs, onRecords } = options
  let left = new Map<number, Bounds>()
  await readInPassing({
    kafka,
    topic,
    async begin(admin) {
      left = await boundsOf(admin, topic, range)
      return new Map([...left].map(([partition, { next }]) => [partition, next]))
    },
    async onBatch(partition, records, next) {
      const end = left.get(partition)?.end ?? 0
      const wanted = records.filter(({ offset }) => Number(offset) < end)
      if (wanted.length > 0 && !(await onRecords(partition, wanted))) return false
      if (next >= end) left.delete(partition)
      return left.size > 0
    },
    signal: AbortSignal.timeout(maxMs),
  })
  return left.size > 0
}

type Bounds = { next: number; end: number }

async function boundsOf(
  admin: Pick<Admin, 'fetchTopicOffsets' | 'fetchTopicOffsetsByTimestamp'>,
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
