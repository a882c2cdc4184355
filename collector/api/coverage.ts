// tapped = compared + unpaired(reason) + dropped(reason), in expected pairs: what pairing counted, and what the taps did.
import type { TapCounts } from '../store/report-read-model.ts'
import type { Report } from './schemas.ts'

type Ended = { compared: number; unpaired: Record<string, number>; dropped: Record<string, number> }

/** `taps` is null for a window, which the taps' running counters cannot be cut to. */
export function coverage(counts: Ended, taps: TapCounts | null): Report['coverage'] {
  const unpaired = { ...counts.unpaired }
  const dropped = { ...counts.dropped }
  for (const [reason, pairs] of Object.entries(taps?.dropped ?? {})) dropped[reason] = (dropped[reason] ?? 0) + pairs
  // Without taps of our kind (records posted by hand) there are pairs that no tap counted.
  const tapped = taps && taps.instances > 0 ? taps.tapped : null
  if (tapped !== null) {
    // A primary's record that a tap gave up, or took with it, leaves the copy's alone: that is one pair, not two. And a
    // killed proxy may have had a batch taken without hearing of it.
    const doubled = () => counts.compared + sum(unpaired) + sum(dropped) - tapped
    lower(unpaired, 'no-primary', Math.min(doubled(), sum(taps?.dropped ?? {})))
    lower(dropped, 'proxy-ended', doubled())
  }
  const ended = counts.compared + sum(unpaired) + sum(dropped)
  const of = Math.max(tapped ?? 0, ended)
  return {
    tapped,
    compared: counts.compared,
    unpaired,
    dropped,
    shed: taps?.shed ?? {},
    waiting: tapped === null ? null : Math.max(0, tapped - ended),
    ratio: of === 0 ? null : counts.compared / of,
  }
}

function lower(counts: Record<string, number>, reason: string, by: number): void {
  const left = (counts[reason] ?? 0) - Math.max(0, by)
  if (left > 0) counts[reason] = left
  else delete counts[reason]
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
