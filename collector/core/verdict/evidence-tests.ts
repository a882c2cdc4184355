// The tests of one endpoint and how they share its weight. The weighted mean of e-values is an e-value: reaching the bar
// with the mean is no harder than with any single test at its own part of α.

import type { ControlKind } from '../../../plugin-config/verdict-policy.ts'
import { fieldKey } from '../noise/noise-unit.ts'
import { logFailEvidence, logPairedEvidence, logUnpairedEvidence } from './e-process.ts'
import type { EndpointEvidence } from './evidence.ts'
import { weightAt } from './multiplicity.ts'
import { type Quiet, unitsInOrder } from './noise.ts'
import type { EvidenceTest } from './verdict.ts'

/** Parts of an endpoint's evidence; what a test does not use stays an e-value of 1. */
const SHARES = { equality: 0.4, units: 0.4, failures: 0.1, typical: 0.05, tail: 0.05 } as const

const NONE: readonly EvidenceTest[] = []

export type TestOptions = {
  tolerance: number
  failureTolerance: number
  /** Whether enough control pairs were seen to hold a difference against the shadow. */
  hasLearned: boolean
  control: ControlKind
  latencyMayFail: boolean
}

/** Those of which something was observed, and always the first two. */
export function testsOf(evidence: EndpointEvidence, quiet: Quiet, options: TestOptions): EvidenceTest[] {
  const first = [equalityTest(evidence, quiet, options), failuresTest(evidence, options)]
  const units = unitTests(evidence)
  const latency = options.control === 'none' ? NONE : latencyTests(evidence, options)
  return first.concat(units, latency)
}

/**
 * Quiet units together: any difference outside the noisy ones, and every time-out, against tolerance and unseen noise.
 * What could not be compared in full is held for equal here, and is no help for PASS.
 */
function equalityTest(evidence: EndpointEvidence, quiet: Quiet, options: TestOptions): EvidenceTest {
  const n = evidence.pairs + evidence.timeouts + evidence.incomplete
  const bad = quiet.different + evidence.timeouts
  const nullRate = Math.min(options.tolerance + quiet.unseenNoise, 1)
  const logE = logFailEvidence(bad, n, nullRate)
  return { name: 'equality', bad, good: n - bad, nullRate, share: SHARES.equality, logE, counts: options.hasLearned }
}

/**
 * Each unit by itself, shadow against control. Noisy or not: this needs no noise to be learned before, so what differs
 * always is found with few control pairs.
 */
function unitTests({ pairs, controlPairs, units }: EndpointEvidence): readonly EvidenceTest[] {
  if (pairs === 0 || controlPairs === 0 || units.length === 0) return NONE
  const nullRate = pairs / (pairs + controlPairs)
  return unitsInOrder(units).map(
    (of, i): EvidenceTest => ({
      name: 'unit',
      unit: fieldKey(of),
      bad: of.shadow,
      good: of.control,
      nullRate,
      share: SHARES.units * weightAt(i + 1),
      logE: logUnpairedEvidence(of.shadow, pairs, of.control, controlPairs),
      counts: true,
    }),
  )
}

/**
 * Failures where the primary answers. Two null hypotheses at once, "within the tolerance" and "the primary fails as often
 * where the shadow answers": the lesser e-value holds against either, so a flaky primary needs no control.
 */
function failuresTest(evidence: EndpointEvidence, options: TestOptions): EvidenceTest {
  const { pairs, timeouts, incomplete, worse, better } = evidence
  const beyondTolerance = logFailEvidence(worse, pairs + timeouts + incomplete, options.failureTolerance)
  const worseThanPrimary = logPairedEvidence(worse, better)
  const logE = Math.min(beyondTolerance, worseThanPrimary)
  return { name: 'failures', nullRate: 0.5, share: SHARES.failures, bad: worse, good: better, logE, counts: true }
}

function latencyTests({ latency }: EndpointEvidence, { latencyMayFail }: TestOptions): readonly EvidenceTest[] {
  const { slower, notSlower, tailShadow, tailControl } = latency
  if (slower + notSlower === 0) return NONE
  return [
    latencyTest('latency-typical', SHARES.typical, slower, notSlower, latencyMayFail),
    latencyTest('latency-tail', SHARES.tail, tailShadow, tailControl, latencyMayFail),
  ]
}

function latencyTest(
  name: 'latency-typical' | 'latency-tail',
  share: number,
  bad: number,
  good: number,
  counts: boolean,
): EvidenceTest {
  return { name, bad, good, nullRate: 0.5, share, logE: logPairedEvidence(bad, good), counts }
}

/** The endpoint's e-value: the weighted mean of those that count, the rest 1. */
export function logEndpointEvidence(tests: readonly EvidenceTest[]): number {
  let most = 0
  for (const { logE, counts } of tests) if (counts && logE > most) most = logE
  let rest = 1
  let sum = 0
  for (const { logE, share, counts } of tests) {
    if (!counts) continue
    rest -= share
    sum += share * Math.exp(logE - most)
  }
  return most + Math.log(sum + Math.max(0, rest) * Math.exp(-most))
}
