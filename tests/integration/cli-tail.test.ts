import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { understudy } from '../cli/run-understudy.ts'
import { freshTopicPrefix, kafka } from '../helpers/real-parts.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const prefix = freshTopicPrefix()
const topic = `${prefix}.comparisons`
const client = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING })
const admin = client.admin()
const env = { KAFKA_BROKERS: kafka(), UNDERSTUDY_TOPIC_PREFIX: prefix, UNDERSTUDY_API: 'http://127.0.0.1:2' }
let producer: Producer

beforeAll(async () => {
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 3 }] })
  producer = client.producer()
  await producer.connect()
  await send('before', 7)
})

afterAll(async () => {
  await producer.disconnect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
})

async function send(name: string, count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, index) => ({
    key: `${name}-${index}`,
    value: JSON.stringify({ outcome: 'different', id: `${name}-${index}`, path: '/\u001b[2J' }),
    partition: index % 3,
  }))
  await producer.send({ topic, messages, acks: -1 })
}

const idsOf = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { value: { id: string } }).value.id)

describe('understudy tail on Kafka', () => {
  it('reads what the topic holds and ends there', async () => {
    const { code, out } = await understudy(['tail', 'comparisons', '--from-beginning', '--no-follow', '--json'], env)
    expect(code).toBe(0)
    expect(idsOf(out).sort()).toEqual(Array.from({ length: 7 }, (_, index) => `before-${index}`))
  })

  it('reads from now on, without what was there, until it has enough', async () => {
    let isReading = false
    const tail = understudy(['tail', 'comparisons', '--limit', '5', '--json'], env, { onErr: () => (isReading = true) })
    await waitUntil(() => isReading)
    await send('after', 5)
    const { code, out } = await tail
    expect(code).toBe(0)
    expect(idsOf(out).sort()).toEqual(Array.from({ length: 5 }, (_, index) => `after-${index}`))
  })

  it('ends cleanly on Ctrl-C and leaves no group behind', async () => {
    const interrupted = new AbortController()
    let isReading = false
    const tail = understudy(['tail', 'comparisons'], env, {
      signal: interrupted.signal,
      onErr: () => (isReading = true),
    })
    await waitUntil(() => isReading)
    interrupted.abort()
    expect(await tail).toMatchObject({ code: 0, out: '' })
    const { groups } = await admin.listGroups()
    expect(groups.filter(({ groupId }) => groupId.startsWith('understudy-tail-'))).toEqual([])
  })

  it('shows lines that do nothing to a terminal', async () => {
    const { out } = await understudy(['tail', 'comparisons', '--from-beginning', '--limit', '1'], env)
    expect(out).toContain('/\\x1b[2J')
  })

  it('ends at once on an empty topic without --follow', async () => {
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: `${prefix}.events`, numPartitions: 1 }] })
    expect(await understudy(['tail', 'events', '--from-beginning', '--no-follow'], env)).toMatchObject({
      code: 0,
      out: '',
    })
    await admin.deleteTopics({ topics: [`${prefix}.events`] })
  })

  it('says in one line that the topic or the broker is not there', async () => {
    expect(await understudy(['tail', 'taps'], env)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`there is no topic ${prefix}.taps`),
    })
    const away = await understudy(['tail', 'taps', '--timeout', '1'], { ...env, KAFKA_BROKERS: '127.0.0.1:2' })
    expect(away).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^understudy: Kafka at 127.0.0.1:2 \(KAFKA_BROKERS\): .*\n$/),
    })
  })
})
