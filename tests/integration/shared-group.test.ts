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
  expect((await fetch(new URL('/healthz', second.ingest))).status).toBe(200)
}, 90_000)

afterAll(async () => {
  await second?.stop()
  await first?.end()
})

const total = async (sql: string) => Number((await first.pool.query<{ n: string }>(sql)).rows[0]?.n)
/** Whether a collector was given the partition when its group last shared them out. */
const reads = (collector: CollectorProcess) => {
  const joins = collector
    .log()
    .split('\n')
    .filter((line) => line.includes('consumer joined its group'))
  return joins.at(-1)?.includes('"partitions":[0]') === true
}
const compared = () => total('SELECT count(*) AS n FROM comparisons')

it('compares each pair once, and all of them when the one that reads is killed', async () => {
  const pairs = Array.from({ length: 40 }, () => {
    const primary = tapRecord({ body: '{"a":1}' })
    return [primary, { ...tapRecord({ side: 'shadow', body: '{"a":2}' }), id: primary.id }]
  })
  const { reader, other } = await waitUntil(() => {
    if (reads(first) === reads(second)) return undefined
    return reads(first) ? { reader: first, other: second } : { reader: second, other: first }
  })
  await postRecords(other.ingest, pairs.slice(0, 20).flat())
  await waitUntil(async () => (await compared()) === 20)
  // Half a pair each, so that the one that takes over has to read again what the killed one had in its hands.
  const late = pairs.slice(20)
  await postRecords(
    other.ingest,
    late.flatMap(([primary]) => primary ?? []),
  )
  await reader.kill()
  await postRecords(
    other.ingest,
    late.flatMap(([, shadow]) => shadow ?? []),
  )
  await waitUntil(async () => (await compared()) === 40, { withinMs: 60_000 })
  expect((await fetch(`${other.api}/readyz`)).status).toBe(200)
  expect(await total("SELECT sum(pairs) AS n FROM rollups WHERE outcome = 'different'")).toBe(40)
  expect(await total('SELECT count(*) AS n FROM unpaired')).toBe(0)
}, 120_000)
