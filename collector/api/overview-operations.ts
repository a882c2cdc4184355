import { z } from 'zod'
import type { RouteTrend } from '../store/overview-read-model.ts'
import type { Standing } from '../store/standing-read-model.ts'
import { coverage } from './coverage.ts'
import { type Operation, operation } from './operation.ts'
import * as said from './overview-schemas.ts'
import type { ApiParts } from './parts.ts'

const steps = 24
/** As many as there may be. */
const routeLimit = 2_000
const minutesWords = 'a whole number of minutes from 24 to 10080'

export function overviewOperations(parts: Pick<ApiParts, 'overview' | 'standings' | 'now'>): Operation[] {
  return [
    operation({
      id: 'getOverview',
      method: 'get',
      path: '/api/v1/overview',
      summary:
        'Every route that anything was counted on: outcomes and their trend (control pairs left out), coverage, verdicts',
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
        const [trends, standings] = await Promise.all([
          parts.overview.trends({ fromMs, toMs, bucketSeconds }),
          parts.standings.standings(),
        ])
        const counted = new Map(trends.map((trend) => [trend.route, trend]))
        const routes = new Set([...counted.keys(), ...standings.keys()])
        return {
          window: { from: iso(fromMs), to: iso(toMs) },
          bucketSeconds,
          items: [...routes]
            .slice(0, routeLimit)
            .map((route) => shown(route, counted.get(route) ?? nothing, standings.get(route))),
        } satisfies said.Overview
      },
    }),
  ]
}

const nothing: Omit<RouteTrend, 'route'> = {
  outcomes: { match: 0, noise: 0, different: 0, incomplete: 0 },
  unpaired: 0,
  dropped: 0,
  lastPairAtMs: null,
  trend: [],
}

function shown(
  route: string,
  { lastPairAtMs, trend, ...counts }: Omit<RouteTrend, 'route'>,
  standing: Standing | undefined,
): said.Overview['items'][number] {
  return {
    ...counts,
    route,
    lastPairAt: lastPairAtMs === null ? null : iso(lastPairAtMs),
    trend: trend.map(({ atMs, ...step }) => ({ at: iso(atMs), ...step })),
    coverage: standing ? coverage(standing.ended, standing.taps) : null,
    verdicts: (standing?.verdicts ?? []).map(({ atMs, ...verdict }) => ({ ...verdict, since: iso(atMs) })),
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
