import { z } from 'zod'
import type { RouteTrend } from '../store/overview-read-model.ts'
import { type Operation, operation } from './operation.ts'
import * as said from './overview-schemas.ts'
import type { ApiParts } from './parts.ts'

const steps = 24
const minutesWords = 'a whole number of minutes from 24 to 10080'

export function overviewOperations(parts: Pick<ApiParts, 'overview' | 'now'>): Operation[] {
  return [
    operation({
      id: 'getOverview',
      method: 'get',
      path: '/api/v1/overview',
      summary: 'Every route that anything was counted on: outcomes and their trend; control pairs left out',
      tag: 'routes',
      query: z.strictObject({
        minutes: z
          .string(minutesWords)
          .regex(/^\d{1,5}$/, minutesWords)
          .transform(Number)
          .pipe(z.int().min(steps, minutesWords).max(10_080, minutesWords))
          .default(120),
      }),
      answer: said.Overview,
      problems: ['unavailable'],
      async handle({ query: { minutes } }) {
        const bucketSeconds = Math.ceil(minutes / steps) * 60
        const toMs = parts.now()
        const fromMs = Math.floor((toMs - minutes * 60_000) / 60_000) * 60_000
        const routes = await parts.overview.trends({ fromMs, toMs, bucketSeconds })
        return {
          window: { from: iso(fromMs), to: iso(toMs) },
          bucketSeconds,
          items: routes.map(shown),
        } satisfies said.Overview
      },
    }),
  ]
}

function shown({ lastPairAtMs, trend, ...rest }: RouteTrend): said.Overview['items'][number] {
  return {
    ...rest,
    lastPairAt: lastPairAtMs === null ? null : iso(lastPairAtMs),
    trend: trend.map(({ atMs, ...step }) => ({ at: iso(atMs), ...step })),
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
