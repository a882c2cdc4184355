// The reference cases of the formulas: figures of the published tests and of an independent 30-digit quadrature.
import { describe, expect, it } from '@jest/globals'
import {
  logEvidenceAbove,
  logEvidenceBelow,
  logFailEvidence,
  logPairedEvidence,
  logPassEvidence,
  logShareEvidence,
  logSplitEvidence,
  logUnpairedEvidence,
} from '../../../collector/core/verdict/e-process.ts'
import { newcombe, wilson } from '../../../collector/core/verdict/intervals.ts'
import { HALF_LOG_TWO_PI, logBeta, stirlingRest } from '../../../collector/core/verdict/log-beta.ts'
import { endpointWeights, logDiffuseEvidence, reportedByEbh } from '../../../collector/core/verdict/multiplicity.ts'
import { controlsToLearn, requestsToPass, secondsFor } from '../../../collector/core/verdict/sample-size.ts'

/** As many significant digits as the reference gives. */
const digits = (value: number, reference: string) =>
  Number(value.toPrecision(reference.replace(/^0\.0*|[.-]|e.*$/g, '').length))

describe('the rest of Stirling’s formula and log-beta', () => {
  it.each([
    [0.5, 0.5723649429247001],
    [1, 0],
    [2, 0],
    [10.5, 13.940625219403763],
    [1e9, 19723265827.503716],
  ])('knows ln Γ(%d)', (x, expected) => {
    const logGamma = (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingRest(x)
    expect(Math.abs(logGamma - expected)).toBeLessThanOrEqual(2e-15 * Math.max(1, Math.abs(expected)))
  })

  it('keeps its digits where three log-gammas would cancel', () => {
    expect(logBeta(1e9, 3)).toBeCloseTo(-61.47665033327929, 12)
    expect(logBeta(0.5, 0.5)).toBeCloseTo(Math.log(Math.PI), 14)
  })
})

describe('an e-process', () => {
  it.each([
    [5, 0, '15.6418'],
    [8, 0, '100.476'],
    [10, 0, '360.793'],
    [20, 5, '38.932'],
    [60, 40, '1.1653'],
  ])('of %d worse and %d better pairs gives %s', (worse, better, reference) => {
    // The references are cut or rounded in their last digit.
    expect(Math.exp(logPairedEvidence(worse, better)) / Number(reference)).toBeCloseTo(1, 4)
  })

  it('needs 6, 8 and 12 worse pairs in a row for 20, 100 and 1000', () => {
    const first = (bar: number) => [...Array(40).keys()].find((worse) => Math.exp(logPairedEvidence(worse, 0)) >= bar)
    expect([20, 100, 1000].map(first)).toEqual([6, 8, 12])
  })

  it.each([
    [20, 1000, '1.344', '16.678'],
    [25, 1000, '81.93', '887.42'],
    [5, 100, '5.24', '24.93'],
  ])('of %d bad in %d against 1 %% gives %s by halves and %s by the tuned prior', (bad, n, halves, tuned) => {
    expect(digits(Math.exp(logEvidenceAbove(bad, n - bad, 0.01)), halves)).toBe(Number(halves))
    expect(digits(Math.exp(logFailEvidence(bad, n, 0.01)), tuned)).toBe(Number(tuned))
  })

  it.each([
    [0, 377, 0.01, '20.020'],
    [0, 299, 0.01, '10.178'],
    [1, 663, 0.01, '20.023'],
    [0, 74, 0.05, '20.182'],
  ])('for PASS of %d bad in %d below %d gives %s', (bad, n, tolerance, reference) => {
    expect(digits(Math.exp(logPassEvidence(bad, n, tolerance)), reference)).toBe(Number(reference))
  })

  it.each([
    [50, 1000, 0.05, '0.0252'],
    [90, 1000, 0.05, '23735'],
    [480, 1000, 0.5, '0.0562'],
    [50, 1000, 0.5, '1.6e213'],
  ])('of a split of %d in %d at %d gives %s', (chosen, total, share, reference) => {
    const value = Math.exp(logSplitEvidence(chosen, total, share))
    expect(Number(value.toPrecision(reference === '1.6e213' ? 2 : reference === '23735' ? 5 : 3))).toBe(
      Number(reference),
    )
  })

  it.each([
    [5e8, 5e8, 0.5, -10.58742427136793, -10.58742427136793],
    [10_000_100, 989_999_900, 0.01, -11.18909542338611, -8.55329497592038],
    [300_000, 200_000, 0.5, 10061.66294896976, -11.96455816411119],
    [10_100, 989_900, 0.01, -6.735579177006151, -5.726359716518159],
    [9_900_000, 990_100_000, 0.01, -14.90035572360426, 498.8904560552959],
    [3, 1e9, 1e-9, -9.346357366892073, -1.7070665629699227],
  ])('of %d bad and %d good against %d keeps twelve digits', (bad, good, rate, above, below) => {
    expect(Math.abs(logEvidenceAbove(bad, good, rate) / above - 1)).toBeLessThan(2e-12)
    expect(Math.abs(logEvidenceBelow(bad, good, rate) / below - 1)).toBeLessThan(2e-12)
  })

  it('is the one-sided beta-binomial mixture of confseq', () => {
    // confseq: g = 0.2, h = 0.8, v_opt = 100, α = 0.05; s = 10 at v = 100 are 135 bad in 625 against a rate of 0.2.
    const spread = 2 * Math.log(10)
    const r = 100 / (spread + Math.log(1 + spread)) - 0.16
    const prior = { a: r / 0.8, b: r / 0.2 }
    expect(logEvidenceAbove(135, 490, 0.2, prior)).toBeCloseTo(-0.07134019, 8)
    expect(logEvidenceAbove(125 + 28.41238, 500 - 28.41238, 0.2, prior)).toBeCloseTo(Math.log(20), 6)
  })

  it('of two arms is that of a coin with the bias of their sizes', () => {
    expect(logUnpairedEvidence(30, 900, 1, 100)).toBe(logEvidenceAbove(30, 1, 0.9))
    expect(logUnpairedEvidence(3, 3, 0, 0)).toBe(0)
  })

  it('of a moving share is the same however its segments are cut and ordered', () => {
    const whole = logShareEvidence([
      { share: 0.05, canary: 12, stable: 20 },
      { share: 0.2, canary: 4, stable: 9 },
    ])
    const cut = logShareEvidence([
      { share: 0.2, canary: 4, stable: 0 },
      { share: 0.05, canary: 12, stable: 20 },
      { share: 0.2, canary: 0, stable: 9 },
    ])
    expect(cut).toBeCloseTo(whole, 12)
    expect(Math.exp(whole)).toBeGreaterThan(20)
    expect(logShareEvidence([])).toBeCloseTo(0, 15)
  })
})

describe('the intervals shown', () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d is Wilson [%d, %d]', (x, n, low, high) => {
    expect(rounded(wilson(x, n))).toEqual([low, high])
  })

  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])('of %d/%d − %d/%d is Newcombe [%d, %d]', (x, n, y, m, low, high) => {
    expect(rounded(newcombe(x, n, y, m))).toEqual([low, high])
  })

  const rounded = ({ low, high }: { low: number; high: number }) => [Number(low.toFixed(4)), Number(high.toFixed(4))]
})

describe('the requests a verdict needs', () => {
  it.each([
    [0.05, 74, 131],
    [0.01, 377, 663],
    [0.005, 756, 1329],
    [0.001, 3787, 6655],
  ])('at tolerance %d are %d without and %d with one bad', (tolerance, none, one) => {
    expect([requestsToPass(0, tolerance, 0.05), requestsToPass(1, tolerance, 0.05)]).toEqual([none, one])
  })

  it('is the first number that reaches the level, for many bad ones too', () => {
    for (const bad of [0, 1, 2, 3, 7, 50, 1_000, 123_456]) {
      const n = requestsToPass(bad, 0.01, 0.05)
      expect(logPassEvidence(bad, n, 0.01)).toBeGreaterThanOrEqual(Math.log(20))
      expect(logPassEvidence(bad, n - 1, 0.01)).toBeLessThan(Math.log(20))
    }
  })

  it('learns noise from 228 control observations at 1 %', () => {
    expect(controlsToLearn(0.01)).toBe(228)
    expect(controlsToLearn(0.5)).toBe(1)
  })

  it('takes as long as today’s traffic lets it', () => {
    expect(secondsFor(377, 0.4)).toBeCloseTo(942.5)
    expect([secondsFor(0, 0), secondsFor(1, 0), secondsFor(1, Number.NaN)]).toEqual([0, null, null])
  })
})

describe('many endpoints', () => {
  const logs = (values: number[]) => values.map(Math.log)

  it('are reported by e-BH', () => {
    expect(reportedByEbh(logs([500, 120, 60, 19, 3, 1, 0.5, 0.2, 0.1, 0.05]), 0.05)).toEqual([0, 1])
    expect(reportedByEbh(logs([3, 250, 1, 210, 190, 90, 0.5, 0.2, 0.1, 0.05]), 0.05)).toHaveLength(4)
    expect(reportedByEbh([], 0.05)).toEqual([])
  })

  it('share one whole, the critical ones half of it', () => {
    const names = Array.from({ length: 5_000 }, (_, k) => `GET /${k}`)
    const sum = (weights: number[]) => weights.reduce((one, two) => one + two, 0)
    expect(sum(endpointWeights(names, new Set()))).toBeCloseTo(1, 3)
    expect(sum(endpointWeights(names, new Set(['GET /7', 'GET /4000'])))).toBeCloseTo(1, 3)
    expect(endpointWeights(['a', 'b', 'c'], new Set(['b', 'unseen']))).toEqual([0.25, 0.25, 0.5 / 6])
  })

  it('are evidence together by their mean', () => {
    expect(Math.exp(logDiffuseEvidence(logs([30, 20, 10])))).toBeCloseTo(20, 10)
    expect(logDiffuseEvidence([5_000, 1])).toBeCloseTo(5_000 - Math.log(2), 10)
  })
})
