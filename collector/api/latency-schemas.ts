// What a report says of response times. Milliseconds.
import { z } from 'zod'

const percentiles = z
  .object({ p50: z.number(), p90: z.number(), p99: z.number() })
  .nullable()
  .describe('milliseconds; null without any pair')
const part = z.number().min(0).max(1).describe("part of the side's answers")

export const Latency = z
  .object({
    primary: percentiles,
    shadow: percentiles,
    control: percentiles,
    shadows: z.array(z.object({ variant: z.string(), latency: percentiles })),
    distribution: z
      .array(z.object({ upToMs: z.number(), primary: part, control: part, shadow: part }))
      .describe('how many answers took how long, each step 46 % longer than the one before; empty without any pair'),
  })
  .describe('of the whole hours that the window touches')

export type Latency = z.output<typeof Latency>
