// Pairs of the topic compared again, as far as it still holds them: whole bodies as they were captured, matches that the
// storage policy left out among them.
import type { Recomparison } from '../api/history-schemas.ts'
import { createPairing, type PairingEffect } from '../core/pairing.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { InRecord } from '../kafka/consumer.ts'
import type { TopicRange } from '../kafka/topic-range.ts'
import type { CompareJob } from '../pipeline/compare-message.ts'
import type { ComparePool } from '../pipeline/compare-pool.ts'
import type { JudgedPlace, Judging } from '../pipeline/judging.ts'
import { parseTapRecord } from '../pipeline/parse-tap-record.ts'
import type { ReadPastOutcomes } from '../store/past-outcome-reader.ts'
import { addCompared, emptyRecomparison } from './recomparison.ts'

/** Records whose other side did not come yet, at once. */
const MAX_WAITING = { exchanges: 5_000, bytes: 64 * 1024 * 1024 }
const MAX_MS = 25_000

export type TopicRecompareParts = {
  readRange: (options: {
    range: TopicRange
    maxMs: number
    onRecords: (partition: number, records: InRecord[]) => Promise<boolean>
  }) => Promise<boolean>
  pastOutcomes: ReadPastOutcomes
  endpointOf: (route: string, method: string, uri: string) => string
}

type Pair = Extract<PairingEffect, { type: 'pair' }>

type Options = TopicRecompareParts & {
  judging: Judging
  compares: Pick<ComparePool, 'compare'>
  messagesOf: (pair: Pair) => CompareJob['messages']
  now: () => number
}

/** `limit` pairs at most, the oldest first. */
export async function recompareTopic(
  route: string,
  { limit, ...range }: TopicRange & { limit: number },
  options: Options,
): Promise<Recomparison> {
  const answer = emptyRecomparison(route, 'topic')
  const pairing = createPairing({ windowMs: Number.POSITIVE_INFINITY })
  const seen = new Set<string>()

  const compareAll = async (pairs: Pair[]) => {
    const { judging } = options
    const judged = pairs.map((pair) => {
      const { request } = pair.primary
      const endpoint = options.endpointOf(route, request.method, request.uri)
      // Judged as of now: a rule that has expired since hides nothing any more.
      const place: JudgedPlace = { route, variant: pair.variant, endpoint, createdAtMs: options.now() }
      const messages = options.messagesOf(pair)
      const job: CompareJob = { primary: pair.primary, other: pair.other, arrays: judging.arraysOf(place) }
      return { place, job: messages === undefined ? job : { ...job, messages } }
    })
    const keys = pairs.map(({ primary, variant }) => ({ exchangeId: primary.id, variant }))
    const [results, before] = await Promise.all([
      options.compares.compare(judged.map(({ job }) => job)),
      options.pastOutcomes(keys),
    ])
    for (const [n, { place }] of judged.entries()) {
      const [result, past, key] = [results[n], before[n], keys[n]]
      if (result === undefined || key === undefined) continue
      answer.of += 1
      if (past === 'unpaired') {
        answer.leftOut['not paired in time'] = (answer.leftOut['not paired in time'] ?? 0) + 1
        continue
      }
      addCompared(answer, { ...key, endpoint: place.endpoint }, past ?? 'match', judging.judge(place, result))
    }
  }

  answer.isCut = await options.readRange({
    range,
    maxMs: MAX_MS,
    async onRecords(_partition, records) {
      const effects: PairingEffect[] = []
      for (const { value, offset } of records) {
        const record = parseTapRecord(value)
        if (typeof record === 'string' || record.route !== route) continue
        const place = { offset: Number(offset), done: false }
        pairing.accept({ record, place, bytes: value?.length ?? 0 }, 0, effects)
      }
      pairing.shrink(MAX_WAITING.exchanges, MAX_WAITING.bytes, effects)
      const pairs: Pair[] = []
      for (const effect of effects) {
        if (effect.type !== 'pair' || effect.variant === CONTROL_VARIANT) continue
        const key = `${effect.primary.id}:${effect.variant}`
        if (seen.has(key)) continue
        if (seen.size >= limit) break
        seen.add(key)
        pairs.push(effect)
      }
      if (pairs.length > 0) await compareAll(pairs)
      return seen.size < limit
    },
  })
  return answer
}
