// The faster encoding must give the same bytes as kafkajs's own, which runs here in a process without it.
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { byPartition, plainBatch, plainRecord } from '../../collector/kafka/fast-encoding.ts'
import { byKey } from '../../collector/kafka/producer.ts'

const records = [
  { key: '01890a5d-ac96-774b-bcce-b302099a8057', value: 'hello', timestampDelta: 0, offsetDelta: 0 },
  { key: null, value: '', timestampDelta: 3, offsetDelta: 1, headers: { reason: 'not JSON', many: ['a', 'ü'] } },
  { key: 'ключ', value: null, timestampDelta: 64, offsetDelta: 2, headers: {} },
  { key: '', value: 'x'.repeat(9_000), timestampDelta: 100_000, offsetDelta: 3 },
  ...Array.from({ length: 300 }, (_, index) => ({
    key: `k${index}`,
    value: 'y'.repeat(index),
    timestampDelta: index,
    offsetDelta: index + 4,
  })),
]
const batch = {
  firstTimestamp: 1_790_000_000_000,
  maxTimestamp: 1_790_000_100_000,
  lastOffsetDelta: records.length - 1,
}

const original = `
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const Record = require('kafkajs/src/protocol/recordBatch/record/v0')
let text = ''
process.stdin.on('data', (chunk) => { text += chunk }).on('end', async () => {
  const { records, batch } = JSON.parse(text)
  const encoded = await RecordBatch({ ...batch, records: records.map((record) => Record({ ...record, value: record.value === null ? null : Buffer.from(record.value) })) })
  process.stdout.write(encoded.buffer.toString('hex'))
})`

describe('the faster Kafka encoding', () => {
  it('writes the bytes that kafkajs writes', async () => {
    const expected = execFileSync(process.execPath, ['-e', original], {
      input: JSON.stringify({ records, batch }),
      env: { ...process.env, NODE_OPTIONS: '' },
      maxBuffer: 64 * 1024 * 1024,
    }).toString()
    const plain = records.map((record) =>
      plainRecord({ ...record, value: record.value === null ? null : Buffer.from(record.value) }),
    )
    const encoded = await plainBatch({ ...batch, records: plain })
    expect(encoded.buffer.toString('hex')).toBe(expected)
    expect(encoded.size()).toBe(expected.length / 2)
  })

  it('groups messages by partition as kafkajs does', () => {
    const messages = Array.from({ length: 200 }, (_, index) => ({ key: `k${index * 7}`, value: null }))
    const grouping = `
const group = require('kafkajs/src/producer/groupMessagesPerPartition')
const messages = JSON.parse(process.argv[1])
const partitioner = ({ message }) => Number(message.key.slice(1)) % 6
process.stdout.write(JSON.stringify(group({ topic: 't', partitionMetadata: [0, 1, 2, 3, 4, 5], messages, partitioner })))`
    const expected = execFileSync(process.execPath, ['-e', grouping, JSON.stringify(messages)], {
      env: { ...process.env, NODE_OPTIONS: '' },
    }).toString()
    const partitioner = ({ message }: { message: { key: string } }) => Number(message.key.slice(1)) % 6
    const grouped = byPartition({ topic: 't', partitionMetadata: [0, 1, 2, 3, 4, 5], messages, partitioner })
    expect(grouped).toEqual(JSON.parse(expected))
    expect(byPartition({ topic: 't', partitionMetadata: [], messages, partitioner })).toEqual({})
  })

  it('refuses what it does not write', async () => {
    await expect(plainBatch({ compression: 1 })).rejects.toThrow('uncompressed')
  })

  it('spreads exchange ids evenly and gives a key the same partition always', () => {
    const partition = byKey()
    const partitionMetadata = Array.from({ length: 6 }, (_, partitionId) => ({ partitionId })) as never
    const counts = new Array(6).fill(0)
    for (let index = 0; index < 6_000; index++) {
      const key = `01890a5d-ac96-774b-bcce-${(index * 7919).toString(16).padStart(12, '0')}`
      const at = partition({ topic: 't', partitionMetadata, message: { key, value: null } })
      expect(partition({ topic: 't', partitionMetadata, message: { key: Buffer.from(key), value: null } })).toBe(at)
      counts[at] += 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(800)
  })
})
