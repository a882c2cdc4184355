// How each part is, for /api/status, /readyz and `doctor`.
import type { Kafka } from 'kafkajs'
import type { Component } from '../api/schemas.ts'
import { messageOf } from '../errors.ts'
import type { TapReports } from '../ingest/tap-reports.ts'
import type { Pool } from '../store/pool.ts'
import type { CompareRole } from './compare-role.ts'

/** A tap that has not reported for this long is shown as silent. */
const SILENT_TAP_MS = 60_000

export function databaseStatus(pool: Pick<Pool, 'query'>): () => Promise<Component> {
  return async () => {
    try {
      await pool.query('SELECT 1')
      return { name: 'postgres', state: 'ok', detail: 'answers' }
    } catch (error) {
      return {
        name: 'postgres',
        state: 'down',
        detail: messageOf(error),
        mend: 'start PostgreSQL or correct DATABASE_URL',
      }
    }
  }
}

export function kafkaStatus(kafka: Kafka, topic: string): () => Promise<Component> {
  const admin = kafka.admin()
  let connected = false
  return async () => {
    try {
      if (!connected) await admin.connect()
      connected = true
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const partitions = topics[0]?.partitions ?? []
      const leaderless = partitions.filter((partition) => partition.leader < 0).length
      if (leaderless > 0)
        return {
          name: 'kafka',
          state: 'degraded',
          detail: `${leaderless} of ${partitions.length} partitions have no leader`,
        }
      return { name: 'kafka', state: 'ok', detail: `${topic}: ${partitions.length} partitions` }
    } catch (error) {
      connected = false
      await admin.disconnect().catch(() => undefined)
      return { name: 'kafka', state: 'down', detail: messageOf(error), mend: 'start Kafka or correct KAFKA_BROKERS' }
    }
  }
}

export function pairingStatus(compare: CompareRole, now: () => number): () => Component {
  return () => {
    const state = compare.consumer.state()
    const { exchanges, underWay } = compare.pending()
    const lag = [...state.lag.values()].reduce((sum, records) => sum + records, 0)
    const detail = `${exchanges} exchanges wait for a side, ${underWay} pairs on their way, ${lag} records behind`
    if (state.takenBy !== undefined)
      return {
        name: 'pairing',
        state: 'down',
        detail: state.takenBy,
        mend: 'end that application, or give Understudy names of its own with UNDERSTUDY_TOPIC_PREFIX',
      }
    if (!state.connected)
      return {
        name: 'pairing',
        state: 'down',
        detail: 'not in its consumer group yet',
        mend: 'wait a few seconds; then look at kafka',
      }
    if (!compare.isDatabaseHealthy())
      return { name: 'pairing', state: 'degraded', detail: `${detail}; the database does not take batches` }
    const silentMs = now() - state.lastFetchAt
    return silentMs > 20_000
      ? { name: 'pairing', state: 'degraded', detail: `no fetch for ${Math.round(silentMs / 1000)} s` }
      : { name: 'pairing', state: 'ok', detail }
  }
}

export function tapsStatus(reports: TapReports, now: () => number): () => Component {
  return () => {
    const heard = reports.latest().filter((report) => now() - report.atMs < SILENT_TAP_MS)
    if (heard.length === 0)
      return {
        name: 'taps',
        state: 'ok',
        detail: 'none has reported yet: they do with the first mirrored request',
        required: false,
      }
    const dropped = heard
      .flatMap((report) => Object.values(report.header.batch.totals.dropped))
      .reduce((sum, records) => sum + records, 0)
    return {
      name: 'taps',
      state: dropped > 0 ? 'degraded' : 'ok',
      detail: `${heard.length} reporting, ${dropped} records dropped since their start`,
      required: false,
    }
  }
}
