// How compressed batches are read. kafkajs inflates gzip without any limit, and throws for what it has no codec for,
// which stops the partition for good. Here a batch that cannot be read becomes as many records that say so, which go to
// the dead letters like any other that is none. Loaded for its effect, as kafkajs has one table of codecs.
import { gunzip, gzip, type InputType, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** Of one batch after inflating; ours are not compressed, and no batch is larger than 4 MiB on the wire. */
const MAX_INFLATED_BYTES = 32 * 1024 * 1024

type Inflate = (
  buffer: InputType,
  options: { maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void

CompressionCodecs[CompressionTypes.GZIP] = () => codec('gzip', gunzip)
CompressionCodecs[CompressionTypes.ZSTD] = () => codec('zstd', zstdDecompress)
CompressionCodecs[CompressionTypes.Snappy] = () => codec('snappy')
CompressionCodecs[CompressionTypes.LZ4] = () => codec('lz4')

function codec(name: string, inflate?: Inflate) {
  return {
    /** Only the client's own tools compress, and these by gzip. */
    compress: ({ buffer }: { buffer: Buffer }) =>
      new Promise<Buffer>((resolve, reject) =>
        gzip(buffer, (error, result) => (error ? reject(error) : resolve(result))),
      ),
    decompress: (buffer: Buffer) =>
      new Promise<Buffer>((resolve) => {
        if (inflate === undefined) resolve(unreadable(buffer, `compressed by ${name}, which is not read here`))
        else
          inflate(buffer, { maxOutputLength: MAX_INFLATED_BYTES }, (error, result) =>
            resolve(
              error ? unreadable(buffer, `compressed by ${name}, and cannot be inflated: ${codeOf(error)}`) : result,
            ),
          )
      }),
  }
}

/** As many records as the batch has, with the reason as the value of each. */
function unreadable(batch: Buffer, reason: string): Buffer {
  const value = Buffer.from(reason)
  const parts: Buffer[] = []
  for (let offset = 0; offset < recordsOf(batch); offset += 1) {
    // attributes, timestamp delta, offset delta, no key, value, no headers
    const fields = [0, 0, ...varint(offset), ...varint(-1), ...varint(value.length)]
    parts.push(Buffer.from([...varint(fields.length + value.length + 1), ...fields]), value, NO_HEADERS)
  }
  return Buffer.concat(parts)
}

const NO_HEADERS = Buffer.from([0])

/** The batch's number of records stands right before them; kafkajs hands over a view of the same memory. */
function recordsOf({ buffer, byteOffset }: Buffer): number {
  return byteOffset < 4 ? 0 : new DataView(buffer).getInt32(byteOffset - 4)
}

/** Zigzag, seven bits a byte, as Kafka's record format has it. */
function varint(value: number): number[] {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  const bytes: number[] = []
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}
