import { z } from 'zod'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import { openEventStream } from './event-stream.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts, LiveEvent } from './parts.ts'
import { liveSummary } from './present.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'

type Parts = Pick<ApiParts, 'subscribe' | 'stopping'>

const maxStreams = 64

export function eventOperations(parts: Parts): Operation[] {
  let open = 0
  return [
    operation({
      id: 'streamEvents',
      method: 'get',
      path: '/api/v1/events',
      summary:
        'Server-sent events from now on: `comparison` (as lists show it), `event` (routes, rollouts, verdicts), `dropped` ({count} that this reader was too slow for)',
      tag: 'events',
      query: z.strictObject({
        kind: z.enum(['comparison', 'event'], 'comparison or event').optional(),
        route: fields.route.optional(),
        variant: fields.variant.optional(),
        outcome: fields.outcome.optional(),
      }),
      answer: 'text/event-stream',
      problems: ['too-many-streams', 'not-offered', 'unavailable'],
      handle({ query, response }) {
        if (!parts.subscribe) throw new HttpProblem('not-offered', 'this process tells no events')
        if (parts.stopping?.aborted) throw new HttpProblem('unavailable', 'this process is stopping')
        if (open >= maxStreams) {
          throw new HttpProblem('too-many-streams', `${maxStreams} streams are open already`, {
            headers: { 'Retry-After': '10' },
          })
        }
        open += 1
        const stream = openEventStream(response, () => {
          open -= 1
          unsubscribe()
          parts.stopping?.removeEventListener('abort', stream.end)
        })
        const unsubscribe = parts.subscribe((event) => {
          if (!isWanted(event, query)) return
          if (event.kind === 'comparison') stream.send('comparison', liveSummary(event.comparison))
          else stream.send('event', event.event)
        }, query.kind)
        parts.stopping?.addEventListener('abort', stream.end, { once: true })
        return undefined
      },
    }),
  ]
}

type Wanted = {
  kind?: LiveEvent['kind'] | undefined
  route?: string | undefined
  variant?: string | undefined
  outcome?: string | undefined
}

function isWanted(event: LiveEvent, wanted: Wanted): boolean {
  if (wanted.kind !== undefined && wanted.kind !== event.kind) return false
  if (event.kind === 'event') return wanted.route === undefined || event.event.route === wanted.route
  const { route, variant, outcome } = event.comparison
  if (wanted.route !== undefined && route !== wanted.route) return false
  if (wanted.variant === undefined ? variant === CONTROL_VARIANT : variant !== wanted.variant) return false
  return wanted.outcome === undefined || outcome === wanted.outcome
}
