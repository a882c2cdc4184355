// Two collectors on a topic of one partition: one reads, the other one stands by and takes over.
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let first: OwnCollector
let second: CollectorProcess

beforeAll(async () => {
  const env = { UNDERSTUDY_PARTITIONS: '1', UNDERSTUDY_PAIR_WINDOW_MS: '60000' }
  first = await startOwnCollector({ env })
  const { databaseUrl, topicPrefix } = first
  second = await startCollectorProcess({ databaseUrl, kafka: kafka(), topicPrefix, env })
  await waitUntil(async () => (await fetch(new URL('/healthz', second.ingest))).ok)
}, 90_000)

afterAll(async () => {
  await second?.stop()
  await first?.end()
})

const total = async (sql: string) => Number((await first.pool.query<{ n: string }>(sql)).rows[0]?.n)
const compared = () => total('SELECT count(*) AS n FROM comparisons')

it('compares each pair once, and all of them when the one that reads is killed', async () => {
  const pairs = Array.from({ length: 40 }, () => {
    const primary = tapRecord({ body: '{"a":1}' })
    return [primary, { ...tapRecord({ side: 'shadow', body: '{"a":2}' }), id: primary.id }]
  })
  await postRecords(second.ingest, pairs.slice(0, 20).flat())
  await waitUntil(async () => (await compared()) === 20)
  // Half a pair each, so that the one that takes over has to read again what the killed one had in its hands.
  const late = pairs.slice(20)
  await postRecords(
    second.ingest,
    late.flatMap(([primary]) => primary ?? []),
  )
  await first.kill()
  await postRecords(
    second.ingest,
    late.flatMap(([, shadow]) => shadow ?? []),
  )
  await waitUntil(async () => (await compared()) === 40, { withinMs: 60_000 })
  expect((await fetch(`${second.api}/readyz`)).status).toBe(200)
  expect(await total("SELECT sum(pairs) AS n FROM rollups WHERE outcome = 'different'")).toBe(40)
  expect(await total('SELECT count(*) AS n FROM unpaired')).toBe(0)
}, 120_000)
