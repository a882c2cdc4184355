// Bodies that are read as more than JSON, lines or bytes: by their Content-Type.
import { mediaTypeOf } from '../media-type.ts'
import type { HeaderValues } from '../tap-record.ts'

export type BodyKind = 'ndjson' | 'events' | 'form' | 'html' | 'xml' | 'multipart' | 'grpc' | 'protobuf' | 'graphql'

const KINDS = new Map<string, BodyKind>([
  ['application/jsonl', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/x-ndjson', 'ndjson'],
  ['text/event-stream', 'events'],
  ['application/x-www-form-urlencoded', 'form'],
  ['text/html', 'html'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/protobuf', 'protobuf'],
  ['application/x-protobuf', 'protobuf'],
  ['application/vnd.google.protobuf', 'protobuf'],
  ['application/graphql-response+json', 'graphql'],
])

/** Null for plain JSON, plain text and other bytes. */
export function bodyKind(headers: HeaderValues): BodyKind | null {
  const { essence } = mediaTypeOf(headers)
  const known = KINDS.get(essence)
  if (known !== undefined) return known
  if (essence.endsWith('+xml')) return 'xml'
  if (essence.startsWith('multipart/')) return 'multipart'
  const isFramed = /^application\/grpc(?:-web)?(?:\+(?!json$)[a-z0-9.-]{1,40})?$/.test(essence)
  return isFramed ? 'grpc' : null
}
