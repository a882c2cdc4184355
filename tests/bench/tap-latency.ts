// What the tap adds to the primary's latency at a fixed rate.

import { median, startTapBench } from '../helpers/tap-bench.ts'
import { quantile, steadyLatencies } from '../helpers/tap-steady.ts'
import type { Bench } from './bench.ts'

const ROUNDS = 5
const RATE = 500
const SECONDS = 5

export const bench: Bench = {
  name: 'tap-latency',
  title: `the primary's latency at ${RATE} requests/s, with the tap and with Traefik's own mirroring`,
  async run(report) {
    const stage = await startTapBench(['plain', 'native', 'tap'])
    try {
      const p99 = new Map<string, number[]>()
      for (let round = 0; round < ROUNDS; round++) {
        for (const lane of stage.lanes) {
          report.progress(`round ${round + 1} of ${ROUNDS}: ${lane.name}`)
          const latencies = await steadyLatencies(lane.traefik.port, RATE, SECONDS)
          p99.set(lane.name, [...(p99.get(lane.name) ?? []), quantile(latencies, 0.99)])
        }
      }
      const of = (name: string) => median(p99.get(name) ?? [])
      report.figure({ name: 'primary p99, plain routing', value: of('plain'), unit: 'ms' })
      report.figure({
        name: 'primary p99, tap at share 100 %',
        value: of('tap'),
        unit: 'ms',
        baseline: { name: "Traefik's own mirroring", value: of('native') },
      })
      report.figure({
        name: 'primary p99 that the tap adds to mirroring',
        value: of('tap') - of('native'),
        unit: 'ms',
        bar: { atMost: 1 },
      })
      report.method(
        `median of ${ROUNDS} alternating rounds of ${SECONDS} s; 1 KiB of JSON, an even pace, up to 32 connections`,
      )
    } finally {
      await stage.stop()
    }
  },
}
