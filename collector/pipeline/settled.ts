// A pair that reached its end, on its way to the store. After lane.ts, before settler.ts.
import type { ComparisonResult, UnpairedReason } from '../core/comparison.ts'
import type { Exchange } from '../core/pairing.ts'
import type { Side, TapRecord } from '../core/tap-record.ts'

export type SettledPair = {
  exchange: Exchange
  createdAtMs: number
  route: string
  variant: string
  endpoint: string
} & (
  | { end: 'compared'; primary: TapRecord; other: TapRecord; result: ComparisonResult }
  | { end: 'unpaired'; side: Side; reason: UnpairedReason; record: TapRecord }
  | { end: 'dropped'; reason: string; record: TapRecord }
)

/** The name under which a pair's end is counted in roll-ups. */
export function endName(pair: SettledPair): string {
  if (pair.end === 'compared') return pair.result.outcome
  return `${pair.end}:${pair.reason}`
}

/** How a storage policy treats one compared pair: whole, or only counted. Deterministic in the exchange id, so a replay decides alike. */
export type StoragePolicy = 'all' | 'differing' | { sample: number }

/** `differing` also keeps one in a hundred of the rest; unlisted routes (written by hand into Traefik) keep all. */
export function isKept(policy: StoragePolicy, pair: { exchangeId: string; outcome: string }): boolean {
  if (policy === 'all') return true
  if (pair.outcome !== 'match' && policy === 'differing') return true
  const percent = policy === 'differing' ? 1 : policy.sample
  return Number.parseInt(pair.exchangeId.slice(-6), 16) < (percent / 100) * 0x1000000
}
