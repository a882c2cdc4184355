// The shape of a rule as a user writes it: which keys there are and what each may hold.
import { z } from 'zod'
import { nearestName } from './nearest-name.ts'
import type { KnownKeys } from './problem.ts'
import { endpointProblem, pathProblem } from './rules-path.ts'

export const ruleLimits = { rules: 200, paths: 20, endpoints: 20, skewMs: 366 * 24 * 3_600_000 } as const

/** As `core/comparison.ts` names them. */
export const ruleKinds = ['changed', 'added', 'removed', 'type', 'reordered'] as const

const treatmentNames = [
  ...['ignore', 'expected', 'uuid', 'ulid', 'token', 'counter', 'url-host', 'timestamp', 'number', 'unordered'],
] as const
const plainTreatments = treatmentNames.filter((name) => name !== 'number')

const text = (what: string, most: number) =>
  z.string({ error: `expected ${what}` }).max(most, `expected at most ${most} characters`)
const checked = (what: string, problemIn: (value: string) => string | undefined) =>
  z.string({ error: `expected ${what}` }).superRefine((value, context) => {
    const problem = problemIn(value)
    if (problem !== undefined)
      context.addIssue({ code: 'custom', message: `${problem}, got ${JSON.stringify(shown(value))}` })
  })
/** A list, or one that stands for a list of one. */
const oneOrMore = (of: z.ZodType<string, string>, what: string, most: number) =>
  z
    .union([z.string(), z.array(z.string())], { error: `expected ${what}` })
    .transform((written) => [written].flat())
    .pipe(z.array(of).min(1, `expected ${what}`).max(most, `expected at most ${most}`))

const shown = (value: string) => (value.length > 60 ? `${value.slice(0, 57)}…` : value)
const positive = (most: number, what: string) =>
  z
    .number({ error: `expected ${what}` })
    .min(0, `expected ${what}`)
    .max(most, `expected ${what}`)

const skewMs = positive(ruleLimits.skewMs, 'milliseconds, a year at most')
const tolerance = positive(1e15, 'a number of 0 or more')
const timestamp = z.strictObject({ timestamp: z.strictObject({ skewMs }) })
const number = z.strictObject({
  number: z.union([z.strictObject({ within: tolerance }), z.strictObject({ percent: positive(100, '0 to 100') })]),
})
const key = text('a key', 100)
  .min(1, 'expected a key')
  .regex(/^[^\p{C}]+$/u, 'expected a key')
const unordered = z.strictObject({ unordered: z.strictObject({ by: key }) })

const expectedTreatment = `expected one of ${plainTreatments.join(', ')}, or { timestamp: { skewMs } }, { number: { within } }, { number: { percent } } or { unordered: { by } }`

/** The union says only that nothing fitted; what a user meant is told by the name. */
const treat = z.unknown().transform((written, context) => {
  if (typeof written === 'string' && (plainTreatments as readonly string[]).includes(written)) {
    return written as Exclude<(typeof treatmentNames)[number], 'number'>
  }
  for (const schema of [timestamp, number, unordered]) {
    const parsed = schema.safeParse(written)
    if (parsed.success) return parsed.data
  }
  context.addIssue({ code: 'custom', message: treatmentProblem(written) })
  return z.NEVER
})

function treatmentProblem(written: unknown): string {
  if (written === 'number')
    return 'number needs a tolerance: { number: { within: 0.01 } } or { number: { percent: 1 } }'
  if (typeof written !== 'string') return expectedTreatment
  const near = nearestTreatment(written)
  return near === undefined
    ? expectedTreatment
    : `unknown treatment ${JSON.stringify(shown(written))}: did you mean ${near}?`
}

/** Words that people write for treatments. */
const otherTreatments: Record<string, string> = {
  date: 'timestamp',
  time: 'timestamp',
  datetime: 'timestamp',
  guid: 'uuid',
  skip: 'ignore',
  ignored: 'ignore',
  float: 'number',
  tolerance: 'number',
  set: 'unordered',
  host: 'url-host',
  sequence: 'counter',
}

export function nearestTreatment(written: string): string | undefined {
  const found = nearestName(written, [...treatmentNames, ...Object.keys(otherTreatments)])
  return found === undefined ? undefined : (otherTreatments[found] ?? found)
}

const VERSION = /^v?\d{1,9}(\.\d{1,9}){0,3}$/
const version = text('a version', 50).regex(VERSION, 'expected a version such as 2.3.0')
const day = text('a date', 40).refine(isDay, 'expected a date such as 2027-01-31, or { version: 2.3.0 }')
const until = z.union([day, z.strictObject({ version })], {
  error: 'expected a date such as 2027-01-31, or { version: 2.3.0 }',
})

/** A day that there is: 2026-02-30 is none. */
function isDay(value: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value)
}

const line = (what: string, most: number) => text(what, most).regex(/^[^\p{C}]+$/u, `expected ${what} in one line`)

export const ruleSchema = z.strictObject(
  {
    name: line('a name', 80).optional(),
    at: oneOrMore(checked('a path', pathProblem), 'a path such as /items/*/id, or a list of them', ruleLimits.paths),
    treat,
    endpoint: oneOrMore(
      checked('an endpoint', endpointProblem),
      'an endpoint such as GET /tickets/**, or a list of them',
      ruleLimits.endpoints,
    ).optional(),
    kinds: z
      .array(z.enum(ruleKinds, { error: `expected one of ${ruleKinds.join(', ')}` }), { error: 'expected a list' })
      .min(1, 'expected at least one kind')
      .max(ruleKinds.length, `expected at most ${ruleKinds.length} kinds`)
      .optional(),
    until: until.optional(),
    owner: line('an owner', 100).optional(),
    comment: text('a comment', 1_000).optional(),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'expected a rule: at and treat') },
)

export type WrittenRule = z.infer<typeof ruleSchema>

/** Words that other tools use, and what they are called here. */
const otherWords: Record<string, string> = {
  path: 'at',
  paths: 'at',
  pointer: 'at',
  field: 'at',
  header: 'at',
  as: 'treat',
  ignore: 'treat',
  action: 'treat',
  expires: 'until',
  endpoints: 'endpoint',
  scope: 'endpoint',
  kind: 'kinds',
  reason: 'comment',
  author: 'owner',
}

/** The right names at a path inside a list of rules, for "did you mean". */
export function knownRuleKeysAt(path: readonly PropertyKey[]): KnownKeys {
  if (path.length < 2) return { names: Object.keys(ruleSchema.shape), otherWords }
  return { names: path.at(-1) === 'until' ? ['version'] : [] }
}
