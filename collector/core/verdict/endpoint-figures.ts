// What is shown of an endpoint's verdict beside its counts. Decides nothing, so it is made for what is shown only.
import { eValueOf, logPairedEvidence } from './e-process.ts'
import { type Interval, newcombe, wilson } from './intervals.ts'
import type { EndpointVerdict } from './verdict.ts'

export type EndpointFigures = {
  /** Part of the requests that differ outside the noisy units. */
  readonly rate: number
  readonly interval: Interval
  /** Part of the control's pairs that differ anywhere: the noise. */
  readonly controlRate: number
  readonly controlInterval: Interval
  /** Pairs of the shadow that differ anywhere minus those of the control. */
  readonly excess: number
  readonly excessInterval: Interval
  /** Capped at e⁷⁰⁰, as the others. */
  readonly eValue: number
  readonly passEValue: number
  /** Whole answers on all three sides: does the shadow differ more often than the control? */
  readonly pairedEValue: number
}

export function endpointFigures(of: EndpointVerdict): EndpointFigures {
  const { n, different, pairs, differing, controlN, controlDiffering } = of
  return {
    rate: part(different, n),
    interval: wilson(different, n),
    controlRate: part(controlDiffering, controlN),
    controlInterval: wilson(controlDiffering, controlN),
    excess: pairs === 0 || controlN === 0 ? 0 : differing / pairs - controlDiffering / controlN,
    excessInterval: newcombe(differing, pairs, controlDiffering, controlN),
    eValue: eValueOf(of.logE),
    passEValue: eValueOf(of.logPass),
    pairedEValue: eValueOf(logPairedEvidence(of.onlyShadow, of.onlyControl)),
  }
}

function part(count: number, total: number): number {
  return total === 0 ? 0 : count / total
}
