// The shape of a policy as a user writes it: tolerances and coverage in percent, every default in one place.
import { z } from 'zod'

const number = (least: number, most: number) => {
  const expected = `expected a number from ${least} to ${most}`
  return z.number({ error: expected }).min(least, expected).max(most, expected)
}
const flag = z.boolean({ error: 'expected true or false' })
const endpoint = z
  .string({ error: 'expected a method and a path' })
  .max(600, 'expected at most 600 characters')
  .regex(/^[A-Z][A-Z-]{0,15} (\/.*|other)$/, 'expected a method and a path, such as GET /tickets/{id}')
const field = z.string({ error: 'expected a path' }).regex(/^(\/.*|status|(?:header|trailer):[a-z0-9-]+|line:\d+|)$/, {
  error: 'expected a pointer such as /items/*/price, status, header:<name> or trailer:<name>',
})
const tolerance = number(0.01, 25)
const alpha = number(1e-6, 0.2)

/** As it is written: tolerances and coverage in percent. */
export const policySchema = z.strictObject({
  tolerance: z
    .strictObject({
      equality: tolerance.default(1),
      failures: tolerance.optional(),
      endpoints: z.record(endpoint, tolerance).default({}),
    })
    .prefault({}),
  alpha: z
    .strictObject({
      fail: alpha.default(0.01),
      pass: alpha.default(0.05),
      report: alpha.default(0.05),
      hardCap: alpha.default(0.01),
    })
    .prefault({}),
  critical: z
    .strictObject({
      endpoints: z.array(endpoint).max(200, 'expected at most 200').default([]),
      fields: z.array(field).max(200, 'expected at most 200').default([]),
    })
    .prefault({}),
  coverage: z.strictObject({ live: number(0, 100).default(95), complete: number(0, 100).default(90) }).prefault({}),
  latency: z
    .strictObject({
      judged: flag.default(true),
      slowerBy: number(0, 900).default(10),
      tailQuantile: number(0.5, 0.999).default(0.95),
      warmUpRequests: number(0, 10_000).int('expected a whole number').default(20),
      mayFail: flag.optional(),
    })
    .prefault({}),
  hardCap: flag.default(true),
  maxWait: z
    .strictObject({
      seconds: number(60, 31_536_000),
      action: z.enum(['hold', 'rollback'], {
        error: 'expected hold or rollback: silence is never a reason to promote',
      }),
    })
    .nullable()
    .default(null),
})

/** The right names by pointer, for suggestions. */
export const POLICY_NAMES: Record<string, readonly string[]> = {
  '': ['tolerance', 'alpha', 'critical', 'coverage', 'latency', 'hardCap', 'maxWait'],
  '/tolerance': ['equality', 'failures', 'endpoints'],
  '/alpha': ['fail', 'pass', 'report', 'hardCap'],
  '/critical': ['endpoints', 'fields'],
  '/coverage': ['live', 'complete'],
  '/latency': ['judged', 'slowerBy', 'tailQuantile', 'warmUpRequests', 'mayFail'],
  '/maxWait': ['seconds', 'action'],
}
