// A service with every common noise and one real change in one field at 1 %, compared as the pipeline would.
import { rankCauses } from '../../../collector/core/cause/rank-causes.ts'
import { DEFAULT_LIMITS } from '../../../collector/core/compare/comparable.ts'
import { compareJson } from '../../../collector/core/compare/compare-json.ts'
import type { JsonValue } from '../../../collector/core/compare/parse-json.ts'
import { proposeRules } from '../../../collector/core/noise/propose-rules.ts'
import { type CountedPair, causesOfPairs, tallyOfPairs } from '../../helpers/difference-counts.ts'

export const REAL_CHANGE = '/total changed'

const REQUESTS = 4_000
/** The first requests all go to the control, then a share of them. */
const LEARNING = 250
const CONTROL_SHARE = 0.05
const CHANGE_RATE = 0.01
const ENDPOINT = 'GET /orders/{id}'

/** mulberry32: the same numbers for the same seed everywhere. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function service(random: () => number) {
  let served = 0
  const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
  const shuffled = <T>(list: T[]) =>
    list
      .map((one) => [random(), one] as const)
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one)
  return (isChanged: boolean): JsonValue => {
    served += 1 + Math.floor(random() * 3)
    return {
      requestId: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
      at: new Date(1_790_000_000_000 + served * 700 + Math.floor(random() * 700)).toISOString(),
      served,
      token: `t${hex(20)}`,
      tags: shuffled(['new', 'paid', 'gift', 'fragile']),
      items: shuffled([1, 2, 3, 4]).map((id) => ({ id, price: id * 100, seenAt: 1_790_000_000 + served })),
      total: isChanged ? 999 : 1_000,
      currency: 'EUR',
    }
  }
}

export type NoisyExchange = { primary: JsonValue; shadow: JsonValue; control?: JsonValue }

/** What the sides of 4,000 requests answer, one after the other. */
export function* noisyExchanges(seed: number): Generator<NoisyExchange> {
  const random = randomOf(seed)
  const answer = service(random)
  for (let n = 0; n < REQUESTS; n += 1) {
    const primary = answer(false)
    const shadow = answer(random() < CHANGE_RATE)
    const hasControl = n < LEARNING || random() < CONTROL_SHARE
    yield hasControl ? { primary, shadow, control: answer(false) } : { primary, shadow }
  }
}

/** Causes of 4,000 requests, ranked, and the rules that their control pairs propose. */
export function compareNoisyService(seed: number): { causes: string[]; proposals: string[] } {
  const shadowPairs: CountedPair[] = []
  const controlPairs: CountedPair[] = []
  let n = 0
  for (const { primary, shadow, control } of noisyExchanges(seed)) {
    n += 1
    const pair = { exchangeId: `${n}`, endpoint: ENDPOINT, atMs: n }
    shadowPairs.push({ ...pair, differences: compareJson(primary, shadow, DEFAULT_LIMITS) })
    if (control === undefined) continue
    controlPairs.push({ ...pair, differences: compareJson(primary, control, DEFAULT_LIMITS) })
  }
  const control = tallyOfPairs(controlPairs)
  return {
    causes: rankCauses(causesOfPairs(shadowPairs), { control }).map(({ cause }) => `${cause.path} ${cause.kind}`),
    proposals: proposeRules(control).map(({ rule }) => `${rule.treat.as} ${rule.at[0]}`),
  }
}
