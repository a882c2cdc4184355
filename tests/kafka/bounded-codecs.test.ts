// Compressed batches that a producer in another language may send: kafkajs has no codec for most, and no bound for any.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import '../../collector/kafka/bounded-codecs.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** As kafkajs hands it over: a view behind the batch's number of records. */
async function read(type: number, compressed: Buffer, records: number): Promise<string> {
  const batch = Buffer.alloc(4 + compressed.length)
  batch.writeInt32BE(records)
  compressed.copy(batch, 4)
  const codec = CompressionCodecs[type as 1]?.() as { decompress(buffer: Buffer): Promise<Buffer> }
  const view = new Uint8Array(batch).buffer
  return (await codec.decompress(Buffer.from(view, 4))).toString('latin1')
}

const times = (text: string, of: string) => text.split(of).length - 1

describe('a compressed batch', () => {
  it.each([
    ['gzip', CompressionTypes.GZIP, gzipSync],
    ['zstd', CompressionTypes.ZSTD, zstdCompressSync],
  ])('of %s is read', async (_name, type, compress) => {
    expect(await read(type, compress(Buffer.from('records')), 1)).toBe('records')
  })

  it.each([
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
  ])('of %s becomes as many records as it has, each with the reason', async (name, type) => {
    expect(times(await read(type, Buffer.from('anything'), 3), `compressed by ${name}, which is not read here`)).toBe(3)
  })

  it.each([
    ['gzip', CompressionTypes.GZIP, gzipSync(Buffer.alloc(64 * 1024 * 1024)), 'ERR_BUFFER_TOO_LARGE'],
    ['zstd', CompressionTypes.ZSTD, zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)), 'ERR_BUFFER_TOO_LARGE'],
    ['gzip', CompressionTypes.GZIP, Buffer.from('no gzip'), 'Z_DATA_ERROR'],
  ])('of %s that cannot be inflated says why', async (name, type, bytes, code) => {
    const text = await read(type, bytes, 2)
    expect(times(text, `compressed by ${name}, and cannot be inflated: ${code}`)).toBe(2)
  })
})
