// The whole procedure on drawn traffic, row by row: what it may not call a regression, and what it has to find.
import type { VerdictPolicy } from '../../plugin-config/verdict-policy.ts'
import { policyOf } from '../helpers/policy-of.ts'
import { seeded } from '../helpers/verdict-evidence.ts'
import { type SimulatedUnit, type Simulation, simulateCourse, summarise } from '../helpers/verdict-simulation.ts'
import type { Bar, Report } from './bench.ts'

const RUNS = 1_000

const noisy = (noise: number, count = 1): SimulatedUnit[] =>
  Array.from({ length: count }, (_, k) => ({ key: `changed /noise-${noise}-${k}`, noise, extra: 0 }))
const lost = (extra: number): SimulatedUnit => ({ key: 'removed /field', noise: 0, extra })
const alwaysNoisy = noisy(1, 2)

type Row = {
  name: string
  units: SimulatedUnit[]
  control?: false
  failed?: Bar
  passed?: Bar
  median?: Bar
}

/** FAIL at the release level of α = 1 %. */
const silent = { failed: { atMost: 0.01 } }

const ROWS: Row[] = [
  { name: 'no noise', units: [], ...silent, passed: { atLeast: 0.99 } },
  ...[0.005, 0.01, 0.02, 0.05, 0.3, 1].map((rate) => ({
    ...{ name: `noise ${rate * 100} %`, units: noisy(rate), ...silent, passed: { atLeast: 0.95 } },
  })),
  { name: 'noise 0.5, 2 and 100 % in one answer', units: [...noisy(0.005), ...noisy(0.02), ...noisy(1)], ...silent },
  { name: 'noise 1, 5 and 30 % in one answer', units: [...noisy(0.01), ...noisy(0.05), ...noisy(0.3)], ...silent },
  { name: '8 fields of 0.5 % noise', units: noisy(0.005, 8), ...silent },
  { name: '8 fields of 1 % noise', units: noisy(0.01, 8), ...silent },
  { name: '20 fields of 0.2 % noise', units: noisy(0.002, 20), ...silent },
  {
    ...{ name: 'a field lost in 2 %, beside two always noisy', units: [...alwaysNoisy, lost(0.02)] },
    ...{ failed: { atLeast: 0.975 }, median: { atMost: 1.1 * 1_900 } },
  },
  {
    ...{ name: 'a field lost in 5 %, beside two always noisy', units: [...alwaysNoisy, lost(0.05)] },
    ...{ failed: { atLeast: 1 }, median: { atMost: 1.1 * 300 } },
  },
  {
    ...{ name: 'a field lost in 1 %, the tolerance', units: [...alwaysNoisy, lost(0.01)] },
    ...{ failed: { atMost: 0.01 }, passed: { atMost: 0.05 } },
  },
  {
    name: 'a field lost in 2 %, twice the tolerance, no control',
    units: [lost(0.02)],
    control: false,
    passed: { atMost: 0.05 },
  },
  {
    name: 'a field lost in 0.5 %, half the tolerance',
    units: [...alwaysNoisy, lost(0.005)],
    ...silent,
    passed: { atLeast: 0.86 },
  },
  {
    name: '5 % more on a field of 2 % noise',
    units: [{ key: 'changed /a', noise: 0.02, extra: 0.05 }],
    failed: { atLeast: 0.87 },
  },
  { name: '2 % more on a field of 2 % noise', units: [{ key: 'changed /a', noise: 0.02, extra: 0.02 }] },
]

export function runProcedure(report: Report): void {
  const policy = policyOf({ latency: { judged: false } })
  for (const row of ROWS) {
    report.progress(row.name)
    const simulation: Simulation = { units: row.units, pairs: 5_000, lookEvery: 100, control: row.control ?? true }
    const { failed, everPassed, medianFailedAt } = summarise(coursesOf(simulation, policy, RUNS))
    report.figure({ name: `${row.name}: FAIL`, value: failed, unit: 'of runs', ...(row.failed && { bar: row.failed }) })
    report.figure({
      name: `${row.name}: PASS at some look`,
      value: everPassed,
      unit: 'of runs',
      ...(row.passed && { bar: row.passed }),
    })
    if (row.median) {
      report.figure({ name: `${row.name}: median FAIL`, value: medianFailedAt, unit: 'pairs', bar: row.median })
    }
  }
  itself(report, policy)
  report.method(
    `procedure: ${RUNS} seeded runs a row, 5,000 pairs, a look every 100, control with the first 250 and 5 %`,
  )
}

/** The primary behind itself: timestamps and ids that always differ, arrays that come in another order now and then. */
function itself(report: Report, policy: VerdictPolicy): void {
  const units = [...noisy(1, 2), { key: 'reordered /items', noise: 0.4, extra: 0 }]
  const courses = coursesOf({ units, pairs: 2_000, lookEvery: 50, learnOn: 125 }, policy, 40)
  const { failed, passed } = summarise(courses)
  report.figure({
    name: 'the primary behind itself, 20 × 2 endpoints: FAIL',
    value: failed,
    unit: 'of runs',
    bar: { atMost: 0 },
  })
  report.figure({
    name: 'the primary behind itself, 20 × 2 endpoints: end in PASS',
    value: passed,
    unit: 'of runs',
    bar: { atLeast: 1 },
  })
}

function coursesOf(simulation: Simulation, policy: VerdictPolicy, runs: number) {
  return Array.from({ length: runs }, (_, run) => simulateCourse(simulation, policy, seeded(run * 7_919 + 17)))
}
