// The Kafka client, with its log in ours. kafkajs stays behind the few functions of this folder.
import './fast-encoding.ts'
import './fast-decoding.ts'
import './bounded-codecs.ts'
import { Kafka, type LogEntry, logLevel } from 'kafkajs'
import type { Log } from '../log.ts'

/** kafkajs 2.2.4 sets negative timers on Node 24, which warns each time; no other warning is held back. */
export function silenceKafkaTimerWarning(): void {
  const emit = process.emitWarning.bind(process)
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const name = typeof rest[0] === 'string' ? rest[0] : (rest[0] as { type?: string } | undefined)?.type
    if (name === 'TimeoutNegativeWarning' || (warning instanceof Error && warning.name === 'TimeoutNegativeWarning'))
      return
    ;(emit as (...args: unknown[]) => void)(warning, ...rest)
  }) as typeof process.emitWarning
}

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
