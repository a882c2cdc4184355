// The OpenAPI 3.1 document, made from the list of operations and the named schemas.
import { z } from 'zod'
import type { Operation } from './operation.ts'
import { type ProblemName, problems } from './problem.ts'
import { named } from './schemas.ts'

type Json = Record<string, unknown>

const problemsOfAll: ProblemName[] = ['malformed-request', 'foreign-host', 'internal']

/** `needsToken`: this server was started with one; else every operation is open to whoever reaches its loopback. */
export function openApiDocument(
  operations: readonly Operation[],
  about: { version: string; needsToken: boolean },
): Json {
  const { version, needsToken } = about
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const path = paths[operation.path] ?? {}
    paths[operation.path] = path
    path[operation.method] = operationObject(operation, needsToken)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Understudy',
      version,
      description:
        'Comparisons of what a live service and its shadow answered to the same requests. Lists are `{items, nextCursor}`; errors are `application/problem+json` (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'UNDERSTUDY_ADMIN_TOKEN, where it is set' },
      },
    },
  }
}

function operationObject(operation: Operation, needsToken: boolean): Json {
  const object: Json = {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag],
    security: operation.open || !needsToken ? [] : [{ token: [] }],
    responses: responses(operation, needsToken),
  }
  const parameters = [...parametersOf(operation.params, 'path'), ...parametersOf(operation.query, 'query')]
  if (parameters.length > 0) object.parameters = parameters
  if (operation.shownBody) {
    const schema = inline(operation.shownBody, 'input')
    const types =
      operation.method === 'patch' ? ['application/merge-patch+json', 'application/json'] : ['application/json']
    object.requestBody = { content: Object.fromEntries(types.map((type) => [type, { schema }])) }
  }
  return object
}

function responses(operation: Operation, needsToken: boolean): Json {
  const { answer } = operation
  const content =
    typeof answer === 'string'
      ? { [answer]: { schema: { type: 'string' } } }
      : { 'application/json': { schema: reference(answer) } }
  const named: ProblemName[] = [...problemsOfAll, ...operation.problems]
  if (needsToken && !operation.open) named.push('unauthorized')
  if (operation.method !== 'get') named.push('foreign-origin', 'unsupported-media-type')
  if (operation.body) named.push('malformed-json', 'too-large')
  if (Object.keys({ ...operation.params.shape, ...operation.query.shape }).length > 0) named.push('invalid-parameter')
  const byStatus = new Map<number, string[]>()
  for (const name of new Set(named)) {
    const { status, title } = problems[name]
    byStatus.set(status, [...(byStatus.get(status) ?? []), title])
  }
  const refused = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, titles]) => [
      String(status),
      {
        description: titles.join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ])
  const done = { description: operation.summary, content }
  const made =
    operation.status === 201
      ? { 201: done }
      : operation.status === 204
        ? { 204: { description: operation.summary } }
        : {}
  return { 200: done, ...made, ...Object.fromEntries(refused) }
}

function parametersOf(shape: z.ZodObject, place: 'path' | 'query'): Json[] {
  return Object.entries(shape.shape).map(([name, schema]) => {
    const { description, default: fallback, ...rest } = inline(schema as z.ZodType, 'output')
    const optional = place === 'query' && ((schema as z.ZodType).safeParse(undefined).success || fallback !== undefined)
    return {
      name,
      in: place,
      required: !optional,
      ...(description === undefined ? {} : { description }),
      schema: fallback === undefined ? rest : { ...rest, default: fallback },
    }
  })
}

function reference(schema: z.ZodType): Json {
  const id = named.get(schema)?.id
  return id ? { $ref: `#/components/schemas/${id}` } : inline(schema, 'output')
}

function inline(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io })
  return rest as Json
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(named, { uri: (id) => `#/components/schemas/${id}` })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _, $id: __, ...rest } = schema as Json
      return [id, rest]
    }),
  )
}
