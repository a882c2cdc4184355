// What a Kafka administrator may do to the topic of tap records under a running collector.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { spreadOf } from '../../collector/core/exchange-id.ts'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const FORMER = 3
const LATER = 6

let collector: OwnCollector
let admin: Admin
let topic: string
const client = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING })

beforeAll(async () => {
  const env = { UNDERSTUDY_PARTITIONS: String(FORMER), UNDERSTUDY_PAIR_WINDOW_MS: '30000' }
  collector = await startOwnCollector({ env })
  topic = `${collector.topicPrefix}.taps`
  admin = client.admin()
  await admin.connect()
})

afterAll(async () => {
  await admin?.disconnect()
  await collector?.end()
})

const pair = (): [TapRecord, TapRecord] => {
  const primary = tapRecord()
  return [primary, { ...tapRecord({ side: 'shadow' }), id: primary.id }]
}
const pairs = (count: number) => Array.from({ length: count }, pair)
const idsOf = (records: readonly TapRecord[][]) => records.map(([primary]) => primary?.id ?? '')

const rows = async (table: 'comparisons' | 'unpaired', ids: readonly string[]) =>
  (await collector.pool.query(`SELECT * FROM ${table} WHERE exchange_id = ANY ($1)`, [ids])).rows
const compared = (ids: readonly string[]) =>
  waitUntil(async () => (await rows('comparisons', ids)).length === ids.length, { withinMs: 120_000 })

const highOf = async () =>
  new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]))

describe('the topic of tap records under a running collector', () => {
  it('is read on where records were gone before they were read, and they are counted', async () => {
    const before = pairs(40)
    await postRecords(collector.ingest, before.flat())
    await compared(idsOf(before))
    const read = await highOf()
    expect([...read.values()].every((high) => high > 0)).toBe(true)
    const junk = (partition: number) => ({ partition, key: 'gone', value: 'gone' })
    const producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    process.kill(collector.pid(), 'SIGSTOP')
    try {
      // The first one answers the request that the stopped collector may have sent: it did not ask for those after it.
      await producer.send({ topic, messages: [junk(0)] })
      const messages = [0, 1, 2].flatMap((partition) => Array.from({ length: 5 }, () => junk(partition)))
      await producer.send({ topic, messages })
      await producer.disconnect()
      const partitions = [...(await highOf())].map(([partition, high]) => ({ partition, offset: String(high) }))
      await admin.deleteTopicRecords({ topic, partitions })
    } finally {
      process.kill(collector.pid(), 'SIGCONT')
    }
    const after = pairs(40)
    await postRecords(collector.ingest, after.flat())
    await compared(idsOf(after))
    const metrics = await (await fetch(`${collector.api}/metrics`)).text()
    const missed = Number(/understudy_dropped_total\{stage="topic",reason="expired"\} (\d+)/.exec(metrics)?.[1])
    expect([15, 16]).toContain(missed)
  })

  it('is read on where records were gone before a collector ran again, and they are counted', async () => {
    const before = pairs(40)
    await postRecords(collector.ingest, before.flat())
    await compared(idsOf(before))
    const groupId = `${collector.topicPrefix}-compare`
    await waitUntil(async () => {
      const [high, [committed]] = [await highOf(), await admin.fetchOffsets({ groupId, topics: [topic] })]
      return committed?.partitions.every(({ partition, offset }) => Number(offset) === high.get(partition))
    })
    await collector.kill()
    const producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const messages = [0, 1, 2].flatMap((partition) => Array.from({ length: 5 }, () => ({ partition, value: 'gone' })))
    await producer.send({ topic, messages })
    await producer.disconnect()
    const partitions = [...(await highOf())].map(([partition, high]) => ({ partition, offset: String(high) }))
    await admin.deleteTopicRecords({ topic, partitions })
    await collector.killAndRestart()
    await waitUntil(async () => (await fetch(`${collector.api}/readyz`)).ok)
    const after = pairs(40)
    await postRecords(collector.ingest, after.flat())
    await compared(idsOf(after))
    const metrics = await (await fetch(`${collector.api}/metrics`)).text()
    expect(/understudy_dropped_total\{stage="topic",reason="expired"\} (\d+)/.exec(metrics)?.[1]).toBe('15')
  })

  it('may get more partitions: a pair that spans the change is paired or unpaired with its reason', async () => {
    const all = pairs(60)
    const isSplit = ([{ id }]: [TapRecord, TapRecord]) => spreadOf(id) % FORMER !== spreadOf(id) % LATER
    const split = all.filter(isSplit)
    const whole = all.filter((each) => !isSplit(each))
    expect([split.length > 0, whole.length > 0]).toEqual([true, true])
    await postRecords(
      collector.ingest,
      all.map(([primary]) => primary),
    )
    await admin.createPartitions({ topicPartitions: [{ topic, count: LATER }] })
    // Taps know nothing of it: what they send goes on being compared while ingest comes to know the new partitions.
    const meanwhile: string[] = []
    await waitUntil(
      async () => {
        const more = pairs(10)
        await postRecords(collector.ingest, more.flat())
        meanwhile.push(...idsOf(more))
        const high = await highOf()
        return [3, 4, 5].every((partition) => (high.get(partition) ?? 0) > 0)
      },
      { withinMs: 25_000, everyMs: 250, what: 'ingest to write to the new partitions' },
    )
    await postRecords(
      collector.ingest,
      all.map(([, shadow]) => shadow),
    )
    await compared([...meanwhile, ...idsOf(whole)])
    const unpaired = await waitUntil(
      async () => {
        const found = await rows('unpaired', idsOf(split))
        return found.length === split.length && found
      },
      { withinMs: 120_000, what: 'the split pairs to be given up' },
    )
    for (const { reason } of unpaired) expect(['no-shadow', 'no-primary']).toContain(reason)
    expect(await rows('comparisons', idsOf(split))).toEqual([])
  })

  it('is made anew when it was deleted, and read from its beginning', async () => {
    await admin.deleteTopics({ topics: [topic] })
    // What is taken while the deletion is under way goes with the topic.
    await waitUntil(
      async () => {
        const marker = pairs(1)
        await postRecords(collector.ingest, marker.flat())
        return waitUntil(async () => (await rows('comparisons', idsOf(marker))).length === 1, 10_000)
      },
      { withinMs: 180_000, what: 'pairs to be compared again' },
    )
    const after = pairs(20)
    await postRecords(collector.ingest, after.flat())
    await compared(idsOf(after))
    expect((await fetch(`${collector.api}/readyz`)).status).toBe(200)
    expect((await highOf()).size).toBe(FORMER)
  })
  it('is read from its beginning when another one took its place between two looks', async () => {
    const before = pairs(40)
    await postRecords(collector.ingest, before.flat())
    await compared(idsOf(before))
    const producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    process.kill(collector.pid(), 'SIGSTOP')
    try {
      // Answers the request that may be under way, which would else be told of the deletion.
      await producer.send({ topic, messages: [{ partition: 0, key: 'gone', value: 'gone' }] })
      await producer.disconnect()
      await admin.deleteTopics({ topics: [topic] })
      await waitUntil(() => admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: FORMER }] }))
    } finally {
      process.kill(collector.pid(), 'SIGCONT')
    }
    const after = pairs(20)
    await postRecords(collector.ingest, after.flat())
    await compared(idsOf(after))
  })
})
