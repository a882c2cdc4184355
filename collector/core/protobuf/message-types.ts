// A FileDescriptorSet, as `protoc --include_imports --descriptor_set_out` writes it, to readers of messages.
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import type { CompareLimits } from '../compare/comparable.ts'
import type { JsonValue } from '../compare/parse-json.ts'
import { messageJson } from './message-json.ts'

/** One message of a known type as JSON; throws for bytes that are none of that type, or beyond a limit. */
export type MessageReader = ((bytes: Uint8Array, limits: CompareLimits) => JsonValue) & { typeName: string }

export type MessageTypes = {
  /** What the method of a gRPC path answers with; null for a path that names no method of the set. */
  answerOf(uri: string): MessageReader | null
  message(typeName: string): MessageReader | null
}

/** Throws for what is no descriptor set, or lacks a file that another one of it imports. */
export function readMessageTypes(set: Uint8Array): MessageTypes {
  const registry: FileRegistry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set))
  return {
    answerOf(uri) {
      const [path = ''] = uri.split('?', 1)
      // The last two segments: a prefix may stand before them.
      const match = /(?:^|\/)([\w.]+)\/(\w+)$/.exec(path)
      const service = registry.getService(match?.[1] ?? '')
      const method = service?.methods.find(({ name }) => name === match?.[2])
      return method === undefined ? null : readerOf(method.output)
    },
    message(typeName) {
      const type = registry.getMessage(typeName)
      return type === undefined ? null : readerOf(type)
    },
  }
}

function readerOf(type: DescMessage): MessageReader {
  const read = (bytes: Uint8Array, limits: CompareLimits) => messageJson(type, bytes, limits)
  return Object.assign(read, { typeName: type.typeName })
}
