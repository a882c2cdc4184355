// Reads what a request says, strictly: nothing repeated, nothing unknown, every refusal with what was expected instead.
import { parse as parseLossless } from 'lossless-json'
import secureJson from 'secure-json-parse'
import type { z } from 'zod'
import { nearestName } from '../../plugin-config/nearest-name.ts'
import { type FieldError, HttpProblem } from './problem.ts'

/**
 * The query of `url` by `schema`, whose messages are phrases that follow "expected" (`a whole number from 1 to 200`).
 * @throws HttpProblem `invalid-parameter` with one entry for each problem
 */
export function readQuery<S extends z.ZodObject>(url: string, schema: S): z.output<S> {
  const start = url.indexOf('?')
  const values = new Map<string, string>()
  const errors: FieldError[] = []
  const known = Object.keys(schema.shape)
  for (const [name, value] of new URLSearchParams(start < 0 ? '' : url.slice(start + 1))) {
    const pointer = `/query/${pointerToken(name)}`
    if (!known.includes(name)) errors.push({ pointer, message: unknownName(name, known) })
    else if (values.has(name)) errors.push({ pointer, message: `${name} is given more than once: expected it once` })
    else if (value.includes('\0'))
      errors.push({ pointer, message: `${name} holds a NUL character: expected text without one` })
    else values.set(name, value)
    if (errors.length >= 20) break
  }
  return read(schema, Object.fromEntries(values), '/query', 'invalid-parameter', errors)
}

/** The path's parts by `schema`. @throws HttpProblem `invalid-parameter` */
export function readParams<S extends z.ZodObject>(params: Record<string, unknown>, schema: S): z.output<S> {
  return read(schema, params, '/path', 'invalid-parameter', [])
}

/** The JSON in `bytes` by `schema`; no bytes read as `{}`. @throws HttpProblem `malformed-json` */
export function readBody<S extends z.ZodType>(bytes: unknown, schema: S): z.output<S> {
  const text = Buffer.isBuffer(bytes) && bytes.length > 0 ? decodeUtf8(bytes) : '{}'
  let value: unknown
  try {
    value = secureJson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' })
    parseLossless(text) // refuses a key given twice with two values, where JSON.parse takes the last
  } catch (error) {
    const reason =
      error instanceof RangeError ? 'it is nested too deep' : error instanceof Error ? shown(error.message, 120) : ''
    throw new HttpProblem('malformed-json', `the body is not accepted as JSON: ${reason}`)
  }
  return read(schema, value, '/body', 'malformed-json', [])
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new HttpProblem('malformed-json', 'the body is not valid UTF-8')
  }
}

function read<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: string,
  problem: 'invalid-parameter' | 'malformed-json',
  errors: FieldError[],
): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    errors.push(...parsed.error.issues.slice(0, 20).flatMap((issue) => fieldErrors(issue, value, root)))
  const [first] = errors
  if (first)
    throw new HttpProblem(
      problem,
      errors
        .map((error) => error.message)
        .join('; ')
        .slice(0, 2000),
      { errors },
    )
  if (!parsed.success) throw new HttpProblem(problem, 'the request is not accepted')
  return parsed.data
}

function fieldErrors(issue: z.core.$ZodIssue, value: unknown, root: string): FieldError[] {
  const pointer = [root, ...issue.path.map((part) => pointerToken(String(part)))].join('/')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: `${pointer}/${pointerToken(key)}`, message: unknownName(key, []) }))
  }
  const name = issue.path.join('.') || root.slice(1)
  let given = value
  for (const part of issue.path) {
    given = typeof given === 'object' && given !== null ? (given as Record<PropertyKey, unknown>)[part] : undefined
  }
  const what = given === undefined ? 'is missing' : `is ${shown(JSON.stringify(given) ?? String(given), 80)}`
  return [{ pointer, message: `${name} ${what}: expected ${issue.message}` }]
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearestName(name, known)
  const mend = near
    ? `did you mean ${near}?`
    : known.length > 0
      ? `known are ${known.join(', ')}`
      : 'it takes none by that name'
  return `${shown(JSON.stringify(name), 80)} is not known here: ${mend}`
}

function shown(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`
}

/** One token of an RFC 6901 pointer. */
function pointerToken(name: string): string {
  return shown(name, 80).replaceAll('~', '~0').replaceAll('/', '~1')
}
