// The faster decoding must give the same fields as kafkajs's own, which runs here in a process without it.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { describe, expect, it } from '@jest/globals'
import { fastRecord } from '../../collector/kafka/fast-decoding.ts'

/** What kafkajs hands over: the original reads on from it where a record is none of the plain ones. */
const Decoder = createRequire(import.meta.url)('kafkajs/src/protocol/decoder.js') as new (
  buffer: Buffer,
) => { buffer: Buffer; offset: number }

const context = {
  ...{ firstOffset: '41', firstTimestamp: '1790000000000', maxTimestamp: '1790000000123' },
  ...{ magicByte: 2, isControlBatch: false, timestampType: 0 },
}
const bytes = (...values: number[]) => Buffer.from(values)
const text = (value: string) => Buffer.concat([bytes(value.length * 2), Buffer.from(value)])
const minus9 = bytes(17)
const cases: [string, Buffer, Partial<typeof context>][] = [
  ['a key and a value', Buffer.concat([bytes(0, 0, 2), text('key'), text('value'), bytes(0)]), {}],
  ['neither', bytes(0, 6, 128, 1, 1, 1, 0), {}],
  ['empty ones', bytes(0, 6, 128, 1, 0, 0, 0), {}],
  ['attributes', bytes(255, 0, 0, 1, 1, 0), {}],
  ['an earlier time', Buffer.concat([bytes(0), minus9, bytes(0, 1, 1, 0)]), {}],
  ['a time beyond 2^53', bytes(0, 254, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 1, 1, 0), {}],
  ['an offset beyond 2^53', bytes(0, 0, 4, 1, 1, 0), { firstOffset: '9223372036854775000' }],
  ["the log's own time", bytes(0, 8, 4, 1, 1, 0), { timestampType: 1 }],
  ['no time', bytes(0, 0, 0, 1, 1, 0), { firstTimestamp: '-1' }],
  ['a control record', bytes(0, 0, 0, 1, 1, 0), { isControlBatch: true }],
  ['headers', Buffer.concat([bytes(0, 0, 0, 1, 1, 4), text('a'), text('1'), text('a'), text('2')]), {}],
  ['a long value', Buffer.concat([bytes(0, 0, 0, 1, 0xa0, 0x9c, 0x01), Buffer.alloc(10_000, 'x'), bytes(0)]), {}],
  ['a record cut off', bytes(0, 0), {}],
]

const original = `
const Decoder = require('kafkajs/src/protocol/decoder')
const record = require('kafkajs/src/protocol/recordBatch/record/v0/decoder')
const { hex, context } = JSON.parse(process.argv[1])
process.stdout.write(JSON.stringify(record(new Decoder(Buffer.from(hex, 'hex')), context)))`

describe('the faster Kafka decoding', () => {
  it.each(cases)('reads %s as kafkajs does', (_name, record, of) => {
    const given = { hex: record.toString('hex'), context: { ...context, ...of } }
    const expected = execFileSync(process.execPath, ['-e', original, JSON.stringify(given)], {
      env: { ...process.env, NODE_OPTIONS: '' },
    }).toString()
    expect(JSON.parse(JSON.stringify(fastRecord(new Decoder(record), given.context)))).toEqual(JSON.parse(expected))
  })
})
