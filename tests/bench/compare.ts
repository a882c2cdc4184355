// What a comparison costs: decided by hash, diffed in full, against JSON.parse of both bodies, and json-diff-ts and
// jsondiffpatch on whole documents; and the quick look for secrets over a batch.
import { diff } from 'json-diff-ts'
import { create } from 'jsondiffpatch'
import { DEFAULT_LIMITS } from '../../collector/core/compare/comparable.ts'
import { compareFull } from '../../collector/core/compare/compare-full.ts'
import { decideFast } from '../../collector/core/compare/decide-fast.ts'
import { createRedaction } from '../../collector/core/redact-body.ts'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { createComparePool } from '../../collector/pipeline/compare-pool.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import type { Bench } from './bench.ts'

/** As it is used on lists: their elements by a name. */
const byId = create({ objectHash: (element) => (element as { id?: string }).id })

const ROUNDS = 7
const ROUND_MS = 60
const SIZES = [1, 15, 150, 1_024]
/** The biggest document of the bench has more values than are compared by default. */
const WIDE = { ...DEFAULT_LIMITS, maxNodes: 100_000 }

export const bench: Bench = {
  name: 'compare',
  title: 'CPU of one comparison and of the quick look for secrets',
  async run(report) {
    for (const kib of SIZES) {
      report.progress(`${kib} KiB`)
      const { primary, equal, other, sorted } = pairOf(kib)
      const before = primary.response?.body ?? ''
      const after = other.response?.body ?? ''
      const micros = alternate({
        decided: () => decideFast(primary, equal),
        full: () => compareFull(primary, other, WIDE),
        sorted: () => compareFull(primary, sorted, WIDE),
        parsed: () => [JSON.parse(before), JSON.parse(after)],
        plain: () => diff(JSON.parse(before), JSON.parse(after)),
        patch: () => byId.diff(JSON.parse(before), JSON.parse(after)),
      })
      const parse = { name: 'JSON.parse of both', value: micros.parsed }
      report.figure({
        name: `equal bodies, ${kib} KiB`,
        value: micros.decided,
        unit: 'µs',
        baseline: parse,
        bar: { atMost: 5 },
      })
      report.figure({
        name: `other order of keys, ${kib} KiB`,
        value: micros.sorted,
        unit: 'µs',
        baseline: parse,
        bar: { atMost: 1.2, of: 'ratio' },
      })
      report.figure({
        name: `one field differs, ${kib} KiB`,
        value: micros.full,
        unit: 'µs',
        baseline: parse,
        // What every pair costs besides its bodies is most of it in a small document.
        ...(kib > 1 && { bar: { atMost: 2, of: 'ratio' } }),
      })
      report.figure({
        name: `one field differs, ${kib} KiB, against json-diff-ts`,
        value: micros.full,
        unit: 'µs',
        baseline: { name: 'json-diff-ts on whole documents, parse included', value: micros.plain },
        bar: { atMost: 1, of: 'ratio' },
      })
      report.figure({
        name: `one field differs, ${kib} KiB, against jsondiffpatch`,
        value: micros.full,
        unit: 'µs',
        baseline: { name: 'jsondiffpatch by id, parse included', value: micros.patch },
      })
    }
    report.figure(await poolCost())
    report.figure(secretsSpeed())
    report.method(
      `median of ${ROUNDS} alternating rounds of ${ROUND_MS} ms each, one thread; bodies of ordinary JSON objects`,
    )
  },
}

/** Median microseconds a call, rounds of all alternating. */
function alternate<Name extends string>(calls: Record<Name, () => unknown>): Record<Name, number> {
  const names = Object.keys(calls) as Name[]
  const rounds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of names) {
      const micros = timed(calls[name])
      // The first round warms up.
      if (round > 0) rounds[name].push(micros)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rounds[name])])) as Record<Name, number>
}

function timed(call: () => unknown): number {
  const startedAt = performance.now()
  let calls = 0
  let spentMs = 0
  while (spentMs < ROUND_MS) {
    for (let i = 0; i < 10; i += 1) call()
    calls += 10
    spentMs = performance.now() - startedAt
  }
  return (spentMs * 1_000) / calls
}

/** Main thread's CPU of handing a pair to the pool and taking its result. */
async function poolCost() {
  const pool = createComparePool()
  const { primary, other } = pairOf(1)
  const jobs = Array.from({ length: 1_000 }, () => ({ primary, other }))
  const costs: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const busyBefore = performance.eventLoopUtilization()
    await pool.compare(jobs)
    costs.push((performance.eventLoopUtilization(busyBefore).active * 1_000) / jobs.length)
  }
  await pool.close()
  return { name: 'one field differs, 1 KiB, event loop of the pool', value: median(costs.slice(1)), unit: 'µs' }
}

function secretsSpeed() {
  const redaction = createRedaction({ key: Buffer.from('a key of the bench') })
  const lines = Array.from({ length: 400 }, (_, i) => `${JSON.stringify(tapRecord({ body: documentOf(1, i) }))}\n`)
  const batch = Buffer.from(lines.join('')).toString('latin1')
  const { look, parse } = alternate({
    look: () => redaction.mayHoldSecret(batch),
    parse: () => lines.map((line) => JSON.parse(line)),
  })
  return {
    name: 'quick look for secrets, none there',
    value: batch.length / look,
    unit: 'MB/s',
    baseline: { name: 'JSON.parse of the same lines', value: batch.length / parse },
    bar: { atLeast: 1.2, of: 'ratio' as const },
  }
}

type Sides = { primary: TapRecord; equal: TapRecord; other: TapRecord; sorted: TapRecord }

function pairOf(kib: number): Sides {
  const before = documentOf(kib, 0)
  const after = before.replace('"status":"open"', '"status":"closed"')
  return {
    primary: consumed(tapRecord({ body: before })),
    equal: consumed(tapRecord({ body: before, side: 'shadow' })),
    other: consumed(tapRecord({ body: after, side: 'shadow' })),
    sorted: consumed(tapRecord({ body: JSON.stringify(withReversedKeys(JSON.parse(before))), side: 'shadow' })),
  }
}

function withReversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReversedKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, withReversedKeys(inner)] as const)
  return Object.fromEntries(entries.reverse())
}

/** As the consumer reads it: no string is shared between the sides. */
function consumed(record: TapRecord): TapRecord {
  return JSON.parse(JSON.stringify(record)) as TapRecord
}

function documentOf(kib: number, seed: number): string {
  const items: unknown[] = []
  for (let bytes = 0, i = seed; bytes < kib * 1_000; i += 1) {
    const item = {
      id: i * 7_919,
      title: `Printer ${i} on floor ${i % 9} does not print what it is told to print`,
      status: i % 3 === 0 ? 'open' : 'waiting',
      author: { name: `Person ${i % 50}`, roles: ['staff', 'office'] },
      createdAt: '2026-01-02T03:04:05.678Z',
    }
    bytes += JSON.stringify(item).length
    items.push(item)
  }
  return JSON.stringify({ items, page: 1, total: items.length })
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, two) => one - two)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
