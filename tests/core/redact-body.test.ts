import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { contentCodings, inflate } from '../../collector/core/content-coding.ts'
import { createRedaction } from '../../collector/core/redact-body.ts'
import type { HeaderValues, TapRecord, TapResponse } from '../../collector/core/tap-record.ts'
import { cpuMs } from '../helpers/cpu-clock.ts'
import { tapRecord } from '../helpers/tap-batches.ts'

const KEY = Buffer.from('a key of the test')
const { mayHoldSecret, redact } = createRedaction({ key: KEY })
const JSON_TYPE = { 'Content-Type': ['application/json'] }

function recordOf(
  body: string | Buffer,
  headers: HeaderValues = JSON_TYPE,
  extra: Partial<TapResponse> = {},
): TapRecord {
  const record = tapRecord()
  const response: TapResponse = {
    ...(record.response as TapResponse),
    headers,
    body: body.toString(typeof body === 'string' ? undefined : 'base64'),
    bodyEncoding: typeof body === 'string' ? 'utf8' : 'base64',
    bodyBytes: Buffer.byteLength(body),
    ...extra,
  }
  return { ...record, response }
}

const inBatch = (record: TapRecord) => Buffer.from(`${JSON.stringify(record)}\n`).toString('latin1')
const redactedBody = (body: string, headers?: HeaderValues, extra?: Partial<TapResponse>) =>
  redact(recordOf(body, headers, extra)).response?.body

/** The redacted body with every hash as the word HIDDEN. */
const shape = (body: string, headers?: HeaderValues, extra?: Partial<TapResponse>) =>
  masked(redactedBody(body, headers, extra) ?? '')
const masked = (body: string) => body.replace(/hmac:[0-9a-f]{16}/g, 'HIDDEN')

/** What a reader of the redacted record can see: the body decoded. */
function readable(record: TapRecord): string {
  const { body = '', bodyEncoding = 'utf8', headers = {} } = record.response ?? {}
  const inflated = inflate(Buffer.from(body, bodyEncoding), contentCodings(headers), 10 * 1024 * 1024)
  return 'bytes' in inflated ? inflated.bytes.toString('utf8') : body
}

describe('redactRecord', () => {
  it.each([
    ['a listed key', '{"password":"x"}', `{"password":"HIDDEN"}`],
    ['any case and separators', '{"Pass_Word":"x","API-Key":"y"}', '{"Pass_Word":"HIDDEN","API-Key":"HIDDEN"}'],
    ['a number', '{"token":12345}', `{"token":"HIDDEN"}`],
    [
      'everything inside a listed value',
      '{"credentials":{"user":"u","pins":[1,"2",{"a":3}]},"b":"stays"}',
      '{"credentials":{"user":"HIDDEN","pins":["HIDDEN","HIDDEN",{"a":"HIDDEN"}]},"b":"stays"}',
    ],
    ['nesting and arrays', '[{"a":[{"b":{"secret":"x"}}]}]', `[{"a":[{"b":{"secret":"HIDDEN"}}]}]`],
    ['an escaped key', '{"\\u0070assword":"x"}', `{"\\u0070assword":"HIDDEN"}`],
    ['spaces and line ends', '{ "token"\r\n\t : "x" }', `{ "token"\r\n\t : "HIDDEN" }`],
    ['JSON in a string', '{"data":"{\\"password\\":\\"x\\"}"}', `{"data":"{\\"password\\":\\"HIDDEN\\"}"}`],
    ['lines of JSON', '{"a":1}\n{"token":"x"}\n', `{"a":1}\n{"token":"HIDDEN"}\n`],
    ['a repeated key', '{"token":"x","token":"y"}', `{"token":"HIDDEN","token":"HIDDEN"}`],
  ])('hides %s', (_, body, expected) => {
    expect(shape(body)).toBe(expected)
    expect(mayHoldSecret(inBatch(recordOf(body)))).toBe(true)
  })

  it('hides a string as a whole that holds JSON in a string in JSON', () => {
    const body = JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: 'x' }), c: 1 }) })
    expect(shape(body)).toBe(JSON.stringify({ a: JSON.stringify({ b: 'HIDDEN', c: 1 }) }))
    expect(mayHoldSecret(inBatch(recordOf(body)))).toBe(true)
  })

  it('finds a key whose end takes the most room that a batch may give it', () => {
    const escaped = `{"token${'\\u00e9'.repeat(30)}":"x"}`
    const body = JSON.stringify({ data: escaped })
    expect(mayHoldSecret(inBatch(recordOf(body)))).toBe(true)
    expect(shape(body)).toBe(JSON.stringify({ data: escaped.replace('"x"', '"HIDDEN"') }))
  })

  it('keeps every byte that is not secret: exact numbers, key order, spaces, null, true and empty strings', () => {
    const body = '{ "z": 9007199254740993, "a": 1.0, "token": null, "secret": true, "password": "", "x": "é" }'
    expect(redactedBody(body)).toBe(body)
    expect(shape(body.replace('""', '"y"'))).toBe(
      `{ "z": 9007199254740993, "a": 1.0, "token": null, "secret": true, "password": "HIDDEN", "x": "é" }`,
    )
  })

  it('shows equal secrets equal, however they are written, and unequal ones unequal', () => {
    const one = redactedBody('{"token":"a"}')
    expect(redactedBody('{"token":"\\u0061"}')).toBe(one)
    expect(redactedBody('{"token":"b"}')).not.toBe(one)
    expect(redactedBody('{"token":1}')).not.toBe(redactedBody('{"token":"1"}'))
  })

  it('changes nothing when it is run again', () => {
    const once = redact(recordOf('{"token":"a","credentials":{"pin":1}}'))
    expect(redact(once)).toEqual(once)
  })

  it.each(['{"author":"x","secretary":"y"}', '{"a":"the token is here"}', 'plain text', '{}', ''])(
    'gives back the same record for %s',
    (body) => {
      const record = recordOf(body)
      expect(redact(record)).toBe(record)
    },
  )

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('reads %s, and codes it again', (coding, encode) => {
    const headers = { ...JSON_TYPE, 'Content-Encoding': [coding] }
    const record = recordOf(encode(Buffer.from('{"a":1,"password":"canary"}')), headers)
    expect(mayHoldSecret(inBatch(record))).toBe(true)
    expect(masked(readable(redact(record)))).toBe('{"a":1,"password":"HIDDEN"}')
    const clean = recordOf(encode(Buffer.from('{"a":1}')), headers)
    expect(redact(clean)).toBe(clean)
  })

  it.each([
    ['broken JSON with a listed key', '{"password":"x" oops', JSON_TYPE],
    ['JSON with bare keys', "{password: 'x'}", JSON_TYPE],
    ['JSON that ends too early', '{"password":"x","a":"b', JSON_TYPE],
    ['a body that is not gzip as it says', '{"password":"x"}', { ...JSON_TYPE, 'Content-Encoding': ['gzip'] }],
    ['an unknown coding', '{"password":"x"}', { ...JSON_TYPE, 'Content-Encoding': ['snappy'] }],
    ['text in two bytes a character', Buffer.from('{"password":"x"}', 'utf16le').toString(), JSON_TYPE],
    ['a script that hides a key', '<script>{"\\u0074oken":"x"}</script>', { 'Content-Type': ['text/html'] }],
    ['a structure in a script', '<script>{"token":["x"]}</script>', { 'Content-Type': ['text/html'] }],
  ])('keeps only size and hash of %s', (_, body, headers) => {
    const record = recordOf(body, headers)
    const { response } = redact(record)
    expect(response).toEqual({ ...record.response, body: '', bodyEncoding: 'utf8' })
    expect(mayHoldSecret(inBatch(record))).toBe(true)
  })

  it('looks into a coded body that happens to be text', () => {
    const record = recordOf('any text', { ...JSON_TYPE, 'Content-Encoding': ['br'] })
    expect(mayHoldSecret(inBatch(record))).toBe(true)
  })

  it('keeps only size and hash of a bomb', () => {
    const bomb = brotliCompressSync(Buffer.alloc(20 * 1024 * 1024))
    const record = recordOf(bomb, { ...JSON_TYPE, 'Content-Encoding': ['br'] })
    expect(redact(record).response?.body).toBe('')
  })

  it('keeps the beginning of a document that was cut at the capture limit', () => {
    const body = '{"token":"x","a":[1,2,"three","fo'
    expect(shape(body, JSON_TYPE, { truncated: true })).toBe('{"token":"HIDDEN","a":[1,2,"three",')
  })

  it.each([
    ['JSON', JSON.stringify({ credentials: Array(3_000).fill('x') }), 'application/json'],
    ['text', 'token: "x",'.repeat(3_000), 'text/html'],
    ['a form', 'token=x&'.repeat(3_000), 'application/x-www-form-urlencoded'],
  ])('keeps only size and hash of %s with thousands of secrets', (_, body, type) => {
    expect(redactedBody(body, { 'Content-Type': [type] })).toBe('')
  })

  it('hides values of forms', () => {
    const form = { 'Content-Type': ['application/x-www-form-urlencoded; charset=utf-8'] }
    const body = 'a=1&pass%77ord=x+y&user[api_key]=k&token=&b=2'
    expect(shape(body, form)).toBe(`a=1&pass%77ord=HIDDEN&user[api_key]=HIDDEN&token=&b=2`)
    expect(mayHoldSecret(inBatch(recordOf(body, form)))).toBe(true)
  })

  it('hides values in scripts of a page and in events of a stream', () => {
    const html = { 'Content-Type': ['text/html'] }
    expect(shape('<script>f({"csrfToken": "x", t:1}); g={secret:\'y\'}</script>', html)).toBe(
      `<script>f({"csrfToken": "HIDDEN", t:1}); g={secret:'HIDDEN'}</script>`,
    )
    const stream = { 'Content-Type': ['text/event-stream'] }
    expect(shape('data: {"token":"x"}\n\n', stream)).toBe(`data: {"token":"HIDDEN"}\n\n`)
    expect(shape('f("{\\"token\\":\\"x\\"}")', html)).toBe(`f("{\\"token\\":\\"HIDDEN\\"}")`)
  })

  it.each([
    ['a document nested 100,000 deep', `{"token":${'['.repeat(100_000)}"x"${']'.repeat(100_000)}}`],
    ['a long string of quotes', `{"token":"${'\\"'.repeat(100_000)}x"}`],
    ['a long run of words', `{"a":"${'token'.repeat(50_000)}","token":"x"}`],
    ['a long run of words before colons', `{"a":"${'token:'.repeat(40_000)}","token":"x"}`],
    ['a long run of separators', `{"a":"${'pass_'.repeat(50_000)}","token":"x"}`],
  ])('reads %s in time', (_, body) => {
    const startedAt = cpuMs()
    expect(mayHoldSecret(inBatch(recordOf(body)))).toBe(true)
    expect(redactedBody(body)).not.toContain('x')
    expect(cpuMs() - startedAt).toBeLessThan(1_000)
  })

  it('does not take the digits of a hash or an id for a card, and finds one under those names in a body', () => {
    const record = recordOf('{"ok":true}')
    const bodyHash = `f4111111111111111${'a'.repeat(47)}`
    const clear = { ...record, id: '41111111-1111-7111-8111-111111111111', response: { ...record.response, bodyHash } }
    expect(mayHoldSecret(inBatch(clear as TapRecord))).toBe(false)
    for (const name of ['id', 'bodyHash']) {
      const card = recordOf(`{"${name}":"4111111111111111"}`)
      expect(mayHoldSecret(inBatch(card))).toBe(true)
      expect(redact(card).response?.body).not.toContain('4111111111111111')
    }
  })

  it('takes records without an answer as they are', () => {
    const { response: _, ...skipped } = tapRecord({ skipped: 'timeout' })
    expect(redact(skipped)).toBe(skipped)
  })
})

describe('mayHoldSecret', () => {
  it('says no to headers with names of secrets, which the tap has hashed', () => {
    const record = tapRecord({ body: '{"author":{"name":"x"},"note":"é \\u00e9 <b>"}' })
    record.request.headers = { Authorization: ['hmac:0123456789abcdef'], 'X-Csrf-Token': ['hmac:0123456789abcdef'] }
    expect(mayHoldSecret(inBatch(record))).toBe(false)
  })
})

describe('a planted canary', () => {
  const CANARY = 'canary-7f3a'
  const words = ['password', 'passwd', 'secret', 'apikey', 'api_key', 'API-KEY', 'auth', 'Authorization', 'bearer']
  const more = ['credentials', 'mysql_pwd', 'privateKey', 'private-key', 'token', 'x-access-token', 'client_secret']
  const affix = fc.stringMatching(/^[a-z_-]{0,8}$/)
  const listedKey = fc
    .tuple(
      affix,
      fc.constantFrom(...words, ...more),
      fc.stringMatching(/^[0-9_é-]{0,8}$/),
      fc.infiniteStream(fc.boolean()),
    )
    .map(([before, word, after, upper]) =>
      [...`${before}${before === '' ? '' : '_'}${word}${after}`]
        .map((c) => (upper.next().value ? c.toUpperCase() : c))
        .join(''),
    )
  const holder = fc.oneof(
    fc.constant<unknown>(CANARY),
    fc.constant<unknown>([1, { deep: CANARY }]),
    fc.constant<unknown>({ user: 'u', inner: [[CANARY]] }),
  )
  const planted = fc
    .tuple(
      listedKey,
      holder,
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(fc.constantFrom('array', 'object', 'string'), { maxLength: 4 }),
    )
    .map(([key, value, other, wraps]) => {
      let document: unknown = { a: other, [key]: value }
      let strings = 0
      for (const wrap of wraps) {
        if (wrap === 'array') document = [other, document, 'x']
        else if (wrap === 'object' || strings++ > 0) document = { before: other, inner: document, after: 1 }
        else document = { text: JSON.stringify(document) }
      }
      return document
    })
  const written = fc
    .tuple(planted, fc.constantFrom(undefined, 2, '\t'), fc.infiniteStream(fc.nat(9)))
    .map(([document, space, dice]) =>
      // Any letter of a key or a string may be written as an escape.
      JSON.stringify(document, null, space).replace(/(?<!\\)(?<!\\u[0-9a-f]{0,3})[a-z](?=[\w-]*":)/g, (letter) =>
        dice.next().value === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
      ),
    )
  const codings = fc.constantFrom<[string, (bytes: Buffer) => Buffer]>(
    ['gzip', (bytes) => gzipSync(bytes)],
    ['br', (bytes) => brotliCompressSync(bytes)],
    ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
    ['identity', (bytes) => bytes],
  )
  const types = fc.constantFrom('application/json', 'application/problem+json', 'text/plain', 'text/html', 'x/y', '')

  it('never survives in JSON, whatever its key, its place, its spelling and its type', () => {
    fc.assert(
      fc.property(written, types, (body, type) => {
        const record = recordOf(body, type === '' ? {} : { 'content-type': [type] })
        expect(mayHoldSecret(inBatch(record))).toBe(true)
        expect(JSON.stringify(redact(record))).not.toContain(CANARY)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never survives in a compressed body', () => {
    fc.assert(
      fc.property(written, codings, (body, [coding, encode]) => {
        const record = recordOf(encode(Buffer.from(body)), { ...JSON_TYPE, 'content-encoding': [coding] })
        expect(mayHoldSecret(inBatch(record))).toBe(true)
        expect(readable(redact(record))).not.toContain(CANARY)
      }),
      { numRuns: 200 },
    )
  })

  it('never survives a cut anywhere', () => {
    fc.assert(
      fc.property(written, fc.nat(), fc.boolean(), (body, at, truncated) => {
        const record = recordOf(body.slice(0, at % (body.length + 1)), JSON_TYPE, { truncated })
        expect(JSON.stringify(redact(record))).not.toContain(CANARY)
      }),
      { numRuns: 1_000 },
    )
  })

  it('never changes a record that the quick look lets pass', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom(...words, ...more, '"', '\\', ':', '\\u0070', '{', '}', '=', '&', '\n', "'"),
        fc.string(),
      ),
    )
    fc.assert(
      fc.property(noise, types, (parts, type) => {
        const record = recordOf(parts.join(''), { 'content-type': [type] })
        if (!mayHoldSecret(inBatch(record))) expect(redact(record)).toBe(record)
      }),
      { numRuns: 5_000 },
    )
  })
})
