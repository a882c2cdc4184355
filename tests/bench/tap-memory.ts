// What the tap costs in memory while ingest is down and its queue is full.

import { freePorts } from '../../collector/local-stack/ports.ts'
import { load, startTapBench } from '../helpers/tap-bench.ts'
import type { Bench } from './bench.ts'

const REQUESTS = 20_000
const MIB = 1024 * 1024

export const bench: Bench = {
  name: 'tap-memory',
  title: `Traefik's memory after ${REQUESTS} requests with ingest down`,
  async run(report) {
    const [closed] = await freePorts(1)
    const stage = await startTapBench(['native', 'tap'], { ingestUrl: `http://127.0.0.1:${closed}/v1/taps` })
    try {
      const peaks = new Map<string, number>()
      for (const lane of stage.lanes) {
        report.progress(lane.name)
        let peak = 0
        for (let sent = 0; sent < REQUESTS; sent += 2_000) {
          await load(lane, { amount: 2_000 })
          peak = Math.max(peak, await lane.traefik.rssBytes())
        }
        peaks.set(lane.name, peak)
      }
      const native = (peaks.get('native') ?? 0) / MIB
      const tap = (peaks.get('tap') ?? 0) / MIB
      const baseline = { name: "Traefik's own mirroring", value: native }
      report.figure({ name: 'Traefik memory, tap with ingest down', value: tap, unit: 'MiB', baseline })
      report.figure({ name: 'memory that the tap adds', value: tap - native, unit: 'MiB', bar: { atMost: 64 } })
      report.method('peak of the resident set, looked at every 2,000 requests; the queue is full after some 5,000')
    } finally {
      await stage.stop()
    }
  },
}
