// GraphQL says its failures inside an answer with status 200.
import type { JsonValue } from './parse-json.ts'
import { isObject } from './same-value.ts'

/** `partial`: data and errors both. */
export type GraphqlStatus = 'ok' | 'partial' | 'errors'

const RESPONSE_KEYS = new Set(['data', 'errors', 'extensions'])

/** Null for what is no GraphQL response: another key than its three, or neither data nor errors. */
export function graphqlStatus(document: JsonValue): GraphqlStatus | null {
  if (!isObject(document)) return null
  const keys = Object.keys(document)
  if (keys.length === 0 || keys.length > 3 || keys.some((key) => !RESPONSE_KEYS.has(key))) return null
  const { errors, data } = document
  if (errors === undefined) return data === undefined ? null : 'ok'
  if (!Array.isArray(errors) || errors.length === 0) return null
  if (!errors.every((error) => isObject(error) && typeof error.message === 'string')) return null
  return data === undefined || data === null ? 'errors' : 'partial'
}
