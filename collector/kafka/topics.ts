// The topics of the contract, created with what they need; an existing one is left as it is.
import type { Kafka } from 'kafkajs'
import { messageOf } from '../errors.ts'

export type TopicNames = Record<'taps' | 'comparisons' | 'events' | 'deadLetters', string>

export function topicNames(prefix: string): TopicNames {
  return {
    taps: `${prefix}.taps`,
    comparisons: `${prefix}.comparisons`,
    events: `${prefix}.events`,
    deadLetters: `${prefix}.dead-letters`,
  }
}

const HOUR_MS = 3_600_000
/**
 * How often clients look at the topics by themselves. Until all have seen that a topic has more partitions, the sides
 * of a pair may part, and records in the new ones wait.
 */
export const METADATA_MAX_AGE_MS = 10_000
/** A tap record with two captured bodies' worth of base64 stays under it. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

export async function ensureTopics(
  kafka: Kafka,
  names: TopicNames,
  options: { partitions: number; replicationFactor: number },
): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    const topics = [
      { topic: names.taps, hours: 24, gib: 4 },
      { topic: names.comparisons, hours: 24, gib: 1 },
      { topic: names.events, hours: 24 * 30, gib: 1 },
      { topic: names.deadLetters, hours: 24 * 7, gib: 1 },
    ].filter(({ topic }) => !existing.has(topic))
    if (topics.length === 0) return
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ topic, hours, gib }) => ({
        topic,
        numPartitions: options.partitions,
        replicationFactor: options.replicationFactor,
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: String(hours * HOUR_MS) },
          { name: 'retention.bytes', value: String(Math.ceil((gib * 1024 ** 3) / options.partitions)) },
          { name: 'max.message.bytes', value: String(MAX_MESSAGE_BYTES) },
        ],
      })),
    })
  } finally {
    await admin.disconnect()
  }
}

/** Whether a client failed because a topic is not there (any more). kafkajs keeps the reason in the text alone. */
export function isTopicMissing(error: unknown): boolean {
  return /does not host this topic-partition|without metadata|metadata not loaded/i.test(messageOf(error))
}
