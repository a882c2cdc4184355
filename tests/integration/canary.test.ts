// A secret that is planted in a request or an answer, in any of the ways that are known, is found nowhere: not in a
// topic, a table, the log, or anything that the API tells.
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { hashOf, tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const KEYS = [
  ...['secret', 'token', 'bearer', 'password', 'passwd', 'api_key', 'apiKey', 'credentials', 'mysql_pwd'],
  ...['privateKey', 'auth', 'authorization', 'accessToken', 'client-secret', 'PASSWORD', 'vault_code'],
]
/** What each key's value is; nothing else in the records looks like it. */
const canaryOf = (key: string) => `zqcanary-${key.toLowerCase()}`
/** What is hidden by its looks, and how little of it would be too much. */
const LOOKS = {
  card: ['4111 1111 1111 1111', '1111 1111'],
  'card, as digits': ['5500005555555559', '5500005555555559'],
  email: ['zqcanary.mail@example.org', 'zqcanary.mail'],
  jwt: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6cWNhbmFyeSJ9.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U', 'eyJzdWIiOiJ6cW'],
  key: ['ghp_zqcanary456789abcdefghijklmnopqrstuvwx', 'ghp_zqcanary'],
  'private key': ['-----BEGIN PRIVATE KEY-----\nMIIEzqcanary\n-----END PRIVATE KEY-----', 'MIIEzqcanary'],
} as const
const PLANTED = ['zqcanary', ...Object.values(LOOKS).map(([, trace]) => trace)]

const object = Object.fromEntries([
  ...KEYS.map((key) => [key, canaryOf(key)]),
  ...Object.entries(LOOKS).map(([name, [value]]) => [name.replaceAll(/\W/g, '_'), value]),
])
const looks = Object.values(LOOKS).map(([value]) => value)
const form = new URLSearchParams(object).toString()
const BODIES: [type: string, body: string, coding?: 'gzip'][] = [
  ['application/json', JSON.stringify({ list: [{ deep: object }], text: JSON.stringify(object) })],
  ['application/json', JSON.stringify({ list: [{ deep: object }] }), 'gzip'],
  ['application/problem+json', JSON.stringify({ detail: looks.join(' and ') })],
  ['application/x-ndjson', `${JSON.stringify(object)}\n${JSON.stringify({ looks })}\n`],
  ['text/event-stream', `data: ${JSON.stringify(object)}\n\n`],
  ['application/x-www-form-urlencoded', form],
  ['text/plain', looks.join('\n')],
  ['text/html', `<script>var user = ${JSON.stringify(object)}</script><p>${looks.slice(0, 5).join('</p><p>')}</p>`],
]

let collector: OwnCollector
const client = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING })
const ids: string[] = []

function answered(side: 'primary' | 'shadow', [type, body, coding]: (typeof BODIES)[number]): TapRecord {
  const text = side === 'primary' ? body : `${body} `
  const bytes = coding === 'gzip' ? gzipSync(text) : Buffer.from(text)
  const email = LOOKS.email[0]
  const record = tapRecord({ side })
  return {
    ...record,
    request: {
      ...record.request,
      uri: `/users/zqkept/${encodeURIComponent(email)}/${LOOKS.jwt[0]}?mail=${email}&card=4111111111111111`,
      headers: { ...record.request.headers, 'X-Contact': [email], 'X-Own': [`Bearer ${LOOKS.jwt[0]}`] },
    },
    response: {
      ...{ status: 200, bodyBytes: bytes.length, bodyHash: hashOf(text), truncated: false },
      headers: {
        'Content-Type': [type],
        Location: [`/welcome?mail=${email}`],
        'X-Trace': [LOOKS.card[0], side],
        ...(coding && { 'Content-Encoding': [coding] }),
      },
      trailers: { 'X-Contact': [email], 'X-Trace': [LOOKS.jwt[0], side] },
      ...(coding
        ? { body: bytes.toString('base64'), bodyEncoding: 'base64' as const }
        : { body: text, bodyEncoding: 'utf8' as const }),
    },
  }
}

beforeAll(async () => {
  const env = { UNDERSTUDY_PAIR_WINDOW_MS: '2000', UNDERSTUDY_REDACT_KEYS: 'vault_code', UNDERSTUDY_LOG_LEVEL: 'debug' }
  collector = await startOwnCollector({ env })
  const records = BODIES.flatMap((body) => {
    const primary = answered('primary', body)
    ids.push(primary.id)
    return [primary, { ...answered('shadow', body), id: primary.id }]
  })
  // One that never finds its other side, and one that pairing cannot use: it goes to the dead letters.
  const lonely = answered('primary', BODIES[0] as (typeof BODIES)[number])
  const poison = answered('primary', BODIES[0] as (typeof BODIES)[number])
  const broken = { ...poison, response: { ...poison.response, status: 'none' } } as unknown as TapRecord
  await postRecords(collector.ingest, [...records, lonely, broken])
  const rows = async (sql: string) => Number((await collector.pool.query(sql)).rows[0].n)
  await waitUntil(async () => (await rows('SELECT count(*) AS n FROM comparisons')) === BODIES.length)
  await waitUntil(async () => (await rows('SELECT count(*) AS n FROM unpaired')) === 1)
  // What is stored is told to the topics a moment later.
  await waitUntil(
    async () => (await recordsIn('comparisons')) >= BODIES.length && (await recordsIn('dead-letters')) > 0,
  )
})
afterAll(async () => {
  await collector?.end()
})

async function recordsIn(name: string): Promise<number> {
  const admin = client.admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(`${collector.topicPrefix}.${name}`)
  await admin.disconnect()
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0)
}

/** Every record of a topic: key, value and headers, once all are there that were when it began. */
async function topicText(name: string): Promise<string[]> {
  const topic = `${collector.topicPrefix}.${name}`
  const wanted = await recordsIn(name)
  const texts: string[] = []
  if (wanted === 0) return texts
  const consumer = client.consumer({ groupId: `canary-${randomUUID()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers } }) => {
      texts.push(`${key} ${value} ${JSON.stringify(Object.entries(headers ?? {}).map(([k, v]) => [k, String(v)]))}`)
    },
  })
  try {
    await waitUntil(() => texts.length >= wanted)
  } finally {
    await consumer.disconnect()
  }
  return texts
}

async function everyTable(): Promise<Map<string, string>> {
  const { rows } = await collector.pool.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
  )
  const found = new Map<string, string>()
  for (const { name } of rows) {
    const { rows: texts } = await collector.pool.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`)
    found.set(name, texts.map(({ text }) => text).join('\n'))
  }
  return found
}

const tracesIn = (text: string) => PLANTED.filter((trace) => text.includes(trace))
/** Bodies in base64 hide what they hold from a look at the text. */
const opened = (text: string) =>
  text.replace(/[A-Za-z0-9+/]{60,}={0,2}/g, (found) => `${found} ${Buffer.from(found, 'base64').toString('latin1')}`)

/** What looks like no secret, and is kept as it is: whoever seeks finds it where the secrets would be. */
const KEPT = 'zqkept'
const tracesOfKept = (text: string) => (opened(text).includes(KEPT) ? [KEPT] : [])

describe('the search for planted secrets', () => {
  it.each(PLANTED)('would find %s, in clear and in a body in base64', (trace) => {
    const text = JSON.stringify({ before: 'x'.repeat(60), trace, after: 'y'.repeat(60) })
    expect(tracesIn(opened(text))).toContain(trace)
    expect(tracesIn(opened(`"body":"${Buffer.from(text).toString('base64')}"`))).toContain(trace)
  })

  it('finds what is kept on purpose in the topics, the tables and the answers', async () => {
    for (const name of ['taps', 'comparisons', 'dead-letters'])
      expect([name, tracesOfKept((await topicText(name)).join('\n'))]).toEqual([name, [KEPT]])
    const tables = await everyTable()
    for (const name of ['comparisons', 'unpaired'])
      expect([name, tracesOfKept(tables.get(name) ?? '')]).toEqual([name, [KEPT]])
    for (const what of ['', '/har', '/fixture', '/curl']) {
      const answer = await fetch(`${collector.api}/api/v1/comparisons/${ids[0]}${what}`)
      expect([what, tracesOfKept(await answer.text())]).toEqual([what, [KEPT]])
    }
  })
})

describe('a planted secret', () => {
  it.each(['taps', 'comparisons', 'events', 'dead-letters'])('is in no record of the topic %s', async (name) => {
    const texts = await topicText(name)
    if (name !== 'events') expect(texts.length).toBeGreaterThan(0)
    expect(tracesIn(opened(texts.join('\n')))).toEqual([])
    if (name === 'taps') expect(texts.join('\n')).toContain('hmac:')
  })

  it('is in no table', async () => {
    const tables = await everyTable()
    expect(tables.get('comparisons')).toContain('hmac:')
    for (const [name, text] of tables) expect([name, tracesIn(opened(text))]).toEqual([name, []])
  })

  it('is in no line of the log', () => {
    expect(collector.log().length).toBeGreaterThan(0)
    expect(tracesIn(opened(collector.log()))).toEqual([])
  })

  it('is in nothing that the API tells', async () => {
    const paths = [
      ...['/api/status', '/metrics', '/api/v1/comparisons', '/api/v1/events', '/api/v1/routes', '/api/v1/discovery'],
      ...['/api/v1/routes/bench/report', '/api/v1/routes/bench/report?include=noise', '/api/v1/consistency'],
      ...ids.flatMap((id) => [`/api/v1/exchanges/${id}`, `/api/v1/comparisons/${id}`]),
      ...ids.flatMap((id) => ['curl', 'har', 'fixture'].map((what) => `/api/v1/comparisons/${id}/${what}`)),
    ]
    for (const path of paths) {
      const abort = AbortSignal.timeout(60_000)
      const response = await fetch(`${collector.api}${path}`, { signal: abort })
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) continue
      expect([path, tracesIn(opened(await response.text()))]).toEqual([path, []])
    }
    const one = await (await fetch(`${collector.api}/api/v1/comparisons/${ids[0]}`)).text()
    expect(one).toContain('hmac:')
  })
})
