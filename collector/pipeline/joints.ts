// An exchange whose shadow and control were both compared tells more than its two pairs: whether only one of them
// differed, and which was slower. This comes to an end of its own beside them, so that it is counted exactly once.
import type { Exchange } from '../core/pairing.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { SettledPair } from './settled.ts'

export type ComparedEnd = Extract<SettledPair, { end: 'compared' }>

export function createJoints() {
  const earlier = new WeakMap<Exchange, ComparedEnd[]>()
  return {
    /** Adds the pair to `out`, and what it completes. */
    add(pair: ComparedEnd, out: SettledPair[]): void {
      out.push(pair)
      const { expects } = pair.primary
      if (expects.length < 2 || !expects.includes(CONTROL_VARIANT)) return
      const before = earlier.get(pair.exchange) ?? []
      earlier.set(pair.exchange, [...before, pair])
      const isControl = pair.variant === CONTROL_VARIANT
      for (const partner of before)
        if ((partner.variant === CONTROL_VARIANT) !== isControl)
          out.push(isControl ? joint(partner, pair) : joint(pair, partner))
    },
  }
}

function joint(shadow: ComparedEnd, control: ComparedEnd): SettledPair {
  const { exchange, createdAtMs, route, endpoint, variant } = shadow
  exchange.unsettled += 1
  const name = `${CONTROL_VARIANT}+${variant}`
  return { exchange, createdAtMs, route, endpoint, variant: name, end: 'joint', of: variant, shadow, control }
}
