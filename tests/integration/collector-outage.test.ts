// Kafka and PostgreSQL go away for a minute each, overlapping, under load. Both are this test's own.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import type { Finding, RunningPart } from '../../collector/local-stack/parts/finding.ts'
import { findKafka } from '../../collector/local-stack/parts/kafka.ts'
import { startKafka } from '../../collector/local-stack/parts/kafka-broker.ts'
import { findPostgres, startPostgres } from '../../collector/local-stack/parts/postgres.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { loadPairs } from '../helpers/load-pairs.ts'
import { batchHeader, createBatchSource, ndjson, tapRecord } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const AWAY_MS = 60_000

async function ready<Part>(finding: Finding<Part> | Promise<Finding<Part>>): Promise<Part> {
  const found = await finding
  if (found.state !== 'ready') throw new Error('the global set-up fetches every part')
  return found.part
}

describe('a collector whose Kafka and PostgreSQL go away', () => {
  let folder: string
  let broker: RunningPart
  let database: RunningPart
  let collector: CollectorProcess
  let startBroker: () => Promise<RunningPart>
  let startDatabase: () => Promise<RunningPart & { url: (name: string) => string }>
  let databaseUrl: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-outage-'))
    await chmod(folder, 0o711)
    const [kafkaPort, postgresPort] = (await freePorts(2)) as [number, number]
    const [kafkaPart, postgresPart] = [await ready(findKafka(process.env)), await ready(findPostgres())]
    startBroker = () =>
      startKafka(kafkaPart, { port: kafkaPort, dataDir: join(folder, 'kafka'), logFile: join(folder, 'kafka.log') })
    startDatabase = () =>
      startPostgres(postgresPart, {
        port: postgresPort,
        dataDir: join(folder, 'postgres'),
        passwordFile: join(folder, 'password'),
        logFile: join(folder, 'postgres.log'),
      })
    broker = await startBroker()
    const started = await startDatabase()
    database = started
    databaseUrl = started.url('postgres')
    collector = await startCollectorProcess({ databaseUrl, kafka: broker.address, topicPrefix: 'outage' })
  })

  afterAll(async () => {
    await collector?.stop()
    await Promise.all([broker?.stop(), database?.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const count = async (sql: string) => {
    const client = new pg.Client({ connectionString: databaseUrl })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return Number((await client.query<{ n: string }>(sql)).rows[0]?.n)
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  const away = async (stop: () => Promise<void>, start: () => Promise<void>, meanwhile: () => Promise<void>) => {
    await stop()
    const deadline = Date.now() + AWAY_MS
    await meanwhile()
    await waitUntil(() => Date.now() >= deadline, { withinMs: AWAY_MS + 5_000, everyMs: 250 })
    await start()
  }

  it('loses nothing that was acknowledged and catches up by itself', async () => {
    const source = createBatchSource({ bodyBytes: 1024, pairsPerBatch: 20, differingPercent: 5, slots: 2 })
    let loading = true
    let acknowledged = 0
    const load = (async () => {
      while (loading)
        acknowledged += (
          await loadPairs({ url: collector.ingest, source, pairs: 40, connections: 2, pairsPerSecond: 200 })
        ).pairs
    })()
    await waitUntil(() => acknowledged > 200)

    const unready = async (name: string) => {
      const answer = await waitUntil(async () => {
        const response = await fetch(`${collector.api}/readyz`)
        return response.status === 503 ? response.text() : undefined
      })
      expect(answer).toContain(name)
    }
    await away(
      () => database.stop(),
      async () => {
        database = await startDatabase()
      },
      async () => {
        await unready('postgres')
        const before = acknowledged
        await waitUntil(() => acknowledged > before + 200)
      },
    )
    await away(
      () => broker.stop(),
      async () => {
        broker = await startBroker()
      },
      async () => {
        await unready('kafka')
        const refused = await fetch(collector.ingest, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: new Uint8Array(ndjson([batchHeader(1), tapRecord()])),
        })
        expect([429, 503]).toContain(refused.status)
        expect(refused.headers.get('retry-after')).toBe('1')
      },
    )
    const back = acknowledged
    await waitUntil(() => acknowledged > back + 100)
    loading = false
    await load
    const stored = () => count('SELECT count(*) AS n FROM comparisons')
    await waitUntil(async () => (await stored()) >= acknowledged, 120_000).catch(async (error: unknown) => {
      const status = await (await fetch(`${collector.api}/api/status`)).text()
      throw new Error(
        `${await stored()} of ${acknowledged} stored
${status}
${collector.log()}`,
        { cause: error },
      )
    })
    // A batch that Kafka took just before it went away was not acknowledged and came again under the same ids.
    expect(await count('SELECT count(DISTINCT (exchange_id, variant)) AS n FROM comparisons')).toBe(
      await count('SELECT count(*) AS n FROM comparisons'),
    )
    expect(await count('SELECT count(*) AS n FROM unpaired')).toBe(0)
    await waitUntil(async () => (await fetch(`${collector.api}/readyz`)).status === 200)
  }, 600_000)
})
