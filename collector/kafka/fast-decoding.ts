// kafkajs 2.2.4 reads the numbers of each record by way of big-number objects, some 2 KB of garbage a pair. This reads
// them as plain numbers, and leaves what does not fit into one, and records with headers, to the original. Same fields: a
// test compares them with the original's. Import this before kafkajs.
import { original, swap } from './module-swap.ts'

type RecordDecoder = { buffer: Buffer; offset: number }
/** What a record takes from its batch; offsets and times are decimal texts. */
type BatchContext = {
  firstOffset: string
  firstTimestamp: string
  maxTimestamp?: string
  magicByte: number
  isControlBatch?: boolean
  timestampType?: number
}

const PATH = 'protocol/recordBatch/record/v0/decoder.js'
const LOG_APPEND_TIME = 1
const plainDecoder = original<(decoder: RecordDecoder, context: BatchContext) => unknown>(PATH)

/** One record, https://kafka.apache.org/documentation/#record: `decoder` holds its bytes alone, after their length. */
export function fastRecord(decoder: RecordDecoder, context: BatchContext): unknown {
  const { buffer } = decoder
  const from = { at: decoder.offset + 1 }
  const timestampDelta = readVar(buffer, from)
  const offsetDelta = readVar(buffer, from)
  const key = readSized(buffer, from)
  const value = readSized(buffer, from)
  const headers = readVar(buffer, from)
  const firstTimestamp = Number(context.firstTimestamp)
  const firstOffset = Number(context.firstOffset)
  const isPlain = headers === 0 && Number.isSafeInteger(firstTimestamp + timestampDelta)
  if (!isPlain || !Number.isSafeInteger(firstOffset + offsetDelta)) return plainDecoder(decoder, context)
  const { maxTimestamp, timestampType, isControlBatch = false } = context
  return {
    magicByte: context.magicByte,
    attributes: buffer.readInt8(decoder.offset),
    timestamp:
      timestampType === LOG_APPEND_TIME && maxTimestamp ? maxTimestamp : String(firstTimestamp + timestampDelta),
    offset: String(firstOffset + offsetDelta),
    key,
    value,
    headers: {},
    isControlRecord: isControlBatch,
    batchContext: context,
  }
}

/** Zigzag, seven bits a byte; exact up to 2^53, beyond which the result is no safe integer. */
function readVar(buffer: Buffer, from: { at: number }): number {
  let result = 0
  let scale = 1
  for (;;) {
    const byte = buffer[from.at] as number
    from.at += 1
    result += (byte & 0x7f) * scale
    scale *= 0x80
    if (!(byte >= 0x80)) break
  }
  return result % 2 === 0 ? result / 2 : -(result + 1) / 2
}

function readSized(buffer: Buffer, from: { at: number }): Buffer | null {
  const size = readVar(buffer, from)
  if (size === -1) return null
  const start = from.at
  from.at += size
  return buffer.subarray(start, start + size)
}

swap(PATH, fastRecord)
