// What the broker knows of the consumer group. It is ours alone: another application in it would be given partitions of
// ours, and what is in them would never be compared. Members have to name the same way of sharing partitions out, and
// ours has a name of its own, so the broker refuses whoever comes second.
import { type Kafka, type PartitionAssigner, PartitionAssigners } from 'kafkajs'
import { messageOf } from '../errors.ts'

/** kafkajs's own, under another name. */
export const ownAssigner: PartitionAssigner = (config) => ({
  ...PartitionAssigners.roundRobin(config),
  name: 'understudy',
})

/** Whether a member was refused because another application is in its group. */
export function isGroupTaken(error: unknown): boolean {
  return /supported protocols are incompatible/i.test(messageOf(error))
}

/** Who is in a group, in one line, as far as the broker tells. */
export async function groupHolder(kafka: Kafka, groupId: string): Promise<string> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const { groups } = await admin.describeGroups([groupId])
    const members = groups[0]?.members ?? []
    const shown = members
      .slice(0, 3)
      .map(({ clientId, clientHost }) => `${clientId} at ${clientHost.replace(/^\//, '')}`)
    return `the consumer group ${groupId} is used by another application: ${shown.join(', ') || 'one that just left'}`
  } catch {
    return `the consumer group ${groupId} is used by another application`
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** Records that left a partition unread: `from` is the first of them, `to` the first that is still there. */
export type Gap = { from: number; to: number }

/** Gaps by partition between what the group has committed and where the topic begins. */
export async function expiredUnread(kafka: Kafka, groupId: string, topic: string): Promise<Map<number, Gap>> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const [[committed], present] = await Promise.all([
      admin.fetchOffsets({ groupId, topics: [topic] }),
      admin.fetchTopicOffsets(topic),
    ])
    const lows = new Map(present.map(({ partition, low }) => [partition, Number(low)]))
    const gaps = new Map<number, Gap>()
    for (const { partition, offset } of committed?.partitions ?? []) {
      const [from, to] = [Number(offset), lows.get(partition) ?? 0]
      // Nothing committed is -1: nobody says that anything was to be read.
      if (from >= 0 && from < to) gaps.set(partition, { from, to })
    }
    return gaps
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}
