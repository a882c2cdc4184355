// Who else may be in the collectors' consumer group: other collectors, of which one reads a topic of one partition and
// the others stand by and take over; and nobody else.
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type Consumer, Kafka, logLevel } from 'kafkajs'
import type { Status } from '../../collector/api/schemas.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

let first: OwnCollector
let second: CollectorProcess

beforeAll(async () => {
  const env = { UNDERSTUDY_PARTITIONS: '1', UNDERSTUDY_PAIR_WINDOW_MS: '60000' }
  first = await startOwnCollector({ env })
  const { databaseUrl, topicPrefix } = first
  second = await startCollectorProcess({ databaseUrl, kafka: kafka(), topicPrefix, env })
  expect((await fetch(new URL('/healthz', second.ingest))).status).toBe(200)
})

const strangers: Consumer[] = []
afterAll(async () => {
  await Promise.all(strangers.map((consumer) => consumer.disconnect()))
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
  await waitUntil(async () => (await compared()) === 40, { withinMs: 120_000 })
  await waitUntil(async () => (await fetch(`${other.api}/readyz`)).status === 200)
  expect(await total("SELECT sum(pairs) AS n FROM rollups WHERE outcome = 'different'")).toBe(40)
  expect(await total('SELECT count(*) AS n FROM unpaired')).toBe(0)
})

/** An application that names the collectors' group as its own. `refused` resolves with what the broker tells it. */
async function stranger(topic: string) {
  const client = new Kafka({ brokers: [kafka()], clientId: 'billing', logLevel: logLevel.NOTHING })
  const consumer = client.consumer({
    groupId: `${first.topicPrefix}-compare`,
    retry: { restartOnFailure: async () => false },
  })
  strangers.push(consumer)
  let [joins, error] = [0, '']
  consumer.on('consumer.group_join', () => {
    joins += 1
  })
  consumer.on('consumer.crash', ({ payload }) => {
    error = payload.error.message
  })
  await consumer.connect()
  await consumer.subscribe({ topic })
  await consumer.run({ eachMessage: async () => undefined })
  return { joined: () => joins > 0, error: () => error, end: () => consumer.disconnect() }
}

it('lets no other application into its group, and says who keeps it out of it', async () => {
  const { topicPrefix } = first
  const late = await stranger(`${topicPrefix}.taps`)
  await waitUntilHolds(() => expect(late.error()).toContain('incompatible'))
  expect(late.joined()).toBe(false)
  await late.end()

  await Promise.all([first.kill(), second.kill()])
  const early = await waitUntil(
    async () => {
      const came = await stranger(`${topicPrefix}.events`)
      if (await waitUntil(() => came.joined() || came.error() !== '').then(came.joined)) return came
      await came.end()
      return undefined
    },
    { withinMs: 120_000, what: 'the killed collectors to be out of their group' },
  )
  await first.killAndRestart()
  const pairing = await waitUntil(
    async () => {
      const status = (await (await fetch(`${first.api}/api/status`)).json()) as Status
      const found = status.components.find(({ name }) => name === 'pairing')
      return found?.detail?.includes('another application') && found
    },
    { withinMs: 60_000, what: 'the collector to say who is in its group' },
  )
  expect(pairing).toMatchObject({
    state: 'down',
    detail: expect.stringMatching(`^the consumer group ${topicPrefix}-compare is used by another .*: billing at 127`),
    mend: expect.stringContaining('UNDERSTUDY_TOPIC_PREFIX'),
  })
  await waitUntilHolds(async () => {
    const ready = await fetch(`${first.api}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('pairing')])
    expect(first.log()).toContain(pairing.detail)
  })

  const before = await compared()
  const primary = tapRecord({ body: '{"a":1}' })
  await postRecords(first.ingest, [primary, { ...tapRecord({ side: 'shadow', body: '{"a":2}' }), id: primary.id }])
  await early.end()
  await waitUntil(async () => (await compared()) === before + 1, { withinMs: 120_000 })
  await waitUntil(async () => (await fetch(`${first.api}/readyz`)).status === 200)
})
