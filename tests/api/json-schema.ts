// As much of JSON Schema as the OpenAPI document uses: enough to hold real answers to it.

export type JsonSchema = {
  $ref?: string
  type?: string | string[]
  anyOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  pattern?: string
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  [other: string]: unknown
}

const known = new Set([
  ...['$ref', 'type', 'anyOf', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'pattern'],
  ...[
    'minimum',
    'maximum',
    'minItems',
    'maxItems',
    'minLength',
    'maxLength',
    'description',
    'format',
    'default',
    'propertyNames',
  ],
])

/** What is wrong with `value`, each with its pointer; a keyword this does not know is wrong too. */
export function isValid(value: unknown, schema: JsonSchema, named: Record<string, JsonSchema>, at = ''): string[] {
  const strange = Object.keys(schema).filter((keyword) => !known.has(keyword))
  if (strange.length > 0) return [`${at}: keyword ${strange.join(', ')} is not known to this test`]
  if (schema.$ref)
    return isValid(
      value,
      named[schema.$ref.replace('#/components/schemas/', '')] ?? { const: 'no such schema' },
      named,
      at,
    )
  if (schema.anyOf)
    return schema.anyOf.some((each) => isValid(value, each, named, at).length === 0)
      ? []
      : [`${at}: fits none of anyOf`]
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is not in the enum`]
  if ('const' in schema && schema.const !== value) return [`${at}: is not ${JSON.stringify(schema.const)}`]
  const types = [schema.type ?? []].flat()
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return [`${at}: is no ${types.join(' or ')}`]
  if (typeof value === 'number' && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)))
    return [`${at}: out of range`]
  if (typeof value === 'string' && schema.pattern && !new RegExp(schema.pattern).test(value))
    return [`${at}: does not fit its pattern`]
  const [least = 0, most = Infinity] = Array.isArray(value)
    ? [schema.minItems, schema.maxItems]
    : [schema.minLength, schema.maxLength]
  if ((Array.isArray(value) || typeof value === 'string') && (value.length < least || value.length > most))
    return [`${at}: is too short or too long`]
  if (Array.isArray(value))
    return value.flatMap((each, index) => (schema.items ? isValid(each, schema.items, named, `${at}/${index}`) : []))
  if (typeof value === 'object' && value !== null)
    return objectProblems(value as Record<string, unknown>, schema, named, at)
  return []
}

function objectProblems(
  value: Record<string, unknown>,
  schema: JsonSchema,
  named: Record<string, JsonSchema>,
  at: string,
): string[] {
  const missing = (schema.required ?? [])
    .filter((key) => !Object.hasOwn(value, key))
    .map((key) => `${at}/${key}: is missing`)
  const wrong = Object.entries(value).flatMap(([key, each]) => {
    const own = schema.properties?.[key]
    if (own) return isValid(each, own, named, `${at}/${key}`)
    if (schema.additionalProperties === false) return [`${at}/${key}: is not described`]
    return typeof schema.additionalProperties === 'object'
      ? isValid(each, schema.additionalProperties, named, `${at}/${key}`)
      : []
  })
  return [...missing, ...wrong]
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}
