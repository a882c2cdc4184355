import { z } from 'zod'
import { canBeReplayed, replayedRequest } from '../core/replayed-request.ts'
import { UnderstudyError } from '../errors.ts'
import type { StoredComparison } from '../store/stored-comparison.ts'
import { curlCommand } from './exports/curl-command.ts'
import { httpArchive } from './exports/http-archive.ts'
import { regressionCase } from './exports/regression-case.ts'
import * as said from './history-schemas.ts'
import { type Operation, operation } from './operation.ts'
import type { ApiParts, SideUrls } from './parts.ts'
import { HttpProblem } from './problem.ts'
import * as fields from './query-fields.ts'
import { requireRoute } from './route-named.ts'
import { storedPair } from './stored-pair.ts'
import { readTimeRange } from './time-range.ts'

type Parts = Pick<ApiParts, 'reader' | 'pairWindowMs' | 'now' | 'version' | 'history' | 'routes'>

export function historyOperations(parts: Parts): Operation[] {
  const params = z.strictObject({ id: fields.comparisonId })
  const side = z.enum(['primary', 'shadow'], 'primary or shadow').default('primary')
  const urlsOf = async (stored: StoredComparison): Promise<SideUrls> =>
    (await parts.history?.sideUrls(stored.route, stored.variant)) ?? {}
  const requestOf = (stored: StoredComparison, own?: Record<string, string>) =>
    replayedRequest({ method: stored.method, uri: stored.path, headers: stored.requestHeaders }, own)
  return [
    operation({
      id: 'getComparisonAsCurl',
      method: 'get',
      path: '/api/v1/comparisons/{id}/curl',
      summary: 'The request of a comparison as a line for a shell, without what was hidden',
      tag: 'comparisons',
      params,
      query: z.strictObject({ side }),
      answer: 'text/plain; charset=utf-8',
      problems: ['not-found', 'ambiguous', 'unavailable'],
      async handle({ params: { id }, query, response }) {
        const stored = await storedPair(parts, id)
        const urls = await urlsOf(stored)
        const base = urls[query.side] ?? `http://${query.side}.invalid`
        response.type('text/plain; charset=utf-8').send(curlCommand(base, requestOf(stored)))
      },
    }),
    operation({
      id: 'getComparisonAsHar',
      method: 'get',
      path: '/api/v1/comparisons/{id}/har',
      summary: 'A comparison as an HTTP Archive (HAR 1.2): the request with both answers',
      tag: 'comparisons',
      params,
      answer: said.HttpArchive,
      problems: ['not-found', 'ambiguous', 'unavailable'],
      async handle({ params: { id }, response }) {
        const stored = await storedPair(parts, id)
        const { primary = 'http://primary.invalid', shadow = 'http://shadow.invalid' } = await urlsOf(stored)
        response.set('Content-Disposition', `attachment; filename="${stored.exchangeId}.har"`)
        return httpArchive(stored, { primary, shadow }, parts.version)
      },
    }),
    operation({
      id: 'getComparisonAsCase',
      method: 'get',
      path: '/api/v1/comparisons/{id}/fixture',
      summary: 'A comparison as a regression case: the request, what the primary answered, what may differ',
      tag: 'comparisons',
      params,
      answer: said.RegressionCase,
      problems: ['not-found', 'ambiguous', 'unavailable'],
      async handle({ params: { id } }) {
        const stored = await storedPair(parts, id)
        return regressionCase(stored, requestOf(stored))
      },
    }),
    operation({
      id: 'replayComparison',
      method: 'post',
      path: '/api/v1/comparisons/{id}/replay',
      summary: 'Sends a stored request to both sides once more and compares what they answer now',
      tag: 'comparisons',
      params,
      body: said.ReplayRequest,
      answer: said.Replay,
      problems: ['not-found', 'ambiguous', 'unavailable', 'not-offered', 'cannot-replay', 'replay-failed'],
      async handle({ params: { id }, body }) {
        const history = parts.history ?? absent()
        const stored = await storedPair(parts, id)
        if (!canBeReplayed(stored.method)) {
          const why = `${stored.method} ${stored.endpoint}: expected GET, HEAD or OPTIONS, which change nothing and have no body`
          throw new HttpProblem('cannot-replay', why)
        }
        const { primary, shadow } = await urlsOf(stored)
        if (primary === undefined || shadow === undefined) {
          const which = primary === undefined ? 'the primary' : `the shadow ${stored.variant}`
          throw new HttpProblem('cannot-replay', `no server of ${which} of ${stored.route} is known at the moment`)
        }
        try {
          return await history.replay(stored, requestOf(stored, body.headers), { primary, shadow })
        } catch (error) {
          if (error instanceof UnderstudyError && error.code === 'replay-failed')
            throw new HttpProblem('replay-failed', error.message)
          throw error
        }
      },
    }),
    operation({
      id: 'recompareRoute',
      method: 'post',
      path: '/api/v1/routes/{name}/recompare',
      summary: "Compares a route's pairs again under the rules and noise of now, and shows before and after",
      tag: 'routes',
      params: z.strictObject({ name: fields.route }),
      body: said.RecompareRequest,
      answer: said.Recomparison,
      problems: ['not-found', 'invalid-parameter', 'unavailable', 'not-offered'],
      handle({ params: { name }, body: { from, to, limit, source, offsets } }) {
        requireRoute(parts, name)
        const history = parts.history ?? absent()
        const range = { ...readTimeRange(from, to), limit }
        if (source === 'topic') return history.recompareTopic(name, { ...range, ...(offsets && { offsets }) })
        if (offsets === undefined) return history.recompare(name, range)
        const message = 'offsets are those of the topic: expected source to be topic'
        throw new HttpProblem('invalid-parameter', message, { errors: [{ pointer: '/body/offsets', message }] })
      },
    }),
  ]
}

function absent(): never {
  throw new HttpProblem('not-offered', 'this process cannot reach the services')
}
