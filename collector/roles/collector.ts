// Puts the roles of one process together, in the order in which data flows, and takes them apart again.
import { hostname } from 'node:os'
import type { Config, Role } from '../config.ts'
import { messageOf } from '../errors.ts'
import { createKafka, silenceKafkaTimerWarning } from '../kafka/client.ts'
import { createRecordWriter } from '../kafka/producer.ts'
import { ensureTopics, topicNames } from '../kafka/topics.ts'
import type { Log } from '../log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createComparePool } from '../pipeline/compare-pool.ts'
import { createEndpoints } from '../pipeline/endpoints.ts'
import { retryUntil } from '../pipeline/retry-until.ts'
import { migrate } from '../store/migrate.ts'
import { dropOldPartitions, makePartitions } from '../store/partitions.ts'
import { createPool, isRetriable } from '../store/pool.ts'
import { writeSettled } from '../store/settled-store.ts'
import { writeTapReport } from '../store/tap-report-store.ts'
import { startCompare } from './compare-role.ts'
import { startIngest } from './ingest-role.ts'
import { createRedactor } from './redactor.ts'
import { readSecret } from './secrets.ts'

export type Collector = { close: () => Promise<void> }

const PARTITIONS_EVERY_MS = 10 * 60_000
const LEDGER_HOURS = 6

export async function startCollector(config: Config, log: Log): Promise<Collector> {
  silenceKafkaTimerWarning()
  const has = (role: Role) => config.roles.includes(role)
  const now = () => Date.now()
  const metrics = createMetrics()
  const closers: (() => Promise<unknown>)[] = []
  let stopped = false
  const surely = (what: string, work: () => Promise<void>) =>
    retryUntil(work, {
      isStopped: () => stopped,
      failed: (error, waitMs) => log.warn({ error: messageOf(error), retryInMs: waitMs }, `${what}: tried again`),
    })

  const kafka = createKafka({ brokers: config.kafkaBrokers, clientId: `understudy-${hostname()}`, log })
  const topics = topicNames(config.topicPrefix)
  const pool = createPool({ databaseUrl: config.databaseUrl, name: 'writer', max: 4, statementTimeoutMs: 30_000, log })
  closers.push(() => pool.end())

  await surely('PostgreSQL is not ready', async () => {
    const run = await migrate(pool)
    if (run.length > 0) log.info({ migrations: run }, 'schema brought up to date')
    await makePartitions(pool, now())
  })
  await surely('Kafka is not ready', () =>
    ensureTopics(kafka, topics, { partitions: config.partitions, replicationFactor: -1 }),
  )
  const writer = await createRecordWriter(kafka, { maxQueuedBytes: 48 * 1024 * 1024 })
  closers.unshift(() => writer.close())

  if (has('compare')) {
    const compares = createComparePool({ size: 1, timeLimitMs: 500, maxQueued: 4_000 })
    const endpoints = createEndpoints()
    const compare = await startCompare({
      kafka,
      topics,
      writer,
      metrics,
      log,
      now,
      isRetriable,
      groupId: `${config.topicPrefix}-compare`,
      windowMs: config.pairWindowMs,
      maxPending: { count: config.maxPendingPairs, bytes: config.maxPendingMib * 1024 * 1024 },
      writeSettled: (batch) => writeSettled(pool, batch),
      compare: (jobs) => compares.compare(jobs),
      endpointOf: endpoints.endpointOf,
      policyOf: () => 'all',
    })
    closers.unshift(
      () => compare.close(),
      () => compares.close(),
    )
    const housekeeping = setInterval(() => {
      const keep = { days: config.retentionDays, maxBytes: config.retentionGib * 1024 ** 3, ledgerHours: LEDGER_HOURS }
      makePartitions(pool, now())
        .then(() => dropOldPartitions(pool, now(), keep))
        .then((dropped) => dropped.length > 0 && log.info({ dropped }, 'retention dropped partitions'))
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'partitions are looked after again later'))
    }, PARTITIONS_EVERY_MS)
    closers.unshift(async () => clearInterval(housekeeping))
  }

  if (has('ingest')) {
    const ingest = await startIngest({
      bind: config.ingestBind,
      port: config.ingestPort,
      topics,
      writer,
      metrics,
      log,
      now,
      token: config.ingestTokenFile === undefined ? undefined : readSecret(config.ingestTokenFile).toString('utf8'),
      redact: createRedactor(config.hmacKeyFile === undefined ? undefined : readSecret(config.hmacKeyFile), log),
      writeReport: (header, atMs) => writeTapReport(pool, header, atMs),
    })
    closers.unshift(() => ingest.close())
  }
  log.info({ roles: config.roles, ingest: config.ingestPort, api: config.httpPort }, 'understudy is up')

  return {
    async close() {
      stopped = true
      for (const close of closers)
        await close().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'while stopping'))
    },
  }
}
