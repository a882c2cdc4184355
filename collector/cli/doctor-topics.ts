// Whether the topics are set up as the pipeline needs them; one that somebody else made may not be.
import type { Admin, ConfigResourceTypes } from 'kafkajs'
import type { Finding } from './doctor-checks.ts'

/** kafkajs's own enumeration of resources is not among its exports for ES modules. */
const TOPIC = 2 as ConfigResourceTypes
const WANTED = ['cleanup.policy', 'max.message.bytes', 'retention.ms', 'min.insync.replicas']
/** As the collector makes them: a record with two captured bodies stays under it. */
const MESSAGE_BYTES = 4 * 1024 * 1024
const HOUR_MS = 3_600_000

export async function topicFindings(admin: Admin, topics: readonly string[]): Promise<Finding[]> {
  const [{ resources }, { topics: shown }, { brokers }] = await Promise.all([
    admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({ type: TOPIC, name, configNames: WANTED })),
    }),
    admin.fetchTopicMetadata({ topics: [...topics] }),
    admin.describeCluster(),
  ])
  const findings = resources.flatMap(({ resourceName, configEntries }) => {
    const settings = Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue]))
    const partitions = shown.find(({ name }) => name === resourceName)?.partitions ?? []
    return ofTopic(resourceName, settings, partitions, brokers.length)
  })
  if (findings.length > 0) return findings
  const partitions = shown.map(({ partitions: each }) => each.length)
  return [
    {
      check: 'topics',
      state: 'passed',
      detail: `set up as needed, with ${Math.min(...partitions)} partitions or more`,
    },
  ]
}

type Partition = { leader: number; replicas: number[] }

function ofTopic(
  name: string,
  settings: Record<string, string | undefined>,
  partitions: readonly Partition[],
  brokers: number,
): Finding[] {
  const check = `topic ${name}`
  const findings: Finding[] = []
  const add = (state: Finding['state'], detail: string, mend: string) => findings.push({ check, state, detail, mend })
  const leaderless = partitions.filter(({ leader }) => leader < 0).length
  if (leaderless > 0)
    add('failed', `${leaderless} of ${partitions.length} partitions have no leader`, 'start the brokers that hold them')
  if (settings['cleanup.policy']?.includes('compact')) {
    add(
      'failed',
      'cleanup.policy has compact: of two sides of an exchange one would be removed',
      `set cleanup.policy=delete on ${name}`,
    )
  }
  const bytes = Number(settings['max.message.bytes'] ?? MESSAGE_BYTES)
  if (bytes < MESSAGE_BYTES) {
    add(
      'doubtful',
      `max.message.bytes is ${bytes}: a record with large bodies is refused`,
      `set it to ${MESSAGE_BYTES}, or captureBytes lower`,
    )
  }
  const retention = Number(settings['retention.ms'] ?? -1)
  if (retention >= 0 && retention < HOUR_MS) {
    add(
      'doubtful',
      `retention.ms is ${retention}: what a collector does not read within it is lost`,
      'set retention.ms to 86400000',
    )
  }
  const replicas = Math.min(...partitions.map((each) => each.replicas.length))
  const insync = Number(settings['min.insync.replicas'] ?? 1)
  if (insync > replicas) {
    add(
      'failed',
      `min.insync.replicas is ${insync}, of ${replicas} replicas: nothing can be written`,
      'lower it, or add replicas',
    )
  } else if (replicas === 1 && brokers > 1) {
    add(
      'doubtful',
      `has one replica, and there are ${brokers} brokers`,
      'raise its replication factor to 3, or records go with a broker',
    )
  }
  return findings
}
