import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { topicNames } from '../../collector/kafka/topics.ts'
import { createLog } from '../../collector/log.ts'
import { createEventJournal, type EventJournal } from '../../collector/roles/event-journal.ts'
import { openChangeFeed } from '../../collector/store/change-feed.ts'
import { createEventReadModel, type StoredEvent } from '../../collector/store/event-store.ts'
import { understudy } from '../cli/run-understudy.ts'
import { freshTopicPrefix, kafka } from '../helpers/real-parts.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

const prefix = freshTopicPrefix()
const topic = topicNames(prefix).events
const client = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING })
const log = createLog('silent')
let database: FreshDatabase
let journal: EventJournal
const changed = (share: number) => ({
  kind: 'route.changed',
  route: 'ticketing',
  actor: 'rest',
  details: { before: { share: 10 }, after: { share } },
})

beforeAll(async () => {
  database = await freshDatabase()
  journal = createEventJournal({ pool: database.pool, log, now: Date.now })
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 3 }] })
  await admin.disconnect()
})
afterAll(async () => {
  await journal?.close()
  await database?.drop()
})

describe('the event journal', () => {
  it('keeps events while Kafka is away and publishes each once it is back, in its order', async () => {
    await journal.recordEvent(changed(20))
    await journal.recordEvent(changed(30))
    const producer = client.producer()
    await producer.connect()
    let refusals = 1
    journal.publishWith(
      {
        async write(to, records) {
          if (refusals-- > 0) throw new Error('Kafka is away')
          await producer.send({ topic: to, acks: -1, messages: records.map(({ key, value }) => ({ key, value })) })
        },
      },
      topic,
    )
    await waitUntil(() => refusals <= 0)
    journal.look()
    const { rows } = await waitUntil(async () => {
      const found = await database.pool.query('SELECT id FROM events WHERE NOT published')
      return found.rows.length === 0 && found
    })
    expect(rows).toEqual([])
    const env = { KAFKA_BROKERS: kafka(), UNDERSTUDY_TOPIC_PREFIX: prefix, UNDERSTUDY_API: 'http://127.0.0.1:2' }
    const tail = await understudy(['tail', 'events', '--from-beginning', '--no-follow', '--json'], env)
    const seen = tail.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; value: { details: { after: { share: number } } } })
    expect(seen.map(({ key, value }) => [key, value.details.after.share])).toEqual([
      ['ticketing', 20],
      ['ticketing', 30],
    ])
    const lines = await understudy(['tail', 'events', '--from-beginning', '--no-follow'], env)
    expect(lines.out).toContain('route.changed  ticketing  rest')
    await producer.disconnect()
  })

  it('tells each event once, in order, to the streams of every process', async () => {
    const other = createEventJournal({ pool: database.pool, log, now: Date.now })
    const feed = openChangeFeed({ databaseUrl: database.url, log, changed: other.look, lookEveryMs: 60_000 })
    const [here, there]: [StoredEvent[], StoredEvent[]] = [[], []]
    journal.subscribe((event) => here.push(event))
    other.subscribe((event) => there.push(event))
    // Once the other has seen one, it listens.
    await waitUntil(async () => {
      await journal.recordEvent({ ...changed(1), route: 'first' })
      return there.length > 0
    })
    const started = performance.now()
    await Promise.all(Array.from({ length: 50 }, (_, index) => journal.recordEvent(changed(index))))
    await waitUntil(() => there.filter(({ route }) => route === 'ticketing').length === 50)
    expect(performance.now() - started).toBeLessThan(5_000)
    const ids = there.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    await waitUntil(() => here.filter(({ route }) => route === 'ticketing').length === 50)
    await feed.close()
    await other.close()
  })

  it('records in the transaction of the change or not at all', async () => {
    const connection = await database.pool.connect()
    await connection.query('BEGIN')
    const { id } = await journal.recordEvent({ ...changed(1), route: 'undone' }, connection)
    await connection.query('ROLLBACK')
    connection.release()
    const reader = createEventReadModel(database.pool)
    expect(await reader.list({ route: 'undone', limit: 10 })).toEqual([])
    await journal.recordEvent({ kind: 'route.created', route: 'odd', actor: 'rest', details: { text: '\0\ud800' } })
    const [newest, ...older] = await reader.list({ limit: 2 })
    expect(newest).toMatchObject({ route: 'odd', details: { text: '\\u0000\ufffd' } })
    expect(newest!.id).toBeGreaterThan(id)
    expect((await reader.list({ limit: 1, beforeId: newest!.id }))[0]).toEqual(older[0])
  })
})
