import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createIngestApp } from '../../collector/ingest/ingest-app.ts'
import { batchHeader, ndjson, tapRecord } from '../helpers/tap-batches.ts'

const TOKEN = 'a-token'
const NDJSON = 'application/x-ndjson'

let server: Server
let url: string
let written = 0
const refused: string[] = []

beforeAll(async () => {
  const app = createIngestApp({
    token: TOKEN,
    write: async (records) => {
      written += records.length
    },
    redactor: { mayHoldSecret: () => false, clear: ({ line }) => line },
    reported: () => undefined,
    acknowledged: () => undefined,
    refused: (reason) => void refused.push(reason),
  })
  await new Promise<void>((resolve) => {
    server = app.listen(0, '127.0.0.1', () => resolve())
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/taps`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const batch = () => ndjson([batchHeader(1), tapRecord()])
const post = (headers: Record<string, string>, query = '', body = batch()) =>
  fetch(`${url}${query}`, {
    method: 'POST',
    headers: { 'content-type': NDJSON, ...headers },
    body: new Uint8Array(body),
  })

describe('ingest with a token', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no token', {}, ''],
    ['another token', { authorization: 'Bearer b-token' }, ''],
    ['the beginning of the token', { authorization: 'Bearer a-toke' }, ''],
    ['the token without its scheme', { authorization: TOKEN }, ''],
    ['the token in the query', {}, `?token=${TOKEN}&access_token=${TOKEN}`],
  ])('takes nothing with %s, and does not say the token', async (_what, headers, query) => {
    const before = written
    const answer = await post(headers, query)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(await answer.text()).not.toContain(TOKEN)
    expect(written).toBe(before)
    expect(refused.at(-1)).toBe('unauthorised')
  })

  it.each([`Bearer ${TOKEN}`, `Basic ${Buffer.from(`tap:${TOKEN}`).toString('base64')}`])(
    'takes a batch with %s',
    async (authorization) => {
      const before = written
      expect((await post({ authorization })).status).toBe(202)
      expect(written).toBe(before + 1)
    },
  )
})

describe('the charset of a batch', () => {
  const authorization = `Bearer ${TOKEN}`

  it.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8', 'us-ascii'])('may be %s', async (charset) => {
    expect((await post({ authorization, 'content-type': `${NDJSON}; charset=${charset}` })).status).toBe(202)
  })

  it.each(['utf-16', 'UTF-16LE', 'latin1'])('is refused as %s, whatever the bytes are', async (charset) => {
    const before = written
    const answer = await post({ authorization, 'content-type': `${NDJSON}; charset=${charset}` })
    expect(answer.status).toBe(415)
    expect(await answer.json()).toMatchObject({ detail: `charset ${charset}: expected utf-8, as NDJSON is` })
    expect(written).toBe(before)
  })

  it('that is UTF-16 and does not say so makes a malformed batch', async () => {
    const body = Buffer.from(`\ufeff${batch().toString()}`, 'utf16le')
    const answer = await post({ authorization }, '', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('line 1: ') })
  })
})
