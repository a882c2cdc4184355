// What the gRPC and protobuf answers of a route are made of: a FileDescriptorSet, by a file or as it is.
import { z } from 'zod'

/** Bytes of a descriptor set in a file; one that is given as it is fits into a request that writes a route. */
export const MAX_SET_BYTES = 4 * 1024 * 1024
const MAX_GIVEN_CHARS = 256 * 1024

/**
 * `file`: absolute, read where the collector runs. `set`: its bytes in base64. `message`: the full name of the type that
 * plain protobuf bodies are of; gRPC names its types by its paths.
 */
export type ProtobufTypes = { file?: string; set?: string; message?: string }

const text = (what: string) => z.string({ error: `expected ${what}` })

export const protobufFields = {
  file: text('a file')
    .max(1_000, 'expected at most 1000 characters')
    .regex(
      /^\/[^\p{C}]*\.(?:binpb|pb|desc|protoset)$/u,
      'expected an absolute path that ends in .binpb, .pb, .desc or .protoset',
    )
    .optional(),
  set: text('a descriptor set in base64')
    .max(MAX_GIVEN_CHARS, `expected at most ${MAX_GIVEN_CHARS} characters: give a file`)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'expected a descriptor set in base64')
    .optional(),
  message: text('the full name of a message')
    .regex(/^[A-Za-z_][\w.]{0,199}$/, 'expected the full name of a message, such as shop.Order')
    .optional(),
}
