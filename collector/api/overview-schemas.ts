// What the API says of all routes at once, for a first look.
import { z } from 'zod'
import { named } from './schemas.ts'
import { verdictStates } from './verdict-schemas.ts'

const count = z.int().nonnegative()
const time = z.iso.datetime()

export const Overview = z.object({
  window: z.object({ from: time, to: time }),
  bucketSeconds: count.describe('length of one step of a trend'),
  items: z.array(
    z.object({
      route: z.string(),
      outcomes: z.object({ match: count, noise: count, different: count, incomplete: count }),
      unpaired: count,
      dropped: count.describe('after the tap; what the taps dropped themselves is in the report'),
      lastPairAt: time.nullable(),
      trend: z.array(z.object({ at: time, pairs: count, different: count })).describe('steps without pairs left out'),
      coverage: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .describe('compared ÷ tapped since the first count, as in the report'),
      verdicts: z
        .array(z.object({ variant: z.string(), verdict: z.enum(verdictStates), since: time }))
        .describe('the last one noted of each shadow; a change shows within seconds'),
    }),
  ),
})
named.add(Overview, { id: 'Overview' })

export type Overview = z.output<typeof Overview>
