// A pair that reached its end, on its way to the store. After lane.ts, before settler.ts.

import type { StorePolicy } from '../../plugin-config/route.ts'
import type { ComparisonResult, UnpairedReason } from '../core/comparison.ts'
import { spreadOf } from '../core/exchange-id.ts'
import type { Exchange } from '../core/pairing.ts'
import type { Side, TapRecord } from '../core/tap-record.ts'
import type { ComparedPair } from '../core/verdict/pair-metrics.ts'

export type SettledPair = {
  exchange: Exchange
  createdAtMs: number
  route: string
  variant: string
  endpoint: string
} & (
  | {
      end: 'compared'
      primary: TapRecord
      other: TapRecord
      result: ComparisonResult
      /** Stored whole; otherwise both records are outlines, so that what nobody reads any more is free at once. */
      isKept: boolean
    }
  | { end: 'unpaired'; side: Side; reason: UnpairedReason; record: TapRecord }
  | { end: 'dropped'; reason: string; record: TapRecord }
  | {
      /** Shadow and control of the same exchange, beside their two pairs: nothing is stored of it but evidence. */
      end: 'joint'
      /** The shadow's variant; `variant` is `control+<of>`. */
      of: string
      shadow: ComparedPair
      control: ComparedPair
    }
)

/** The name under which a pair's end is counted in roll-ups. */
export function endName(pair: Exclude<SettledPair, { end: 'joint' }>): string {
  if (pair.end === 'compared') return pair.result.outcome
  return `${pair.end}:${pair.reason}`
}

/**
 * Whether a compared pair is kept whole or only counted. What is no match is always kept; of the matches `sample`
 * percent are, by their exchange id, and those that are rare.
 */
export function isKept(
  policy: StorePolicy,
  pair: { exchangeId: string; outcome: string },
  isRare: () => boolean = () => false,
): boolean {
  if (policy === 'all' || pair.outcome !== 'match') return true
  if (policy === 'differing' || policy.sample === 0) return false
  return isRare() || spreadOf(pair.exchangeId) < (policy.sample / 100) * 0x100000000
}
