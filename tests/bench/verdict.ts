// What verdicts promise, by simulation: false alarms under continuous looking, how soon a regression is found, the whole
// procedure; and what a verdict over thousands of endpoints costs.
import { type EndpointEvidence, emptyEvidence } from '../../collector/core/verdict/evidence.ts'
import { judge } from '../../collector/core/verdict/judge.ts'
import { policyOf } from '../helpers/policy-of.ts'
import { frozenFor, idOf, routeEvidence, seeded } from '../helpers/verdict-evidence.ts'
import type { Bench, Report } from './bench.ts'
import {
  chanceOfSlower,
  coinRun,
  naiveRun,
  pairedRun,
  passRun,
  peekedNormal,
  type Run,
  spoken,
  toleranceBoundary,
} from './verdict-looks.ts'
import { runProcedure } from './verdict-procedure.ts'

const LOOKS = 20_000

export const bench: Bench = {
  name: 'verdict',
  title: 'false alarms, detection and cost of verdicts',
  async run(report) {
    // First, as in a collector, where all evidence is made in one place: the simulations below make it in others.
    cost(report, 10_000, 100)
    cost(report, 50_000)
    harness(report)
    falseAlarms(report)
    detection(report)
    runProcedure(report)
  },
}

/** The published rates of peeking at a normal test (Armitage, McPherson, Rowe 1969): shows that the draws are sound. */
function harness(report: Report): void {
  const published = { 1: 0.05, 2: 0.082, 5: 0.141, 10: 0.193, 20: 0.245, 50: 0.32, 100: 0.373, 1000: 0.531 }
  const counts = Object.keys(published).map(Number)
  const seen = peekedNormal(counts, 20_000)
  const gaps = counts.map((count, i) => Math.abs((seen[i] ?? 1) - published[count as keyof typeof published]))
  report.figure({
    name: 'peeking at |z| > 1.96: furthest from the published rates',
    value: Math.max(...gaps),
    unit: '',
    bar: { atMost: 0.012 },
  })
}

function falseAlarms(report: Report): void {
  const naive = { name: 'one-sided McNemar at each of 3,000 looks', value: spoken(naiveRun(3_000), 2_000, 5).share }
  const row = (name: string, run: Run, baseline?: typeof naive) => {
    report.progress(name)
    const { share } = spoken(run, 2_000, 11)
    report.figure({ name, value: share, unit: 'of runs', bar: { atMost: 0.05 }, ...(baseline && { baseline }) })
  }
  row('false alarms, paired, noise 0 %', pairedRun(0, 0, LOOKS))
  row('false alarms, paired, noise 2 %', pairedRun(0.02, 0, LOOKS))
  row('false alarms, paired, noise 30 %', pairedRun(0.3, 0, LOOKS))
  row('false alarms, paired, only discordant pairs', coinRun(0.5, 3_000), naive)
  row('false alarms, at the tolerance of 1 %', coinRun(0.01, LOOKS, toleranceBoundary))
  row('false alarms, latency at its tolerance × 1.05/1.10', coinRun(chanceOfSlower(1.05, 1.1), LOOKS))
  row('false PASS at the tolerance', passRun(0.01, LOOKS))
  row('false PASS at twice the tolerance', passRun(0.02, LOOKS))
  report.method(`false alarms: 2,000 seeded runs of ${LOOKS} looks at e ≥ 20 (α = 5 %)`)
}

function detection(report: Report): void {
  const row = (name: string, run: Run, published: number) => {
    const { median } = spoken(run, 2_000, 23)
    report.figure({ name: `median detection, ${name}`, value: median, unit: 'pairs', bar: { atMost: 1.1 * published } })
  }
  row('1 % excess, no noise', pairedRun(0, 0.01, LOOKS), 565)
  row('0.2 % excess, no noise', pairedRun(0, 0.002, LOOKS), 2_806)
  row('5 % excess on 2 % noise', pairedRun(0.02, 0.05, LOOKS), 203)
  row('1 % excess on 2 % noise', pairedRun(0.02, 0.01, LOOKS), 3_755)
  row('5 % excess on 30 % noise', pairedRun(0.3, 0.05, LOOKS), 3_244)
  row('2 % against a tolerance of 1 %', coinRun(0.02, LOOKS, toleranceBoundary), 778)
  row('5 % against a tolerance of 1 %', coinRun(0.05, LOOKS, toleranceBoundary), 89)
  row('20 % against a tolerance of 1 %', coinRun(0.2, LOOKS, toleranceBoundary), 13)
  row('latency × 1.2 against 1.05', coinRun(chanceOfSlower(1.2, 1.05), LOOKS), 370)
  row('latency × 1.5 against 1.10', coinRun(chanceOfSlower(1.5, 1.1), LOOKS), 57)
  report.method('detection: median of 2,000 seeded runs, a look after every pair, e ≥ 20')
}

function cost(report: Report, count: number, atMost?: number): void {
  const endpoints = drawnEndpoints(count)
  const frozen = frozenFor(endpoints)
  const policy = policyOf({})
  const rounds: { wall: number; cpu: number }[] = []
  for (let round = 0; round < 15; round += 1) {
    const [startedAt, before] = [performance.now(), process.threadCpuUsage()]
    judge(routeEvidence(endpoints), policy, frozen)
    const { user, system } = process.threadCpuUsage(before)
    rounds.push({ wall: performance.now() - startedAt, cpu: (user + system) / 1000 })
  }
  const median = (of: 'wall' | 'cpu') => rounds.map((round) => round[of]).sort((one, two) => one - two)[7] ?? Number.NaN
  const name = `a verdict over ${count.toLocaleString('en')} endpoints`
  report.figure({ name, value: median('wall'), unit: 'ms', ...(atMost && { bar: { atMost } }) })
  report.figure({ name: `${name}, CPU of its thread`, value: median('cpu'), unit: 'ms' })
}

const PACE = { pairsPerSecond: 1, controlPairsPerSecond: 0.05 }

/** Endpoints of all sizes: a few busy ones, many rare, some noisy, some different. */
function drawnEndpoints(count: number): EndpointEvidence[] {
  const random = seeded(3)
  return Array.from({ length: count }, (_, k) => {
    const pairs = Math.ceil(10 ** (1 + 4 * random()))
    const controlPairs = Math.ceil(Math.min(pairs, 250) + 0.05 * random() * pairs)
    const noise = Math.floor(0.2 * random() * controlPairs)
    const quiet = Math.floor(0.01 * random() ** 4 * pairs)
    const differing = Math.min(pairs, 2 * noise + quiet)
    const slower = Math.floor(0.35 * controlPairs)
    const units = [
      {
        path: '/items/*/at',
        kind: 'changed' as const,
        firstSeen: idOf(k),
        shadow: differing - quiet,
        control: noise,
      },
      { path: '/items/*/price', kind: 'changed' as const, firstSeen: idOf(k), shadow: quiet, control: 0 },
    ]
    const sets = [
      { units: ['changed /items/*/at'], pairs: differing - quiet },
      { units: ['changed /items/*/price'], pairs: quiet },
    ]
    const latency = { slower, notSlower: controlPairs - slower, tailShadow: 3, tailControl: 3 }
    const counts = { pairs, controlPairs, differing, controlDiffering: noise, units, sets, latency }
    return Object.assign(emptyEvidence(`GET /endpoint-${k}`), counts, PACE, { firstSeen: idOf(k) })
  })
}
