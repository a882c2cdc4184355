// A protobuf message as the JSON that is compared: fields by the names of the .proto file, and what the type does not
// know by its number, so that nothing is lost.
import { type DescEnum, type DescMessage, fromBinary, type UnknownField } from '@bufbuild/protobuf'
import { isReflectMessage, type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect'
import type { CompareLimits } from '../compare/comparable.ts'
import { ExactNumber } from '../compare/exact-number.ts'
import type { JsonValue } from '../compare/parse-json.ts'

type Budget = { nodes: number; depth: number }

/** Throws for bytes that are no message of this type, and for one beyond the limits. */
export function messageJson(type: DescMessage, bytes: Uint8Array, { maxNodes, maxDepth }: CompareLimits): JsonValue {
  return fieldsOf(reflect(type, fromBinary(type, bytes)), { nodes: maxNodes, depth: maxDepth })
}

/** An object without a prototype: a key of a map may be `__proto__`. */
function fieldsOf(message: ReflectMessage, budget: Budget): JsonValue {
  if (budget.depth === 0) throw new RangeError('nested deeper than is compared')
  const inner = budget.depth - 1
  const found: { [key: string]: JsonValue } = Object.create(null)
  const jsonOf = (value: unknown, values?: DescEnum): JsonValue => {
    budget.nodes -= 1
    if (budget.nodes < 0) throw new RangeError('more values than are compared')
    if (isReflectMessage(value)) {
      budget.depth = inner
      const fields = fieldsOf(value, budget)
      budget.depth = inner + 1
      return fields
    }
    return values === undefined ? scalarOf(value) : (values.value[Number(value)]?.name ?? Number(value))
  }
  for (const field of message.fields) {
    if (!message.isSet(field)) continue
    if (field.fieldKind === 'list') {
      found[field.name] = [...message.get(field)].map((value) => jsonOf(value, field.enum))
    } else if (field.fieldKind === 'map') {
      const entries: { [key: string]: JsonValue } = Object.create(null)
      for (const [key, value] of message.get(field)) entries[String(key)] = jsonOf(value, field.enum)
      found[field.name] = entries
    } else found[field.name] = jsonOf(message.get(field), field.enum)
  }
  for (const { no, wireType, data } of message.getUnknown() ?? []) addUnknown(found, { no, wireType, data })
  return found
}

function addUnknown(found: { [key: string]: JsonValue }, { no, wireType, data }: UnknownField): void {
  const name = `unknown:${no}`
  const value = `wire type ${wireType}, base64:${Buffer.from(data).toString('base64')}`
  const before = found[name]
  if (Array.isArray(before)) before.push(value)
  else found[name] = [value]
}

function scalarOf(value: unknown): JsonValue {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : new ExactNumber(String(value))
  }
  if (value instanceof Uint8Array) return `base64:${Buffer.from(value).toString('base64')}`
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return typeof value === 'boolean' ? value : String(value)
}
