// The Kafka client, with its log in ours. kafkajs stays behind the few functions of this folder.
import './fast-encoding.ts'
import './fast-decoding.ts'
import './bounded-codecs.ts'
import './idle-timers.ts'
import { Kafka, type LogEntry, logLevel } from 'kafkajs'
import type { Log } from '../log.ts'

export function createKafka(options: { brokers: string[]; clientId: string; log: Log }): Kafka {
  const { log } = options
  return new Kafka({
    clientId: options.clientId,
    brokers: options.brokers,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 3 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry: LogEntry) => {
      const { message, groupId, error, broker } = entry.log
      // Kafka's own trouble heals itself or is told by readiness, so nothing here asks for a person.
      log.debug({ kafka: { message, groupId, error: String(error ?? ''), broker } }, 'kafka client')
    },
  })
}
