// One stored pair by the id that people have: `<exchangeId>:<variant>`, or the exchange id where it has only one.
import { exchangeTimeMs } from '../core/exchange-id.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { StoredComparison } from '../store/stored-comparison.ts'
import type { ApiParts } from './parts.ts'
import { HttpProblem } from './problem.ts'

type Parts = Pick<ApiParts, 'reader' | 'pairWindowMs' | 'now'>

/** Throws `not-found` with the reason, and `ambiguous` with the ids to choose from. */
export async function storedPair(parts: Parts, id: string, askedVariant?: string): Promise<StoredComparison> {
  const exchangeId = id.slice(0, 36).toLowerCase()
  const variant = id.length > 36 ? id.slice(37) : askedVariant
  const stored = await parts.reader.pairsOf(exchangeId, variant)
  const pairs = variant === undefined ? stored.filter((pair) => pair.variant !== CONTROL_VARIANT) : stored
  const [pair, another] = pairs
  if (!pair) throw nothingStored(parts, exchangeId, variant)
  if (another) {
    const ids = pairs.map((each) => `${exchangeId}:${each.variant}`)
    throw new HttpProblem('ambiguous', `this exchange has several comparisons: ask for one of ${ids.join(', ')}`)
  }
  return pair
}

export function nothingStored(parts: Parts, exchangeId: string, variant: string | undefined): HttpProblem {
  const what = variant === undefined ? `exchange ${exchangeId}` : `exchange ${exchangeId} with variant ${variant}`
  const ageMs = parts.now() - exchangeTimeMs(exchangeId)
  const seconds = Math.ceil(parts.pairWindowMs / 1000)
  const why =
    ageMs < parts.pairWindowMs
      ? `it is ${Math.max(0, Math.round(ageMs / 1000))} s old, and a pair may take up to ${seconds} s to be compared`
      : `a pair takes up to ${seconds} s; an unsampled request has none, and a route's storage policy may keep only those that differ`
  return new HttpProblem('not-found', `nothing is stored of ${what}: ${why}`)
}
