// Traefik's CPU per request with the tap, against plain routing, its own mirroring and two plugins that do nothing.

import { measureCpu, median, startTapBench } from '../helpers/tap-bench.ts'
import type { Bench } from './bench.ts'

const ROUNDS = 5
const REQUESTS = 8_000

export const bench: Bench = {
  name: 'tap-cpu',
  title: "the tap's cost in Traefik's CPU, 1 KiB of JSON, 32 connections",
  async run(report) {
    const stage = await startTapBench(['plain', 'native', 'native10', 'empty', 'tap', 'tap10'])
    try {
      const micros = new Map<string, number[]>()
      for (let round = 0; round < ROUNDS; round++) {
        for (const lane of stage.lanes) {
          report.progress(`round ${round + 1} of ${ROUNDS}: ${lane.name}`)
          const cost = await measureCpu(lane, REQUESTS)
          micros.set(lane.name, [...(micros.get(lane.name) ?? []), cost])
        }
      }
      const of = (name: string) => median(micros.get(name) ?? [])
      const native = { name: "Traefik's own mirroring", value: of('native') }
      const plain = { name: 'plain routing', value: of('plain') }
      report.figure({
        name: 'Traefik CPU per request, own mirroring',
        value: of('native'),
        unit: 'µs',
        baseline: plain,
      })
      report.figure({
        name: 'Traefik CPU per request, two empty plugins',
        value: of('empty'),
        unit: 'µs',
        baseline: native,
      })
      report.figure({
        name: 'Traefik CPU per request, tap at share 100 %',
        value: of('tap'),
        unit: 'µs',
        baseline: native,
        bar: { atMost: 1.8, of: 'ratio' },
      })
      report.figure({
        name: 'Traefik CPU per request, own mirroring of 10 %',
        value: of('native10'),
        unit: 'µs',
        baseline: plain,
      })
      report.figure({
        name: 'Traefik CPU per request, tap at share 10 %',
        value: of('tap10'),
        unit: 'µs',
        baseline: plain,
        bar: { atMost: 1.25, of: 'ratio' },
      })
      report.method(
        `median of ${ROUNDS} alternating rounds of ${REQUESTS} requests each; user and system time of the Traefik process, ` +
          'mirrors and batches that follow included',
      )
    } finally {
      await stage.stop()
    }
  },
}
