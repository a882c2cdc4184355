// The tests of one endpoint and how they share its weight. The weighted mean of e-values is an e-value: reaching the bar
// with the mean is no harder than with any single test at its own part of α.
import { logFailEvidence, logPairedEvidence, logUnpairedEvidence } from './e-process.ts'
import type { ControlKind, EndpointEvidence } from './evidence.ts'
import { weightAt } from './multiplicity.ts'
import { type Quiet, unitsInOrder } from './noise.ts'
import type { EvidenceTest } from './verdict.ts'

/** Parts of an endpoint's evidence; what a test does not use stays an e-value of 1. */
const SHARES = { equality: 0.4, units: 0.4, failures: 0.1, typical: 0.05, tail: 0.05 } as const

export type TestOptions = {
  tolerance: number
  failureTolerance: number
  /** Whether enough control pairs were seen to hold a difference against the shadow. */
  hasLearned: boolean
  control: ControlKind
  latencyMayFail: boolean
}

export function testsOf(evidence: EndpointEvidence, quiet: Quiet, options: TestOptions): EvidenceTest[] {
  const tests = [equalityTest(evidence, quiet, options), ...unitTests(evidence), failuresTest(evidence, options)]
  return [...tests, ...latencyTests(evidence, options)]
}

/** Quiet units together: any difference outside the noisy ones, and every time-out, against tolerance and unseen noise. */
function equalityTest(evidence: EndpointEvidence, quiet: Quiet, options: TestOptions): EvidenceTest {
  const n = evidence.pairs + evidence.timeouts
  const bad = quiet.different + evidence.timeouts
  const nullRate = Math.min(options.tolerance + quiet.unseenNoise, 1)
  const logE = logFailEvidence(bad, n, nullRate)
  const frame = { name: 'equality', nullRate, share: SHARES.equality } as const
  return { ...frame, bad, good: n - bad, logE, counts: options.hasLearned }
}

/**
 * Each unit by itself, shadow against control. Noisy or not: this needs no noise to be learned before, so what differs
 * always is found with few control pairs.
 */
function unitTests(evidence: EndpointEvidence): EvidenceTest[] {
  const { pairs, controlPairs, units } = evidence
  if (pairs === 0 || controlPairs === 0) return []
  const nullRate = pairs / (pairs + controlPairs)
  return unitsInOrder(units).map(({ path, kind, shadow, control }, index) => {
    const logE = logUnpairedEvidence(shadow, pairs, control, controlPairs)
    const frame = {
      name: 'unit',
      unit: `${kind} ${path}`,
      nullRate,
      share: SHARES.units * weightAt(index + 1),
    } as const
    return { ...frame, bad: shadow, good: control, logE, counts: true }
  })
}

/**
 * Failures where the primary answers. Two null hypotheses at once, "within the tolerance" and "the primary fails as often
 * where the shadow answers": the lesser e-value holds against either, so a flaky primary needs no control.
 */
function failuresTest({ pairs, timeouts, worse, better }: EndpointEvidence, options: TestOptions): EvidenceTest {
  const beyondTolerance = logFailEvidence(worse, pairs + timeouts, options.failureTolerance)
  const worseThanPrimary = logPairedEvidence(worse, better)
  const logE = Math.min(beyondTolerance, worseThanPrimary)
  return { name: 'failures', nullRate: 0.5, share: SHARES.failures, bad: worse, good: better, logE, counts: true }
}

function latencyTests({ latency }: EndpointEvidence, options: TestOptions): EvidenceTest[] {
  if (options.control === 'none') return []
  const counts = options.latencyMayFail
  const { slower, notSlower, tailShadow, tailControl } = latency
  return [
    {
      name: 'latency-typical',
      nullRate: 0.5,
      share: SHARES.typical,
      bad: slower,
      good: notSlower,
      counts,
      logE: logPairedEvidence(slower, notSlower),
    },
    {
      name: 'latency-tail',
      nullRate: 0.5,
      share: SHARES.tail,
      bad: tailShadow,
      good: tailControl,
      counts,
      logE: logPairedEvidence(tailShadow, tailControl),
    },
  ]
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
