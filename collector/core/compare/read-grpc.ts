// gRPC and gRPC-Web bodies by frame. Without a type a message is its bytes; gRPC-Web ends in a frame of
// trailers. Those of gRPC itself are no part of a body: a record has them as its trailers, or among its headers.
import { inflate } from '../content-coding.ts'
import type { MessageReader } from '../protobuf/message-types.ts'
import type { CompareLimits } from './comparable.ts'
import type { JsonValue, ParsedJson } from './parse-json.ts'

const HEAD_BYTES = 5
const COMPRESSED = 0x01
const TRAILERS = 0x80

export type GrpcReading = {
  /** Reads a message that is not compressed; null where its type is not known. Throws for one that is not of its type. */
  read: MessageReader | null
  /** As `grpc-encoding` has it. */
  encoding: string
}

/**
 * `{frames: ["base64:…" or the message], trailers: {"grpc-status": "0"}}`; `invalid` when the lengths do not fit the
 * body.
 */
export function readGrpc(bytes: Buffer, limits: CompareLimits, reading: GrpcReading): ParsedJson {
  const frames: JsonValue[] = []
  const notes: string[] = []
  let trailers: { [key: string]: JsonValue } | undefined
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) return { outcome: 'invalid' }
    const flags = bytes[at] ?? 0
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at + 1)
    if (end > bytes.length || (flags & ~(COMPRESSED | TRAILERS)) !== 0) return { outcome: 'invalid' }
    const message = bytes.subarray(at + HEAD_BYTES, end)
    if ((flags & TRAILERS) !== 0) trailers = trailersOf(message.toString('latin1'))
    else frames.push(frameOf(message, (flags & COMPRESSED) !== 0, limits, reading, notes))
    if (frames.length > limits.maxNodes) return { outcome: 'beyond', note: `more than ${limits.maxNodes} frames` }
    at = end
  }
  const value = trailers === undefined ? { frames } : { frames, trailers }
  return { outcome: 'parsed', value, notes: notes.slice(0, 1), nodes: frames.length }
}

function frameOf(
  message: Buffer,
  isCompressed: boolean,
  limits: CompareLimits,
  { read, encoding }: GrpcReading,
  notes: string[],
): JsonValue {
  const inflated = isCompressed ? inflate(message, [encoding], limits.maxBodyBytes) : { bytes: message }
  if (read !== null && 'bytes' in inflated) {
    try {
      return read(inflated.bytes, limits)
    } catch {
      notes.push(`holds a message that cannot be read as ${read.typeName}: compared by its bytes`)
    }
  } else if (read !== null && 'failure' in inflated) notes.push(`holds a message whose ${inflated.failure}`)
  return `${isCompressed ? 'compressed ' : ''}base64:${message.toString('base64')}`
}

function trailersOf(text: string): { [key: string]: JsonValue } {
  const trailers = Object.create(null) as { [key: string]: JsonValue }
  for (const line of text.split('\r\n').slice(0, 200)) {
    const colon = line.indexOf(':')
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return trailers
}
