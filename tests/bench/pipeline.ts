// The pipeline alone: tap records posted to ingest, one collector process, broker and database on the same machine.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { loadPairs } from '../helpers/load-pairs.ts'
import { startOwnCollector, withSharedParts } from '../helpers/own-collector.ts'
import { cpuMicros, memoryMib } from '../helpers/process-cost.ts'
import { createBatchSource } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Bench, Report } from './bench.ts'
import { evidenceCost } from './evidence-cost.ts'

const PASSAGE = resolve(import.meta.dirname, '../helpers/kafka-passage.ts')
const ROUTES = `routes:
  - name: bench
    rule: PathPrefix(\`/\`)
    primary: { url: "http://127.0.0.1:9" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:9" }]
`

type Case = {
  name: string
  bodyBytes: number
  differingPercent: number
  pairs: number
  pairsPerSecond?: number
  rows: 'all' | 'differing and 1 %'
}

export const bench: Bench = {
  name: 'pipeline',
  title: 'Pairs through ingest, Kafka, pairing, comparison and PostgreSQL',
  run: (report) =>
    withSharedParts(async (parts) => {
      const passage = await kafkaPassage(parts.kafka)
      const identical = await measure(report, {
        name: 'identical',
        bodyBytes: 1024,
        differingPercent: 0,
        pairs: 150_000,
        rows: 'differing and 1 %',
      })
      report.figure({
        name: 'identical 1 KiB pairs',
        value: identical.pairsPerSecond,
        unit: 'pairs/s',
        bar: { atLeast: 12_000 },
      })
      report.figure({
        name: "collector's CPU, identical 1 KiB pairs",
        value: identical.cpuMicros,
        unit: 'µs CPU/pair',
        bar: { atMost: 90 },
        baseline: { name: 'kafkajs alone, both records written and read', value: passage },
      })
      report.figure({
        name: "evidence of verdicts, of the collector's CPU, 5 % differing",
        value: await evidenceCost(5),
        unit: 'µs CPU/pair',
        bar: { atMost: 0.05, of: 'ratio' },
        baseline: { name: "collector's CPU, identical 1 KiB pairs", value: identical.cpuMicros },
      })
      const differing = await measure(report, {
        name: '5 % differing',
        bodyBytes: 1024,
        differingPercent: 5,
        pairs: 100_000,
        rows: 'differing and 1 %',
      })
      report.figure({
        name: '1 KiB pairs, 5 % differing',
        value: differing.pairsPerSecond,
        unit: 'pairs/s',
        bar: { atLeast: 8_000 },
      })
      const stored = await measure(report, {
        name: 'all stored',
        bodyBytes: 1024,
        differingPercent: 5,
        pairs: 60_000,
        rows: 'all',
      })
      report.figure({
        name: '1 KiB pairs, 5 % differing, every row with both bodies',
        value: stored.pairsPerSecond,
        unit: 'pairs/s',
      })
      const steady = await measure(report, {
        name: '10 KiB at 500/s',
        bodyBytes: 10_240,
        differingPercent: 5,
        pairs: 20_000,
        pairsPerSecond: 500,
        rows: 'all',
      })
      report.figure({
        name: "collector's memory at 500 pairs/s of 10 KiB",
        value: steady.peakMib,
        unit: 'MiB',
        bar: { atMost: 300 },
      })
      report.method(
        'real Kafka and PostgreSQL (fsync off for the database) and the load on the same cores; time from the first post until every pair is counted in PostgreSQL; CPU of all threads from /proc',
      )
    }),
}

async function measure(report: Report, each: Case) {
  report.progress(each.name)
  const collector = await startOwnCollector({
    ...(each.rows !== 'all' && { routes: ROUTES }),
    env: { UNDERSTUDY_LOG_LEVEL: 'warn' },
  })
  const { pool } = collector
  try {
    const counted = async () =>
      Number((await pool.query<{ n: string }>('SELECT coalesce(sum(pairs), 0) AS n FROM rollups')).rows[0]?.n)
    const source = createBatchSource({
      bodyBytes: each.bodyBytes,
      pairsPerBatch: each.bodyBytes > 4096 ? 25 : 128,
      differingPercent: each.differingPercent,
      slots: 4,
    })
    const load = (pairs: number) =>
      loadPairs({
        url: collector.ingest,
        source,
        pairs,
        connections: 4,
        ...(each.pairsPerSecond && { pairsPerSecond: each.pairsPerSecond }),
      })
    const warm = await load(each.pairsPerSecond ? 1_000 : 20_000)
    await waitUntil(async () => (await counted()) >= warm.pairs, 60_000)
    const cpuBefore = cpuMicros(collector.pid())
    const started = performance.now()
    const { pairs } = await load(each.pairs)
    await waitUntil(async () => (await counted()) >= warm.pairs + pairs, { withinMs: 120_000, everyMs: 20 })
    const seconds = (performance.now() - started) / 1000
    const cpu = cpuMicros(collector.pid()) - cpuBefore
    return {
      pairsPerSecond: Math.round(pairs / seconds),
      cpuMicros: cpu / pairs,
      peakMib: memoryMib(collector.pid()).peak,
    }
  } finally {
    await collector.end()
  }
}

async function kafkaPassage(kafka: string): Promise<number> {
  const topic = `passage-${randomBytes(4).toString('hex')}`
  const { stdout } = await promisify(execFile)(process.execPath, [PASSAGE, kafka, topic, '40000'], { timeout: 120_000 })
  return (JSON.parse(stdout) as { microsPerPair: number }).microsPerPair
}
