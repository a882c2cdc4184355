// What a shadow's requests say otherwise than the client's: headers set or removed, credentials, the host.
import { z } from 'zod'

/** `pass`: the client's own. `strip`: none. `file`: what stands in it as Authorization, and no other. */
export type Credentials = 'pass' | 'strip' | { file: string }

export type ShadowHeaders = {
  headers?: { set?: Record<string, string>; remove?: string[] }
  credentials?: Credentials
  /** `pass`: the client's; `target`: that of the shadow's URL; else a name. */
  host?: string
}

/** Headers that carry who somebody is; a route's `redact.headers` come on top. */
const CREDENTIALS = [
  ...['Authorization', 'Proxy-Authorization', 'Cookie'],
  ...['X-Api-Key', 'X-Auth-Token', 'X-Csrf-Token', 'X-Xsrf-Token'],
]

const RESERVED = /^(x-(understudy|shadow|shadowing|original)-.*|x-canary-(backend|weight)|x-request-id)$/i
const OF_THE_CONNECTION = new Set([
  ...['host', 'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['content-length', 'content-type', 'content-encoding', 'expect'],
])

const headerName = z
  .string({ error: 'expected a header name' })
  .regex(/^[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}$/, 'expected a header name')
  .refine((name) => !RESERVED.test(name), 'is set by Understudy itself')
  .refine(
    (name) => !OF_THE_CONNECTION.has(name.toLowerCase()),
    'belongs to the connection or the body (host: see host)',
  )
const headerValue = z
  .string({ error: 'expected text' })
  .regex(/^[\t\u0020-\u007e]{1,2000}$/, 'expected 1 to 2000 printable ASCII characters')
  .refine((value) => !value.includes('{{'), "holds {{, which Traefik's file provider would read as a template")
  .refine((value) => value.trim() === value, 'begins or ends with a space')

/** A file that was not meant for it, such as a key of ours, should not be sent to a shadow by its path alone. */
const credentialsFile = z
  .string({ error: 'expected a path' })
  .max(500)
  .regex(/^(?!.*\/\.\.?\/)(\/[A-Za-z0-9._@-]+)+\.credentials$/, 'expected an absolute path that ends in .credentials')

const unknownKeysStay = (expected: string) => (issue: { code?: string | undefined }) =>
  issue.code === 'unrecognized_keys' ? undefined : `expected ${expected}`

export const shadowHeaderFields = {
  headers: z
    .strictObject(
      {
        set: z
          .record(z.string(), headerValue, { error: 'expected header names with their values' })
          .superRefine((headers, context) => {
            for (const name of Object.keys(headers).slice(0, 50)) {
              const [issue] = headerName.safeParse(name).error?.issues ?? []
              if (issue) context.addIssue({ code: 'custom', path: [name], message: issue.message })
            }
          })
          .refine((headers) => Object.keys(headers).length <= 50, 'expected at most 50')
          .optional(),
        remove: z.array(headerName, { error: 'expected a list' }).max(50, 'expected at most 50').optional(),
      },
      { error: unknownKeysStay('set or remove') },
    )
    .optional(),
  credentials: z
    .union([z.enum(['pass', 'strip']), z.strictObject({ file: credentialsFile })], {
      error: 'expected pass, strip or { file: an absolute path that ends in .credentials }',
    })
    .optional(),
  host: z
    .string({ error: 'expected pass, target or a host name' })
    .regex(/^(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63}){0,20}(:\d{1,5})?$/, 'expected pass, target or a host name')
    .optional(),
}

/** Traefik's `customRequestHeaders` for a shadow's leg, '' for what is removed; undefined when all stays as it is. */
export function legHeaders(shadow: ShadowHeaders, redacted: readonly string[]): Record<string, string> | undefined {
  const { headers = {}, credentials = 'pass', host = 'pass' } = shadow
  const changed: Record<string, string> = {}
  const isReplaced = typeof credentials === 'object'
  if (credentials !== 'pass') for (const name of [...CREDENTIALS, ...redacted]) changed[canonical(name)] = ''
  // The tap before it has put what stands in the file there.
  if (isReplaced) delete changed.Authorization
  for (const name of headers.remove ?? []) changed[canonical(name)] = ''
  for (const [name, value] of Object.entries(headers.set ?? {})) changed[canonical(name)] = value
  if (host !== 'pass' && host !== 'target') changed.Host = host
  return Object.keys(changed).length === 0 ? undefined : changed
}

/** One spelling, so that the same header is not there twice. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
