// The shape of a route as a user writes it: which keys there are and what each may hold.
import { z } from 'zod'
import type { KnownKeys } from './problem.ts'
import { protobufFields } from './protobuf-types.ts'
import { ruleProblem } from './rule.ts'
import { shadowHeaderFields } from './shadow-headers.ts'
import { parseServerUrl, serviceProblem } from './target.ts'

export const limits = {
  shadows: 8,
  /** The pair window is 45 s: all legs of an exchange must be over by then. */
  legsTimeoutMs: 40_000,
  captureBytes: 1_048_576,
  /** Templates of paths: the collector tells as many endpoints of a route apart. */
  endpoints: 500,
  /** Above it Traefik allocates more than it mirrors. */
  maxBodySize: 1_048_576,
} as const

const number = (least: number, most: number) =>
  z
    .number({ error: `expected a number from ${least} to ${most}` })
    .min(least, between(least, most))
    .max(most, between(least, most))
const whole = (least: number, most: number) =>
  number(least, most).int(`expected a whole number from ${least} to ${most}`)
const between = (least: number, most: number) => `expected a number from ${least} to ${most}`
const flag = z.boolean({ error: 'expected true or false' })
const text = (what: string) => z.string({ error: `expected ${what}` })
const list = <S extends z.ZodType>(of: S, most: number) =>
  z.array(of, { error: 'expected a list' }).max(most, `expected at most ${most}`)

const name = text('a name').regex(/^[a-z0-9-]{1,63}$/, 'expected 1 to 63 of a-z, 0-9 and -')
const routeName = name.refine((value) => value !== 'apply', 'apply is an address of the API: choose another name')
const variant = name.refine((value) => value !== 'control', 'control is reserved for the control traffic')
const headerName = text('a header name').regex(/^[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}$/, 'expected a header name')
const queryName = text('a query name').regex(/^[^\p{C}{}`&=#\s]{1,100}$/u, 'expected the name of a query parameter')
const entryPoint = text('an entry point').regex(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
  'expected the name of an entry point',
)

const knownMethods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const method = z.enum(knownMethods, { error: `expected one of ${knownMethods.join(', ')}, in capitals` })

/** `POST /path/{id}`; a `{name}` stands for one segment. */
const operationPattern = new RegExp(
  `^(${knownMethods.join('|')}) (/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]+|\\{[A-Za-z0-9_]{1,40}\\})?)+$`,
)
const operation = text('an operation')
  .max(500, 'expected at most 500 characters')
  .regex(operationPattern, 'expected a method and a path, such as POST /tickets/{id}')

const graphqlPath = text('a path')
  .max(500, 'expected at most 500 characters')
  .regex(/^\/[A-Za-z0-9._~!$&'()*+,;=:@/-]*$/, 'expected a path, such as /graphql')

const rule = text('a rule').superRefine((value, context) => {
  const problem = ruleProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `rule: ${problem}` })
})

const service = text('a service').superRefine((value, context) => {
  const problem = serviceProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const url = text('a url').transform((value, context) => {
  const parsed = parseServerUrl(value)
  if (parsed.ok) return parsed.url
  context.addIssue({ code: 'custom', message: parsed.message })
  return z.NEVER
})

const version = text('a version').regex(/^[\w.+:@/-]{1,200}$/, 'expected 1 to 200 of letters, digits and ._+:@/-')
const target = { service: service.optional(), url: url.optional(), version: version.optional() }
const hasOneTarget = (value: { service?: unknown; url?: unknown }) =>
  (value.service === undefined) !== (value.url === undefined)
const oneTarget = 'expected either service or url'

const protect = z.strictObject(
  {
    rate: number(0, 100_000).optional(),
    burst: whole(1, 100_000).optional(),
    inFlight: whole(1, 10_000).optional(),
    timeoutMs: whole(100, 40_000).optional(),
    breakAtPercent: number(0, 100).optional(),
    pauseMs: whole(1_000, 3_600_000).optional(),
  },
  { error: orUnknownKeys('rate, burst, inFlight or timeoutMs') },
)

const percent = number(0, 100)
const controlObject = z
  .strictObject({ percent, rate: number(0, 10_000).optional(), learn: whole(0, 100_000).optional(), ...target })
  .refine((value) => value.service === undefined || value.url === undefined, 'expected service or url, not both')
const control = z.union([percent, controlObject], {
  error: 'expected a percentage from 0 to 100, or { percent, rate, learn, url or service }',
})
const store = z.union([z.enum(['all', 'differing']), z.strictObject({ sample: percent })], {
  error: 'expected all, differing or { sample: percent }',
})
const stickyBy = z.union([z.strictObject({ header: headerName }), z.strictObject({ cookie: headerName })], {
  error: 'expected { header: name } or { cookie: name }',
})

const protobuf = z
  .strictObject(protobufFields, { error: orUnknownKeys('{ file or set, message }') })
  .refine(({ file, set }) => (file === undefined) !== (set === undefined), 'expected either file or set')

const shadow = z
  .strictObject(
    { name: variant, ...target, sandbox: flag.optional(), ...shadowHeaderFields },
    { error: orUnknownKeys('a shadow: name and url or service') },
  )
  .refine(hasOneTarget, oneTarget)

export const routeSchema = z.strictObject(
  {
    name: routeName,
    rule: rule.optional(),
    entryPoints: list(entryPoint, 20).optional(),
    priority: whole(1, 2_000_000_000).optional(),
    primary: z
      .strictObject(target, {
        error: orUnknownKeys('a primary: { service: name@provider } or { url: http://host:port }'),
      })
      .refine(hasOneTarget, oneTarget),
    shadows: list(shadow, limits.shadows).min(1, 'expected at least one shadow'),
    control: control.optional(),
    share: z
      .number({ error: 'expected a number from 0.01 to 100' })
      .min(0.01, between(0.01, 100))
      .max(100, between(0.01, 100))
      .optional(),
    stickyBy: stickyBy.optional(),
    methods: list(method, knownMethods.length).optional(),
    operations: list(operation, 100).optional(),
    endpoints: list(operation, limits.endpoints).optional(),
    graphql: list(graphqlPath, 20).optional(),
    protobuf: protobuf.optional(),
    store: store.optional(),
    exposeId: flag.optional(),
    enabled: flag.optional(),
    protect: protect.optional(),
    captureBytes: whole(0, limits.captureBytes).optional(),
    maxBodySize: whole(1024, limits.maxBodySize).optional(),
    /** Read by `parseRules`, which tells more than a schema could. */
    rules: z.unknown().optional(),
    /** Read by `parsePolicy`, which tells what is wrong inside. */
    policy: z
      .record(z.string(), z.unknown(), { error: 'expected a policy, such as { tolerance: { equality: 1 } }' })
      .optional(),
    redact: z
      .strictObject(
        { headers: list(headerName, 100).optional(), query: list(queryName, 100).optional() },
        { error: orUnknownKeys('headers or query') },
      )
      .optional(),
  },
  { error: orUnknownKeys('a route: name, primary and shadows') },
)

export type WrittenRoute = z.infer<typeof routeSchema>

/** Keeps zod's own report of unknown keys, which `problemsOf` turns into suggestions. */
function orUnknownKeys(expected: string) {
  return (issue: { code?: string | undefined }) =>
    issue.code === 'unrecognized_keys' ? undefined : `expected ${expected}`
}

const keysBelow: Record<string, string[]> = {
  primary: ['service', 'url', 'version'],
  shadows: ['name', 'service', 'url', 'sandbox', 'version', 'headers', 'credentials', 'host'],
  protect: Object.keys(protect.shape),
  redact: ['headers', 'query'],
  protobuf: ['file', 'set', 'message'],
  control: ['percent', 'rate', 'learn', 'url', 'service'],
  store: ['sample'],
  stickyBy: ['header', 'cookie'],
}

/** Words that other tools use, and what they are called here. */
const otherWords: Record<string, string> = {
  shadowPercent: 'share',
  percent: 'share',
  sampling: 'share',
  mirror: 'shadows',
  mirrors: 'shadows',
  upstream: 'primary',
  timeout: 'protect',
  sticky: 'stickyBy',
  storage: 'store',
}

/** The right names at a path inside a route, for "did you mean". */
export function knownKeysAt(path: readonly PropertyKey[]): KnownKeys {
  const [field] = path
  if (field === 'shadows' && path[2] === 'headers') return { names: ['set', 'remove'] }
  if (field === 'shadows' && path[2] === 'credentials') return { names: ['file'] }
  if (field === undefined) return { names: Object.keys(routeSchema.shape), otherWords }
  return { names: keysBelow[String(field)] ?? [] }
}
