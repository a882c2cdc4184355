// What the API says of all routes at once, for a first look.
import { z } from 'zod'
import { Coverage, count, name, time } from './schemas.ts'
import { verdictStates } from './verdict-schemas.ts'

export const Overview = name(
  'Overview',
  z.object({
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
        coverage: Coverage.nullable().describe('since the first count, as in the report'),
        verdicts: z
          .array(z.object({ variant: z.string(), verdict: z.enum(verdictStates), since: time }))
          .describe('the last one noted of each shadow; a change shows within seconds'),
      }),
    ),
  }),
)

export type Overview = z.output<typeof Overview>
