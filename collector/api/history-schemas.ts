// What the operations on history say: one stored request again, and many stored pairs compared again.
import { z } from 'zod'
import { count, Difference, name, outcomes } from './schemas.ts'

const headers = z.record(z.string(), z.array(z.string()))
const outcome = z.enum(outcomes)
const byOutcome = z.object({ match: count, noise: count, different: count, incomplete: count })

export const ReplayRequest = z.strictObject({
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'header names'), z.string().max(8192))
    .optional()
    .describe('sent besides the stored ones, or instead: credentials, whose stored values are hidden'),
})

const replayedSide = z.object({
  url: z.string().describe('the server that was asked'),
  status: z.int(),
  headers,
  body: z.string().describe('decoded text; `base64:…` where it is not text'),
  bodyBytes: count,
  latencyMs: z.number().nonnegative(),
})

export const Replay = name(
  'Replay',
  z.object({
    comparisonId: z.string(),
    exchangeId: z.string(),
    outcome,
    differences: z.array(Difference),
    notes: z.array(z.string()),
    hidden: z.array(z.string()).describe('headers and query parameters that were hidden, and so not sent'),
    primary: replayedSide,
    shadow: replayedSide,
    before: z.object({ outcome, differences: count }).describe('what was found when it was captured'),
  }),
)

const time = z.iso.datetime({ offset: true, error: 'a time as RFC 3339 writes it' })
const offset = z.int().min(0)
export const RecompareRequest = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  limit: z
    .int()
    .min(1)
    .max(10_000)
    .default(1_000)
    .describe('pairs at most: stored ones newest first, of the topic oldest'),
  source: z
    .enum(['stored', 'topic'], 'stored or topic')
    .default('stored')
    .describe('`topic`: what the topic of tap records still holds, matches that were not stored among it'),
  offsets: z
    .array(z.strictObject({ partition: z.int().min(0).max(100_000), from: offset, to: offset.optional() }))
    .min(1)
    .max(1_000)
    .optional()
    .describe('with `topic`: the offsets to read (`to` is not read), and no other partition'),
})

export const Recomparison = name(
  'Recomparison',
  z.object({
    route: z.string(),
    source: z.enum(['stored', 'topic']),
    of: count.describe('pairs that were looked at'),
    leftOut: z.record(z.string(), count).describe('by reason'),
    isCut: z.boolean().describe('true: there are more pairs in that time than were looked at'),
    before: byOutcome.describe('of the topic: what is not stored was a match'),
    after: byOutcome,
    changed: z
      .array(z.object({ id: z.string(), endpoint: z.string(), before: outcome, after: outcome, differences: count }))
      .describe('at most 200 pairs whose outcome is another now'),
  }),
)

export const HttpArchive = z.looseObject({ log: z.looseObject({}) })
export const RegressionCase = name('RegressionCase', z.looseObject({ format: z.literal('understudy-case/1') }))

export type Replay = z.output<typeof Replay>
export type Recomparison = z.output<typeof Recomparison>
