// What the gRPC and protobuf answers of a route are made of: a FileDescriptorSet, by a file or as it is.
import { z } from 'zod'
import { endpointPattern, endpointProblem, matchesEndpoint } from './rules-path.ts'

/** Bytes of a descriptor set in a file; one that is given as it is fits into a request that writes a route. */
export const MAX_SET_BYTES = 4 * 1024 * 1024
const MAX_GIVEN_CHARS = 256 * 1024

/**
 * `file`: absolute, read where the collector runs. `set`: its bytes in base64. `message`: the full name of the type that
 * plain protobuf bodies are of, or one for each of several endpoints, of which the longest that fits holds; gRPC names
 * its types by its paths.
 */
export type ProtobufTypes = { file?: string; set?: string; message?: string | Record<string, string> }

const MAX_ENDPOINTS = 200

const text = (what: string) => z.string({ error: `expected ${what}` })

const expectedMessage =
  'expected the full name of a message, such as shop.Order, or names by endpoint, such as { "GET /orders/*": shop.Order }'
const messageName = z.string().regex(/^[A-Za-z_][\w.]{0,199}$/)
const endpoint = z.string().refine((glob) => endpointProblem(glob) === undefined)
const isBounded = (messages: object) => Object.keys(messages).length <= MAX_ENDPOINTS

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
  message: z
    .union([messageName, z.record(endpoint, messageName).refine(isBounded)], { error: expectedMessage })
    .optional(),
}

/** By the method and path of a request, the full name of what answers it; places in templates stand for any one name. */
export function messageTypeOf(message: ProtobufTypes['message']): (method: string, path: string) => string | undefined {
  if (message === undefined || typeof message === 'string') return () => message
  // Stored as JSON that keeps no order, so an order of their own.
  const types = Object.entries(message)
    .sort(([one], [two]) => two.length - one.length || (one < two ? -1 : 1))
    .map(([glob, type]) => [endpointPattern(glob.replaceAll(/\{[^/]*\}/g, '*')), type] as const)
  return (method, path) => types.find(([pattern]) => matchesEndpoint(pattern, `${method} ${path}`))?.[1]
}
