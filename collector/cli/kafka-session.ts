// Kafka as the CLI needs it: one client, quiet, that gives up in words.
import { Kafka, logLevel } from 'kafkajs'
import { CliError } from './cli-error.ts'
import type { Session } from './session.ts'

/** `patient`: for a consumer, whose group has no coordinator for seconds on a broker that is just up. */
export function openKafka({ stack, timeoutMs }: Pick<Session, 'stack' | 'timeoutMs'>, how: 'quick' | 'patient'): Kafka {
  quietTimerWarning()
  return new Kafka({
    clientId: 'understudy-cli',
    brokers: stack.kafkaBrokers.split(','),
    connectionTimeout: Math.min(timeoutMs, 3000),
    requestTimeout: Math.max(timeoutMs, 1000),
    retry: { retries: how === 'patient' ? 20 : 1, initialRetryTime: 100, maxRetryTime: 500 },
    logLevel: logLevel.NOTHING,
  })
}

export function kafkaFailure(error: unknown, brokers: string): CliError {
  if (error instanceof CliError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new CliError(`Kafka at ${brokers} (KAFKA_BROKERS): ${reason}`)
}

let isQuiet = false

/** kafkajs 2.2.4 sets negative timers on Node 24, which warns each time; every other warning is still printed. */
function quietTimerWarning(): void {
  if (isQuiet) return
  isQuiet = true
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') for (const listener of listeners) listener(warning)
  })
}
