// gRPC and gRPC-Web bodies by frame. Without a descriptor set a message is its bytes; gRPC-Web ends in a frame of
// trailers. Those of gRPC itself are no part of a body: a record has them where they came as headers (`grpc-status`).
import type { CompareLimits } from './comparable.ts'
import type { JsonValue, ParsedJson } from './parse-json.ts'

const HEAD_BYTES = 5
const COMPRESSED = 0x01
const TRAILERS = 0x80

/** `{frames: ["base64:…"], trailers: {"grpc-status": "0"}}`; `invalid` when the lengths do not fit the body. */
export function readGrpc(bytes: Buffer, limits: CompareLimits): ParsedJson {
  const frames: JsonValue[] = []
  let trailers: { [key: string]: JsonValue } | undefined
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) return { outcome: 'invalid' }
    const flags = bytes[at] ?? 0
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at + 1)
    if (end > bytes.length || (flags & ~(COMPRESSED | TRAILERS)) !== 0) return { outcome: 'invalid' }
    const message = bytes.subarray(at + HEAD_BYTES, end)
    if ((flags & TRAILERS) !== 0) trailers = trailersOf(message.toString('latin1'))
    else frames.push(`${(flags & COMPRESSED) === 0 ? '' : 'compressed '}base64:${message.toString('base64')}`)
    if (frames.length > limits.maxNodes) return { outcome: 'beyond', note: `more than ${limits.maxNodes} frames` }
    at = end
  }
  const value = trailers === undefined ? { frames } : { frames, trailers }
  return { outcome: 'parsed', value, notes: [], nodes: frames.length }
}

function trailersOf(text: string): { [key: string]: JsonValue } {
  const trailers = Object.create(null) as { [key: string]: JsonValue }
  for (const line of text.split('\r\n').slice(0, 200)) {
    const colon = line.indexOf(':')
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return trailers
}
