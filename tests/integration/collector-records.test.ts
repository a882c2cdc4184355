import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import kafkajs, { type IHeaders, Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { MAX_MESSAGE_BYTES } from '../../collector/kafka/topics.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { kafka } from '../helpers/real-parts.ts'
import { batchHeader, exchangeId, ndjson, tapRecord } from '../helpers/tap-batches.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** Snappy's framing as Kafka has it, with everything as literals: what a producer in another language may send. */
function snappy(bytes: Buffer): Buffer {
  const literals: Buffer[] = [Buffer.from([(bytes.length & 0x7f) | 0x80, (bytes.length >> 7) & 0x7f])]
  for (let at = 0; at < bytes.length; at += 60) {
    const part = bytes.subarray(at, at + 60)
    literals.push(Buffer.from([(part.length - 1) << 2]), part)
  }
  const block = Buffer.concat(literals)
  const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const length = Buffer.alloc(4)
  length.writeInt32BE(block.length)
  return Buffer.concat([head, length, block])
}

describe('a running collector', () => {
  let collector: OwnCollector
  const client = new Kafka({ brokers: [kafka()], logLevel: logLevel.NOTHING })

  beforeAll(async () => {
    collector = await startOwnCollector({ env: { UNDERSTUDY_PAIR_WINDOW_MS: '2000' } })
  })

  afterAll(async () => {
    await collector?.end()
  })

  const send = (body: Buffer | string, headers: Record<string, string> = {}) =>
    fetch(collector.ingest, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...headers },
      body: new Uint8Array(Buffer.from(body)),
    })

  const pair = (primaryBody: string, shadowBody: string) => {
    const primary = tapRecord({ body: primaryBody })
    return [primary, { ...tapRecord({ side: 'shadow', body: shadowBody }), id: primary.id }]
  }

  const row = (id: string) =>
    waitUntil(
      async () => (await collector.pool.query('SELECT * FROM comparisons WHERE exchange_id = $1', [id])).rows[0],
    )

  /** Reads a topic from its beginning, with a client of its own, as a console consumer does. */
  const tail = async (topic: string, isFound: (message: KafkaMessage) => boolean) => {
    const consumer = client.consumer({ groupId: `tail-${exchangeId(Date.now())}` })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    let found: KafkaMessage | undefined
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (isFound(message)) found = message
      },
    })
    try {
      return await waitUntil(() => found)
    } finally {
      await consumer.disconnect()
    }
  }

  it('stores a readable row with both sides, and tells both topics', async () => {
    const [primary, shadow] = pair('{"total":10,"name":"a"}', '{"total":12,"name":"a"}')
    expect((await send(ndjson([batchHeader(2), primary, shadow]))).status).toBe(202)
    const id = primary?.id ?? ''
    const stored = await row(id)
    expect(stored).toMatchObject({
      route: 'bench',
      variant: 'shadow',
      method: 'GET',
      path: '/items/42?page=2',
      endpoint: 'GET /items/{id}',
      outcome: 'different',
      primary_status: 200,
      shadow_status: 200,
      primary_body: '{"total":10,"name":"a"}',
      shadow_body: '{"total":12,"name":"a"}',
    })
    expect(stored.differences).toEqual([{ path: '/total', kind: 'changed', primary: 10, shadow: 12 }])
    const tapped = await tail(`${collector.topicPrefix}.taps`, (message) => String(message.key) === id)
    expect(JSON.parse(String(tapped.value))).toMatchObject({ id, route: 'bench' })
    const compared = await tail(`${collector.topicPrefix}.comparisons`, (message) => String(message.value).includes(id))
    expect(String(compared.key)).toBe('bench')
    expect(JSON.parse(String(compared.value))).toMatchObject({ exchangeId: id, outcome: 'different' })
    const answer = await fetch(`${collector.api}/api/v1/exchanges/${id}`)
    expect(await answer.json()).toMatchObject({
      state: 'settled',
      pairs: [{ outcome: 'different', primary: { body: '{"total":10,"name":"a"}' } }],
    })
  })

  it.each<[string, string, string, string]>([
    ['NUL in a body', '{"a":"\\u0000"}', '{"a":"\\u0000b"}', 'different'],
    ['a lone surrogate', '{"a":"\\ud800"}', '{"a":"\\ud801"}', 'different'],
    ['raw NUL in a text', 'a\u0000b', 'a\u0000c', 'different'],
    [
      'a document 100,000 deep',
      '['.repeat(100_000) + ']'.repeat(100_000),
      '['.repeat(100_001) + ']'.repeat(100_001),
      'different',
    ],
    ['numbers past 2^53', '{"id":9007199254740993}', '{"id":9007199254740992}', 'different'],
    ['another key order', '{"a":1,"b":2}', '{"b":2,"a":1}', 'match'],
  ])('compares or explains %s', async (_what, before, after, outcome) => {
    const [primary, shadow] = pair(before, after)
    expect((await send(ndjson([batchHeader(2), primary, shadow]))).status).toBe(202)
    expect(await row(primary?.id ?? '')).toMatchObject({ outcome })
  })

  it('is not stalled by a 5 MB line', async () => {
    const long = `{"a":"${'x'.repeat(250_000)}"}`
    const [primary, shadow] = pair(long, `${long} `)
    expect((await send(ndjson([batchHeader(2), primary, shadow]))).status).toBe(202)
    const huge = JSON.stringify({ ...tapRecord(), body: 'x'.repeat(5_000_000) })
    const answer = await send(`${JSON.stringify(batchHeader(1))}\n${huge}\n`)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('expected 3145728 at most')
    expect(await row(primary?.id ?? '')).toMatchObject({ outcome: 'match' })
  })

  it('keeps an unpaired side with its reason, once the window has passed', async () => {
    const lonely = tapRecord()
    await send(ndjson([batchHeader(1), lonely]))
    const found = await waitUntil(
      async () => (await collector.pool.query('SELECT * FROM unpaired WHERE exchange_id = $1', [lonely.id])).rows[0],
    )
    expect(found).toMatchObject({ side: 'shadow', reason: 'no-shadow', route: 'bench' })
    await waitUntilHolds(async () => {
      const metrics = await (await fetch(`${collector.api}/metrics`)).text()
      expect(metrics).toMatch(/understudy_unpaired_total\{route="bench",reason="no-shadow"\} [1-9]/)
    })
  })

  it('sends poison to the dead letters and never stops a partition', async () => {
    const producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const poison: (Buffer | null)[] = [
      null,
      Buffer.alloc(0),
      Buffer.from([0xff, 0xff]),
      Buffer.from([0, 0, 0, 0, 1, 2]),
      Buffer.from('{"v":1}'),
      Buffer.from('['.repeat(100_000)),
      Buffer.from(JSON.stringify({ ...tapRecord(), v: 99 })),
    ]
    const messages = Array.from({ length: 6 }, (_, partition) =>
      poison.flatMap((value) => ['poison', null].map((key) => ({ partition, key, value }))),
    ).flat()
    await producer.send({ topic: `${collector.topicPrefix}.taps`, messages })
    await producer.disconnect()
    const pairs = Array.from({ length: 20 }, () => pair('{"ok":1}', '{"ok":1}'))
    await send(ndjson([batchHeader(40), ...pairs.flat()]))
    for (const [primary] of pairs) expect(await row(primary?.id ?? '')).toMatchObject({ outcome: 'match' })
    const letter = await tail(
      `${collector.topicPrefix}.dead-letters`,
      (message) => String(message.headers?.reason) === 'v: expected 1',
    )
    expect(String(letter.headers?.['original-topic'])).toBe(`${collector.topicPrefix}.taps`)
    expect(Number(letter.headers?.['original-offset'])).toBeGreaterThanOrEqual(0)
  })

  it.each([
    ['snappy, which is not read', CompressionTypes.Snappy, 'x', 'compressed by snappy, which is not read here'],
    ['a gzip bomb', CompressionTypes.GZIP, '0'.repeat(40_000_000), 'cannot be inflated: ERR_BUFFER_TOO_LARGE'],
  ])('reads past a batch of %s', async (_what, compression, value, reason) => {
    CompressionCodecs[CompressionTypes.Snappy] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => snappy(buffer),
    })
    const producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    for (let partition = 0; partition < 6; partition++) {
      const messages = [1, 2, 3].map(() => ({ partition, key: 'compressed', value: partition === 0 ? value : 'x' }))
      await producer.send({
        topic: `${collector.topicPrefix}.taps`,
        compression,
        messages: messages.slice(0, partition === 0 ? 1 : 3),
      })
    }
    await producer.disconnect()
    const pairs = Array.from({ length: 20 }, () => pair('{"ok":1}', '{"ok":1}'))
    await send(ndjson([batchHeader(40), ...pairs.flat()]))
    for (const [primary] of pairs) expect(await row(primary?.id ?? '')).toMatchObject({ outcome: 'match' })
    const letter = await tail(`${collector.topicPrefix}.dead-letters`, (message) =>
      String(message.value).includes(reason),
    )
    expect(String(letter.headers?.reason)).toBe('not JSON')
  })

  /** Writes records straight to the topic, past ingest. */
  const produce = async (
    messages: { partition?: number; key: string; value: string | Buffer; headers?: IHeaders }[],
    topic = 'taps',
  ) => {
    const producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    try {
      await producer.send({ topic: `${collector.topicPrefix}.${topic}`, messages })
    } finally {
      await producer.disconnect()
    }
  }

  it.each<[string, IHeaders]>([
    ['no headers', {}],
    ['a header that is there twice', { a: ['1', '2'] }],
    ['1,000 headers', Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`h${n}`, 'x']))],
    ['binary headers', { 'content-type': Buffer.from([0xff, 0x00, 0xfe]) }],
    ['the headers of CloudEvents', { ce_specversion: '1.0', ce_type: 'x', 'content-type': 'application/json' }],
  ])('pairs records of the topic that have %s', async (_what, headers) => {
    const records = pair('{"a":1}', '{"a":2}')
    await produce(records.map((record) => ({ key: record.id, value: JSON.stringify(record), headers })))
    expect(await row(records[0]?.id ?? '')).toMatchObject({ outcome: 'different' })
  })

  it('takes a record inside a CloudEvent for none', async () => {
    const value = JSON.stringify({ specversion: '1.0', type: 'tap', data: tapRecord() })
    await produce([{ key: 'cloud', value, headers: { 'content-type': 'application/cloudevents+json' } }])
    const letter = await tail(
      `${collector.topicPrefix}.dead-letters`,
      (message) => String(message.key) === 'cloud' && String(message.headers?.reason) === 'v: expected 1',
    )
    expect(String(letter.value)).toBe(value)
  })

  it('is not stopped by a record of exactly as many bytes as the topic takes, and one more is refused', async () => {
    // Of a batch of one record, besides its value: the batch's head, and the record's own fields.
    const besides = 61 + 4 + 1 + 1 + 1 + 1 + 'poison'.length + 4 + 1
    const most = MAX_MESSAGE_BYTES - besides
    const ofBytes = (bytes: number) => ({ partition: 0, key: 'poison', value: Buffer.alloc(bytes, 'x') })
    await expect(produce([ofBytes(most + 1)])).rejects.toThrow(/larger than the max/)
    await produce([ofBytes(most)])
    const letter = await tail(
      `${collector.topicPrefix}.dead-letters`,
      (message) => String(message.headers?.['original-bytes']) === String(most),
    )
    expect(String(letter.headers?.reason)).toBe('not JSON')
    const after = pair('{"a":1}', '{"a":2}')
    await produce(after.map((record) => ({ partition: 0, key: record.id, value: JSON.stringify(record) })))
    expect(await row(after[0]?.id ?? '')).toMatchObject({ outcome: 'different' })
  })

  it('gives the sides of a pair on two partitions up with their reasons', async () => {
    const sides = pair('{"a":1}', '{"a":2}')
    await produce(sides.map((record, partition) => ({ partition, key: 'split', value: JSON.stringify(record) })))
    const found = await waitUntil(async () => {
      const { rows } = await collector.pool.query('SELECT side, reason FROM unpaired WHERE exchange_id = $1', [
        sides[0]?.id,
      ])
      return rows.length > 0 ? rows : undefined
    })
    // Whichever side's time is over first: one row an exchange and variant.
    expect(found).toHaveLength(1)
    expect([
      { side: 'shadow', reason: 'no-shadow' },
      { side: 'primary', reason: 'no-primary' },
    ]).toContainEqual(found[0])
  })

  it('counts the same records sent again not at all', async () => {
    const pairs = Array.from({ length: 50 }, () => pair('{"ok":1}', '{"ok":2}'))
    const batch = ndjson([batchHeader(100), ...pairs.flat()])
    const total = async () =>
      Number((await collector.pool.query("SELECT sum(pairs) AS n FROM rollups WHERE outcome = 'different'")).rows[0].n)
    const before = await total()
    for (let time = 0; time < 3; time++) expect((await send(batch)).status).toBe(202)
    await waitUntil(async () => (await total()) >= before + 50)
    const marker = pair('{"last":1}', '{"last":1}')
    await send(ndjson([batchHeader(2), ...marker]))
    await row(marker[0]?.id ?? '')
    expect(await total()).toBe(before + 50)
  })

  it.each<[string, () => Promise<Response>, number]>([
    ['an empty body', () => send(''), 400],
    ['no batch', () => send('hello'), 400],
    ['null', () => send('null'), 400],
    ['an empty list', () => send('[]'), 400],
    ['a string', () => send('"x"'), 400],
    ['an empty object', () => send('{}'), 400],
    [
      '100,000 keys',
      () => send(JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [n, n])))),
      400,
    ],
    ['a list of a million', () => send(JSON.stringify(new Array(1_000_000).fill(0))), 400],
    ['deep brackets', () => send('['.repeat(100_000)), 400],
    ['a broken line', () => send(`${JSON.stringify(batchHeader(1))}\n{"v":1,\n`), 400],
    ['another content type', () => send('{}', { 'content-type': 'text/plain' }), 415],
    [
      'a charset of utf-16',
      () => send(Buffer.from('{}', 'utf16le'), { 'content-type': 'application/x-ndjson; charset=utf-16' }),
      415,
    ],
    [
      'UTF-16 that does not say so',
      () => send(Buffer.from(`\ufeff${JSON.stringify(batchHeader(0))}\n`, 'utf16le')),
      400,
    ],
    ['an unknown encoding', () => send('{}', { 'content-encoding': 'snappy' }), 415],
    ['gzip that is none', () => send('{}', { 'content-encoding': 'gzip' }), 400],
    ['a bomb', () => send(gzipSync(Buffer.alloc(64 * 1024 * 1024)), { 'content-encoding': 'gzip' }), 413],
    [
      'a brotli bomb of 100 MiB',
      () => send(brotliCompressSync(Buffer.alloc(100 * 1024 * 1024)), { 'content-encoding': 'br' }),
      413,
    ],
    ['9 MiB', () => send(Buffer.alloc(9 * 1024 * 1024, 'x')), 413],
    ['another path', () => fetch(collector.ingest.replace('/v1/taps', '/v2')), 404],
    ['another method', () => fetch(collector.ingest), 405],
  ])('answers %s with a clear 4xx and goes on', async (_what, call, status) => {
    const answer = await call()
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, detail: expect.any(String) })
    const [primary, shadow] = pair('{"still":"here"}', '{"still":"here"}')
    expect((await send(ndjson([batchHeader(2), primary, shadow]))).status).toBe(202)
  })
})
