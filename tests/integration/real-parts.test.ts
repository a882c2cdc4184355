import { describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { freshDatabase, freshTopicPrefix, kafka, startTraefik } from '../helpers/real-parts.ts'

describe('the real parts for tests', () => {
  it('give each test an empty database of its own', async () => {
    const database = await freshDatabase()
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query("SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'")
    expect(rows).toEqual([{ tables: 0 }])
    await client.end()
    await database.drop()
  })

  it('include a Kafka that creates topics only when asked, and takes a message of 4 MiB', async () => {
    const client = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING, retry: { retries: 3 } })
    const topic = `${freshTopicPrefix()}.taps`
    const admin = client.admin()
    const producer = client.producer()
    await Promise.all([admin.connect(), producer.connect()])
    await expect(producer.send({ topic, messages: [{ value: 'x' }] })).rejects.toThrow()
    const configEntries = [{ name: 'max.message.bytes', value: String(4 * 1024 * 1024 + 1024) }]
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] })
    await producer.send({ topic, acks: -1, messages: [{ value: Buffer.alloc(4 * 1024 * 1024, 97) }] })
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '1' }])
    await admin.deleteTopics({ topics: [topic] })
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })

  it('start a Traefik on free ports that serves a given dynamic configuration', async () => {
    const traefik = await startTraefik({
      dynamic: { http: { routers: { ping: { rule: 'Path(`/ping`)', service: 'ping@internal' } } } },
    })
    expect(await (await fetch(`${traefik.webUrl}/ping`)).text()).toBe('OK')
    expect((await fetch(`${traefik.webUrl}/other`)).status).toBe(404)
    await traefik.stop()
    await expect(fetch(`${traefik.apiUrl}/ping`)).rejects.toThrow()
  })
})
