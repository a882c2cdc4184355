// What the API says of verdicts. Rates are 0 to 1.
import { z } from 'zod'
import { count, name, Report, time } from './schemas.ts'

const rate = z.number().min(-1).max(1)
const interval = z.array(rate).describe('low and high: 95 %, for a fixed number of requests, display only')
export const verdictStates = ['pass', 'fail', 'inconclusive', 'invalid'] as const
const state = z.enum(verdictStates)
const seconds = z.number().nonnegative().nullable().describe("at today's traffic; null where that cannot be told")
const missingFor = z
  .enum(['pass', 'fail'])
  .nullable()
  .describe('what is likely: pass if no further request differs, fail if they differ as often as so far')
const versions = z
  .object({ primary: z.string().optional(), shadow: z.string().optional() })
  .describe('what ran on either side, as far as it is declared or discovered')

const test = z.object({
  name: z.enum(['equality', 'unit', 'failures', 'latency-typical', 'latency-tail']),
  unit: z.string().optional().describe('kind and place, where the test is of one field'),
  bad: count,
  good: count,
  nullRate: z.number(),
  share: z.number().describe("part of the endpoint's evidence"),
  eValue: z.number(),
  counts: z.boolean().describe('false: it may not speak for FAIL (yet)'),
})

export const EndpointVerdictView = name(
  'EndpointVerdict',
  z.object({
    endpoint: z.string(),
    verdict: state,
    reason: z.string().describe('one sentence'),
    reasons: z.array(z.string()).describe('what made it fail, or what keeps it from pass'),
    n: count.describe('requests compared, time-outs of the shadow among them'),
    different: count.describe('of these, differing outside the noise'),
    rate,
    rateInterval: interval,
    controlN: count,
    controlRate: rate.describe('how often the primary differs from itself'),
    controlInterval: interval,
    excess: rate.describe('pairs of the shadow that differ anywhere minus those of the control'),
    excessInterval: interval,
    eValue: z.number().describe('against "the shadow is no worse"'),
    passEValue: z.number().describe('for "the rate is below the tolerance"'),
    pairedEValue: z.number().describe('of exchanges with shadow and control, as a cross-check; decides nothing'),
    reported: z
      .boolean()
      .describe(
        'worth a look: of the endpoints named so, 5 % at most are expected to be the same (e-BH, alpha.report)',
      ),
    weight: rate.describe("part of the route's α"),
    missing: count
      .nullable()
      .describe('requests still needed for what is likely (missingFor); null where that is no question'),
    missingFor,
    missingSeconds: seconds,
    tolerance: rate,
    critical: z.boolean(),
    noNoiseControl: z.boolean(),
    noisyFields: z.array(z.string()).describe('fields that differ in the control too: PASS does not speak for them'),
    samples: z.array(z.string()).describe('ids of comparisons that differ, newest first'),
    tests: z.array(test),
  }),
)

export const VerdictView = name(
  'Verdict',
  z.object({
    route: z.string(),
    variant: z.string(),
    verdict: state,
    action: z.enum(['promote', 'hold', 'rollback']),
    reason: z.string().describe('one sentence'),
    reasons: z.array(z.string()),
    since: time.nullable().describe('when it became what it is; null before it was noted'),
    generation: count.describe('grows with each new version, and by hand; 0 before anything came'),
    generationBegan: time,
    generationReason: z.string(),
    versions,
    alpha: z.object({ fail: z.number(), pass: z.number() }),
    endpoints: z
      .array(EndpointVerdictView)
      .describe('in order of first sight; at most 1,000 and none that failed left out'),
    endpointsCut: z.boolean(),
    latency: z.object({ judged: z.boolean(), mayFail: z.boolean() }),
    unverified: z.array(z.string()).describe('endpoints of which nothing was compared'),
    coverage: rate.describe('part of the requests on endpoints that pass'),
    coverageNeeded: rate,
    noNoiseControl: z.boolean(),
    missing: count,
    missingFor,
    missingSeconds: seconds,
    diffuseEValue: z.number().describe('mean e-value of the endpoints: against "nothing changed anywhere"'),
  }),
)

export const VerdictReport = name('VerdictReport', Report.extend({ verdict: VerdictView.nullable() }))

export const GenerationRequest = name(
  'GenerationRequest',
  z.strictObject({
    reason: z.string('a reason').trim().min(1, 'a reason').max(500, 'at most 500 characters'),
    variant: z.string("a shadow's name").max(100).optional().describe('only this shadow; else all, and their control'),
  }),
)
export const Generations = name(
  'Generations',
  z.object({
    items: z.array(z.object({ variant: z.string(), generation: count, beganAt: time, reason: z.string(), versions })),
  }),
)

export const VerdictChangePage = name(
  'VerdictChangePage',
  z.object({
    items: z.array(
      z.object({
        id: count,
        at: time,
        route: z.string(),
        variant: z.string(),
        generation: count,
        verdict: state,
        reason: z.string(),
      }),
    ),
    nextCursor: z.string().nullable(),
  }),
)

export type EndpointVerdictView = z.output<typeof EndpointVerdictView>
export type VerdictReport = z.output<typeof VerdictReport>
export type VerdictView = z.output<typeof VerdictView>
export type VerdictChangePage = z.output<typeof VerdictChangePage>
export type Generations = z.output<typeof Generations>
