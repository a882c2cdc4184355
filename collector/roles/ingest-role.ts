// Role `ingest`: HTTP from the taps → redaction → Kafka.
import { createServer } from 'node:http'
import type { BatchHeader } from '../core/tap-record.ts'
import { messageOf } from '../errors.ts'
import type { CutRecord } from '../ingest/cut-batch.ts'
import { createIngestApp, type Redactor } from '../ingest/ingest-app.ts'
import { createSilentTaps } from '../ingest/silent-taps.ts'
import { createTapReports, type TapReports } from '../ingest/tap-reports.ts'
import type { ReadConfigs } from '../ingest/traefik-config.ts'
import type { RecordWriter } from '../kafka/producer.ts'
import type { TopicNames } from '../kafka/topics.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { listen } from './listen.ts'

export type IngestRole = { reports: TapReports; isHealthy: () => boolean; close: () => Promise<void> }

export async function startIngest(options: {
  bind: string
  port: number
  token: string | undefined
  topics: TopicNames
  writer: RecordWriter
  redactor: Redactor
  configs: ReadConfigs
  writeReport: (header: BatchHeader, atMs: number) => Promise<void>
  /** Marks taps that were last heard before a time, and gives the pairs that went with each. */
  endSilent: (silentSinceMs: number, nowMs: number) => Promise<{ instance: string; pairs: number }[]>
  /** How long a tap with a queue may be silent before it counts as killed. */
  tapSilenceMs: number
  metrics: Metrics
  log: Log
  now: () => number
}): Promise<IngestRole> {
  const { metrics, log, writer, topics } = options
  const reports = createTapReports({
    write: options.writeReport,
    dropped: (reason, records) => metrics.dropped.inc({ stage: 'tap', reason }, records),
    shed: (route, reason, copies) => metrics.shed.inc({ route: metrics.boundRoute(route), reason }, copies),
    now: options.now,
  })
  let isHealthy = true
  const app = createIngestApp({
    token: options.token,
    redactor: options.redactor,
    reported: reports.reported,
    configs: options.configs,
    write: (records, bytes) => writer.write(topics.taps, records, bytes),
    acknowledged(records, seconds) {
      isHealthy = true
      metrics.ingestSeconds.observe(seconds)
      countRecords(metrics, records)
    },
    refused(reason, records) {
      if (reason === 'unavailable') isHealthy = false
      metrics.dropped.inc({ stage: 'ingest', reason }, Math.max(records, 1))
      log.debug({ reason, records }, 'batch refused')
    },
  })
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 }, app)
  server.maxConnections = 1_000
  await listen(server, options.bind, options.port)
  const silent = createSilentTaps({
    silenceMs: options.tapSilenceMs,
    end: options.endSilent,
    lost(instance, pairs) {
      metrics.dropped.inc({ stage: 'tap', reason: 'proxy-ended' }, pairs)
      log.warn({ instance, pairs }, 'a tap fell silent with pairs in its queue: they count as dropped, proxy-ended')
    },
    now: options.now,
  })
  const writeReports = async () => {
    try {
      await reports.flush()
      silent.wrote()
      await silent.look()
    } catch (error) {
      silent.failed()
      log.debug({ error: messageOf(error) }, 'tap reports wait for the database')
    }
  }
  const timer = setInterval(() => {
    metrics.ingestQueueBytes.set(writer.queuedBytes())
    void writeReports()
  }, 1_000)
  return {
    reports,
    isHealthy: () => isHealthy,
    async close() {
      clearInterval(timer)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 3_000).unref()
      })
      await reports.flush().catch(() => undefined)
    },
  }
}

function countRecords(metrics: Metrics, cut: readonly CutRecord[]): void {
  const counts = new Map<string, { route: string; side: string; records: number }>()
  for (const { route, side } of cut) {
    const key = `${side} ${route}`
    const known = counts.get(key)
    if (known) known.records += 1
    else counts.set(key, { route: metrics.boundRoute(route), side, records: 1 })
  }
  for (const { route, side, records } of counts.values()) metrics.tapRecords.inc({ route, side }, records)
}
