// Follows a topic from now on, for as long as anybody listens. A look at what happens and no record of it: what comes
// while Kafka is away is not told afterwards.
import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { readInPassing } from './read-in-passing.ts'

export type TopicTail<T> = {
  /** What is written from now on, one after the other, of each partition in its order. */
  subscribe(listener: (read: T) => void): () => void
}

const AGAIN_AFTER_MS = 1_000
/** kafkajs may hang for good; while it does not, it hears from the broker many times a second. */
const SILENT_MS = 30_000

export function createTopicTail<T>(options: {
  kafka: Kafka
  topic: string
  /** Undefined: a record that is none of ours. */
  read: (value: Buffer) => T | undefined
  log: Pick<Log, 'debug'>
}): TopicTail<T> {
  const { kafka, topic, log } = options
  const listeners = new Set<(read: T) => void>()
  let left: AbortController | undefined

  const followOnce = async (signal: AbortSignal) => {
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(), SILENT_MS).unref()
    try {
      await readInPassing({
        kafka,
        topic,
        async begin(admin) {
          const partitions = await admin.fetchTopicOffsets(topic)
          return new Map(partitions.map(({ partition, high }) => [partition, Number(high)]))
        },
        async onBatch(_partition, records) {
          for (const { value } of records) {
            const read = value ? options.read(value) : undefined
            if (read !== undefined) for (const listener of listeners) listener(read)
          }
          return true
        },
        heard: () => timer.refresh(),
        signal: AbortSignal.any([signal, silence.signal]),
      })
    } finally {
      clearTimeout(timer)
    }
  }

  const follow = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await followOnce(signal).catch((error: unknown) => log.debug({ topic, error: messageOf(error) }, 'read again'))
      await delay(AGAIN_AFTER_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      if (left === undefined) {
        left = new AbortController()
        void follow(left.signal)
      }
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return
        left?.abort()
        left = undefined
      }
    },
  }
}
