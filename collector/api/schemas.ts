// What the API says, as zod schemas: OpenAPI is made from them, the CLI and the UI take their types from them.
import { z } from 'zod'
import { Latency } from './latency-schemas.ts'

/** Schemas with a name in the OpenAPI document. */
export const named = z.registry<{ id: string }>()

/** Gives a schema its name there. */
export function name<S extends z.ZodType>(id: string, schema: S): S {
  named.add(schema, { id })
  return schema
}

export const time = z.iso.datetime().describe('RFC 3339, UTC, milliseconds')
export const count = z.int().nonnegative()
const counts = z.record(z.string(), count)
const headers = z
  .record(z.string(), z.array(z.string()))
  .nullable()
  .describe('trailers among them as `trailer:<name>`; null where the storage policy kept none')

export const outcomes = ['match', 'noise', 'different', 'incomplete'] as const

export const Difference = name(
  'Difference',
  z.object({
    path: z
      .string()
      .describe('`status`, `header:<name>`, `trailer:<name>`, `line:<n>` or an RFC 6901 pointer into the JSON body'),
    kind: z.enum(['changed', 'added', 'removed', 'type', 'reordered']),
    primary: z.unknown().optional(),
    shadow: z.unknown().optional(),
    noise: z.boolean().describe('true: covered by a rule or by learned noise'),
    rule: z.string().nullable(),
  }),
)

const side = {
  status: z.int().nullable(),
  latencyMs: z.number().nonnegative().nullable(),
  bodyBytes: count.nullable().describe('length of the whole body, past what was captured too'),
}
export const Side = name('Side', z.object(side))
export const SideInFull = name(
  'SideInFull',
  z.object({
    ...side,
    headers,
    body: z.string().nullable().describe('decoded text; `base64:…` where it is not text; null where none was kept'),
  }),
)

const comparison = {
  id: z.string().describe('`<exchangeId>:<variant>`'),
  exchangeId: z.string(),
  createdAt: time.describe('the time inside the exchange id'),
  route: z.string(),
  variant: z.string(),
  method: z.string(),
  path: z.string(),
  endpoint: z.string(),
  outcome: z.enum(outcomes),
  differences: z.array(Difference),
  differenceCount: count,
  differencesCut: z.boolean().describe('true: there are more differences than are shown'),
  notes: z.array(z.string()),
  skipped: z.string().nullable().describe('why a side was not captured'),
}
export const ComparisonSummary = name('ComparisonSummary', z.object({ ...comparison, primary: Side, shadow: Side }))
export const Comparison = name(
  'Comparison',
  z.object({ ...comparison, requestHeaders: headers, primary: SideInFull, shadow: SideInFull }),
)
export const ComparisonPage = name(
  'ComparisonPage',
  z.object({ items: z.array(ComparisonSummary), nextCursor: z.string().nullable() }),
)

export const Unpaired = name(
  'Unpaired',
  z.object({
    exchangeId: z.string(),
    createdAt: time,
    variant: z.string(),
    side: z.string().describe('the side that never came'),
    route: z.string(),
    reason: z.string(),
    method: z.string().nullable(),
    path: z.string().nullable(),
  }),
)

export const Pending = name(
  'Pending',
  z.object({
    route: z.string().nullable(),
    arrived: z.array(z.object({ side: z.enum(['primary', 'shadow', 'control']), variant: z.string() })),
    expects: z.array(z.string()).describe('variants that are still to come, as far as known'),
    givesUpAt: time.describe('what has not come by then is kept as unpaired'),
  }),
)

export const Exchange = name(
  'Exchange',
  z.object({
    id: z.string(),
    createdAt: time,
    state: z.enum(['waiting', 'settled']),
    pairs: z.array(Comparison),
    unpaired: z.array(Unpaired),
    notStored: z
      .array(z.string())
      .describe("variants that were compared, but not kept under the route's storage policy"),
    pending: Pending.nullable(),
  }),
)

const componentStates = ['ok', 'degraded', 'down'] as const
export const Component = name(
  'Component',
  z.object({
    name: z.string(),
    state: z.enum(componentStates),
    detail: z.string().optional().describe('left out without a token where one is set'),
    mend: z.string().optional().describe('what a person can do about it'),
    required: z.boolean().optional().describe('false: /readyz does not wait for it'),
  }),
)
export const Status = name(
  'Status',
  z.object({
    state: z.enum(componentStates),
    version: z.string(),
    startedAt: time,
    now: time,
    components: z.array(Component),
  }),
)

const rate = z.number().min(0).max(1)
const kind = z.enum(['changed', 'added', 'removed', 'type', 'reordered'])
const place = z.string().describe('as in a difference, with `*` for array positions and ids')

export const Cause = name(
  'Cause',
  z.object({
    id: z.string(),
    variant: z.string(),
    endpoint: z.string(),
    path: place,
    kind,
    valueClass: z.string().describe('what the value is, or was and became: `string`, `200 → 404`'),
    count: count.describe('pairs that show it'),
    rate: rate.describe("part of the endpoint's compared pairs"),
    controlRate: rate.nullable().describe('the same of the control pairs; null without any'),
    firstSeen: time,
    lastSeen: time,
    samples: z.array(z.string()).describe('ids of comparisons, newest first: varied, the rare ones kept'),
    noise: z.boolean(),
    rule: z.string().nullable().describe("why it is noise: a rule's name, or `learned`"),
  }),
)
export const Field = name(
  'Field',
  z.object({
    endpoint: z.string(),
    path: place,
    kind,
    shadowRate: rate.describe('part of the shadow pairs that differ here'),
    controlRate: rate.nullable().describe('the same of the control pairs; null without any'),
    shadowPairs: count.describe('compared pairs of the endpoint'),
    controlPairs: count,
    noise: z.boolean(),
  }),
)
export const Coverage = name(
  'Coverage',
  z.object({
    tapped: count
      .nullable()
      .describe(
        "expected pairs that the taps counted; null in a window, which the taps' running counters cannot be cut to",
      ),
    compared: count,
    unpaired: counts,
    dropped: counts,
    shed: counts.describe(
      'of the compared: what the guard did not send to the shadow, by reason, so that the pair is incomplete; none in a window',
    ),
    waiting: count.nullable().describe('tapped, and not yet compared, unpaired or dropped'),
    ratio: z.number().min(0).max(1).nullable().describe('compared ÷ tapped; null without traffic'),
  }),
)
export const Report = name(
  'Report',
  z.object({
    route: z.string(),
    window: z.object({ from: time.nullable(), to: time }).describe('whole minutes; from null: since the first count'),
    coverage: Coverage,
    variants: z.array(z.object({ variant: z.string(), compared: count, unpaired: count })),
    endpoints: z.array(
      z.object({
        endpoint: z.string(),
        variant: z.string(),
        pairs: count,
        outcomes: z.object({ match: count, noise: count, different: count, incomplete: count }),
      }),
    ),
    endpointsCut: z.boolean(),
    causes: z.array(Cause).describe('what differs, most pairs first; noise only with include=noise'),
    fields: z.array(Field).describe('how often each place differs in the shadow, and in the control'),
    latency: Latency,
  }),
)

export const Health = name('Health', z.object({ status: z.literal('ok') }))
export const Ready = name('Ready', z.object({ status: z.literal('ready') }))
export const Version = name('Version', z.object({ version: z.string(), node: z.string() }))
export const Index = name(
  'Index',
  z.object({ name: z.string(), version: z.string(), addresses: z.record(z.string(), z.string()) }),
)
export const OverlaySwitch = name(
  'OverlaySwitch',
  z.object({
    overlay: z.enum(['on', 'off']),
    routes: count.describe('routes whose overlay this changed'),
    pending: z.literal(true).optional().describe('asked for, and not carried out yet; `detail` says why'),
    detail: z.string().optional(),
  }),
)
export const Problem = name(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  }),
)

export type ComparisonSummary = z.output<typeof ComparisonSummary>
export type Comparison = z.output<typeof Comparison>
export type ComparisonPage = z.output<typeof ComparisonPage>
export type Unpaired = z.output<typeof Unpaired>
export type Pending = z.output<typeof Pending>
export type Exchange = z.output<typeof Exchange>
export type Component = z.output<typeof Component>
export type Status = z.output<typeof Status>
export type Report = z.output<typeof Report>
export type OverlaySwitch = z.output<typeof OverlaySwitch>
export type Problem = z.output<typeof Problem>
