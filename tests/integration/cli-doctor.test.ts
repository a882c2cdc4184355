import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { startApi, type TestApi } from '../api/api-server.ts'
import { understudy } from '../cli/run-understudy.ts'
import { freshTopicPrefix, kafka, startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

const prefix = freshTopicPrefix()
const topics = ['taps', 'comparisons', 'events', 'dead-letters'].map((name) => `${prefix}.${name}`)
const admin = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING }).admin()
let database: FreshDatabase
let traefik: TestTraefik
let api: TestApi

beforeAll(async () => {
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: topics.map((topic) => ({ topic, numPartitions: 1 })) })
  ;[database, traefik, api] = await Promise.all([
    freshDatabase(),
    startTraefik(),
    startApi({ overlayState: () => ({ state: 'applied', reason: null }), now: () => Date.now() }),
  ])
})

afterAll(async () => {
  await admin.deleteTopics({ topics })
  await Promise.all([admin.disconnect(), database?.drop(), traefik?.stop(), api?.close()])
})

describe('understudy doctor on the real parts', () => {
  const env = () => ({
    KAFKA_BROKERS: kafka(),
    UNDERSTUDY_TOPIC_PREFIX: prefix,
    DATABASE_URL: database.url,
    UNDERSTUDY_TRAEFIK_API: traefik.apiUrl,
    UNDERSTUDY_API: api.url,
  })

  it('passes when all is well', async () => {
    const ran = await understudy(['doctor', '--json'], env())
    const { findings } = ran.json as { findings: { check: string; state: string; detail: string }[] }
    expect(findings.filter(({ state }) => state === 'failed')).toEqual([])
    expect(ran.code).toBe(0)
    const told = Object.fromEntries(findings.map(({ check, detail }) => [check, detail]))
    expect(told.traefik).toMatch(/^version 3\.\d+\.\d+ at /)
    expect(told.database).toMatch(/^PostgreSQL 1[5-9]/)
    expect(told.kafka).toContain('with the four topics')
    expect(told.topics).toBe('set up as needed, with 1 partitions or more')
    expect(told.providers).toMatch(/^File/i)
    expect(told['entry points']).toContain('web')
  })

  it('tells a topic that somebody set up otherwise', async () => {
    const other = freshTopicPrefix()
    const names = topics.map((name) => name.replace(prefix, other))
    const configEntries = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'max.message.bytes', value: '1000' },
      { name: 'retention.ms', value: '60000' },
    ]
    const all = names.map((topic) => ({ topic, numPartitions: 1, ...(topic.endsWith('.taps') && { configEntries }) }))
    await admin.createTopics({ waitForLeaders: true, topics: all })
    const ran = await understudy(['doctor', '--json'], { ...env(), UNDERSTUDY_TOPIC_PREFIX: other })
    await admin.deleteTopics({ topics: names })
    const { findings } = ran.json as { findings: { check: string; state: string; detail: string }[] }
    const told = findings.filter(({ check }) => check === `topic ${other}.taps`)
    expect(told.map(({ state, detail }) => `${state}: ${detail}`)).toEqual([
      'failed: cleanup.policy has compact: of two sides of an exchange one would be removed',
      'doubtful: max.message.bytes is 1000: a record with large bodies is refused',
      'doubtful: retention.ms is 60000: what a collector does not read within it is lost',
    ])
    expect(ran.code).toBe(3)
  })

  it('names a topic and a schema that are missing', async () => {
    const empty = new URL(database.url)
    empty.pathname = '/postgres'
    const ran = await understudy(['doctor', '--json'], {
      ...env(),
      UNDERSTUDY_TOPIC_PREFIX: 'nobody',
      DATABASE_URL: empty.href,
    })
    expect(ran.code).toBe(3)
    expect(ran.out).toContain('there is no topic nobody.taps, nobody.comparisons')
    expect(ran.out).toContain('there is no table comparisons')
  })
})
