// What the API says of rules and takes for them. What a rule may hold is plugin-config's matter: `parseRule` reads every
// body, so that a file and a request are refused for the same reasons in the same words.
import { z } from 'zod'
import { ruleSchema } from '../../plugin-config/rules-schema.ts'
import { count, name, time } from './schemas.ts'

const rule = z
  .record(z.string(), z.unknown())
  .describe('as a user writes it: at, treat, and where wanted name, endpoint, kinds, until, owner, comment')
const rate = z.number().min(0).max(1)

/** A body is any object here; `parseRule` tells what is wrong with it. */
export const RuleBody = z.record(z.string(), z.unknown())
export const shownRule = ruleSchema

export const RuleView = name(
  'Rule',
  z.object({
    id: z.string(),
    route: z.string().nullable().describe('null: it holds on every route'),
    rule,
    owner: z.string().nullable(),
    comment: z.string().nullable(),
    until: z.union([z.string(), z.object({ version: z.string() })]).nullable(),
    state: z.enum(['active', 'expired']).describe('expired: what it covered counts again'),
    hides: count.describe('pairs with a difference that it covered; a pair with several causes counts for each'),
    createdAt: time.nullable(),
    createdBy: z.string().nullable(),
    managedBy: z.enum(['file', 'rest']),
  }),
)

const example = z.object({
  comparison: z.string().describe('id of the control comparison'),
  primary: z.unknown().optional(),
  control: z.unknown().optional(),
})
export const RuleProposal = name(
  'RuleProposal',
  z.object({
    id: z.string(),
    rule,
    reason: z.string(),
    evidence: z.object({
      endpoint: z.string().describe('several are separated by commas'),
      path: z.string(),
      kind: z.string(),
      pairs: count.describe('control pairs of these endpoints'),
      differing: count.describe('those of them that differ here'),
      examples: z.array(example),
    }),
  }),
)

export const RuleList = name(
  'RuleList',
  z.object({
    items: z.array(RuleView).describe('in the order in which they are asked'),
    proposals: z.array(RuleProposal),
    noise: z
      .array(z.object({ endpoint: z.string(), path: z.string(), kind: z.string(), controlRate: rate, pairs: count }))
      .describe('what control pairs have shown of this version of the primary; masked without any rule'),
  }),
)

export const RulePreview = name(
  'RulePreview',
  z.object({
    hides: count.describe('comparisons that would be noise instead of different'),
    of: count.describe('comparisons that are different, of those looked at: the newest kept ones'),
    touched: count.describe('those with a difference that it covers'),
    hidden: z.array(z.string()).describe('ids of some that it would hide'),
    stillReal: z.array(z.string()).describe('ids of some that it covers and that look like a real change'),
  }),
)

export type RuleView = z.output<typeof RuleView>
export type RuleProposal = z.output<typeof RuleProposal>
export type RuleList = z.output<typeof RuleList>
export type RulePreview = z.output<typeof RulePreview>
