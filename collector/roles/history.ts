// History again: a stored request sent to both sides once more, and stored pairs compared under the rules of now.

import { createHash } from 'node:crypto'
import type { Recomparison, Replay } from '../api/history-schemas.ts'
import type { HistoryPart, SideUrls } from '../api/parts.ts'
import { DEFAULT_LIMITS } from '../core/compare/comparable.ts'
import { readableBody } from '../core/compare/readable-body.ts'
import type { ComparisonResult } from '../core/comparison.ts'
import { comparableOf, storedHeaders } from '../core/stored-side.ts'
import { CONTROL_VARIANT, type Side, type TapResponse } from '../core/tap-record.ts'
import { type ComparePool, createComparePool } from '../pipeline/compare-pool.ts'
import type { Judging } from '../pipeline/judging.ts'
import { type ReceivedAnswer, SEND_LIMITS, sendRequest } from '../replay/send-request.ts'
import type { ComparisonReadModel } from '../store/comparison-read-model.ts'
import type { StoredComparison } from '../store/stored-comparison.ts'
import type { MessageSets } from './message-sets.ts'
import { recompareTopic, type TopicRecompareParts } from './recompare-topic.ts'
import { addCompared, emptyRecomparison } from './recomparison.ts'

/** Pairs with their bodies, held at once: 25 of them are 13 MiB at most. */
const PAGE = 25

type Options = {
  reader: Pick<ComparisonReadModel, 'listInFull'>
  /** By all that is known at the moment; throws what PostgreSQL throws. */
  judgingNow: () => Promise<Judging>
  messages: Pick<MessageSets, 'of'>
  sideUrls: (route: string, variant: string) => Promise<SideUrls>
  topic: TopicRecompareParts
  now: () => number
}

/** The pool of comparing threads is made at the first use: most processes never need it. */
export function createHistory(options: Options): HistoryPart & { close(): Promise<void> } {
  const { reader, judgingNow, messages, sideUrls, now } = options
  let pool: ComparePool | undefined
  let topicTurn: Promise<unknown> = Promise.resolve()
  const compares = () => {
    pool ??= createComparePool({ size: 1, timeLimitMs: 500 })
    return pool
  }
  /** Judged as of now: a rule that has expired since hides nothing any more. */
  const placeOf = ({ route, variant, endpoint }: StoredComparison) => ({ route, variant, endpoint, createdAtMs: now() })

  async function recompareOne(stored: StoredComparison, judging: Judging): Promise<ComparisonResult | string> {
    if (stored.outcome === 'incomplete') return 'incomplete'
    const other: Side = stored.variant === CONTROL_VARIANT ? 'control' : 'shadow'
    const primary = comparableOf('primary', stored.method, stored.primary)
    const shadow = comparableOf(other, stored.method, stored.shadow)
    if (!primary || !shadow) return 'no body kept'
    const place = placeOf(stored)
    const arrays = judging.arraysOf(place)
    const types = messages.of(stored.route, requestOf(stored), primary.response?.headers)
    const [result] = await compares().compare([{ primary, other: shadow, arrays, ...(types && { messages: types }) }])
    if (!result) return 'not compared'
    const coding = stored.differences.filter(({ path }) => path === 'header:content-encoding')
    return judging.judge(place, withDifferences(result, coding))
  }

  return {
    sideUrls,
    async replay(stored, request, urls) {
      const judging = await judgingNow()
      const [primary, shadow] = await Promise.all([
        sendRequest(urls.primary, request),
        sendRequest(urls.shadow, { ...request, headers: [...request.headers, ['X-Shadow-Request', 'true']] }),
      ])
      const place = placeOf(stored)
      const types = messages.of(stored.route, requestOf(stored), primary.headers)
      const job = {
        primary: { side: 'primary' as const, request: { method: request.method }, response: responseOf(primary) },
        other: { side: 'shadow' as const, request: { method: request.method }, response: responseOf(shadow) },
        arrays: judging.arraysOf(place),
        ...(types && { messages: types }),
      }
      const [compared] = await compares().compare([job])
      const result = judging.judge(
        place,
        compared ?? { outcome: 'incomplete', differences: [], differencesCut: false, notes: [] },
      )
      return {
        comparisonId: `${stored.exchangeId}:${stored.variant}`,
        exchangeId: stored.exchangeId,
        outcome: result.outcome,
        differences: result.differences.map(({ noise, rule, ...rest }) => ({
          ...rest,
          noise: noise ?? false,
          rule: rule ?? null,
        })),
        notes: result.notes,
        hidden: request.hidden,
        primary: sideOf(urls.primary, primary),
        shadow: sideOf(urls.shadow, shadow),
        before: { outcome: stored.outcome, differences: stored.differenceCount },
      } satisfies Replay
    },
    async recompare(route, { limit, ...range }) {
      const judging = await judgingNow()
      const answer = emptyRecomparison(route, 'stored')
      let after: { exchangeId: string; variant: string } | undefined
      while (answer.of < limit) {
        const page = { limit: Math.min(PAGE, limit - answer.of), ...(after && { after }) }
        const { items, next } = await reader.listInFull({ route, ...range }, page)
        for (const stored of items) {
          answer.of += 1
          const again = await recompareOne(stored, judging)
          if (typeof again === 'string') answer.leftOut[again] = (answer.leftOut[again] ?? 0) + 1
          else addCompared(answer, stored, stored.outcome, again)
        }
        if (next === null) return answer
        after = next
      }
      return { ...answer, isCut: true }
    },
    recompareTopic(route, range) {
      // One after the other: each holds up to its bound of records.
      topicTurn = topicTurn.then(run, run)
      return topicTurn as Promise<Recomparison>

      async function run(): Promise<Recomparison> {
        const messagesOf: Parameters<typeof recompareTopic>[2]['messagesOf'] = ({ primary: { request, response } }) =>
          messages.of(route, request, response?.headers)
        const parts = { ...options.topic, judging: await judgingNow(), compares: compares(), messagesOf, now }
        return recompareTopic(route, range, parts)
      }
    },
    async close() {
      await pool?.close()
    },
  }
}

/** A change of the content coding is a difference of its own, and bodies are stored decoded. */
function withDifferences(result: ComparisonResult, more: ComparisonResult['differences']): ComparisonResult {
  if (more.length === 0) return result
  return { ...result, outcome: 'different', differences: [...result.differences, ...more] }
}

function requestOf({ method, path }: StoredComparison): { method: string; uri: string } {
  return { method, uri: path }
}

function responseOf(answer: ReceivedAnswer): TapResponse {
  const { status, headers, trailers, body, bodyBytes } = answer
  return {
    status,
    headers,
    body: body.toString('base64'),
    bodyEncoding: 'base64',
    bodyBytes,
    bodyHash: bodyBytes === 0 ? '' : createHash('sha256').update(body).digest('hex'),
    truncated: bodyBytes > SEND_LIMITS.maxBytes,
    ...(Object.keys(trailers).length > 0 && { trailers }),
  }
}

function sideOf(url: string, answer: ReceivedAnswer): Replay['primary'] {
  const response = responseOf(answer)
  return {
    url,
    status: answer.status,
    headers: storedHeaders(response),
    body: readableBody(response, DEFAULT_LIMITS),
    bodyBytes: answer.bodyBytes,
    latencyMs: answer.totalMicros / 1000,
  }
}
