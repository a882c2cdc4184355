// Turns settled pairs into the rows of one database batch. Pure, apart from decoding a captured body for its column.

import { readableBody } from '../core/compare/readable-body.ts'
import type { ComparedSide } from '../core/comparison.ts'
import { latencyBucket } from '../core/latency-bucket.ts'
import { storableJson, storableText } from '../core/storable.ts'
import { storedHeaders } from '../core/stored-side.ts'
import type { TapRecord } from '../core/tap-record.ts'
import type { ComparisonRow } from '../store/settled/comparisons-part.ts'
import type { EvidenceRows } from '../store/settled/evidence-part.ts'
import type { LatencyRow } from '../store/settled/latency-part.ts'
import type { LedgerRow } from '../store/settled/ledger-part.ts'
import type { CountClass } from '../store/settled/rollups-part.ts'
import type { UnpairedRow } from '../store/settled/unpaired-part.ts'
import type { SettledBatch } from '../store/settled-store.ts'
import { type AdmitCause, addCauses, type CauseRows, emptyCauseRows } from './causes-batch.ts'
import { addNoise, emptyNoiseRows, type NoisePorts, type NoiseRows } from './noise-batch.ts'
import { endName, type SettledPair } from './settled.ts'

const MINUTE_MS = 60_000
/** The class of what is in no roll-up. */
const UNCOUNTED = -1

export type BuiltBatch = SettledBatch & {
  /** The pairs that the ledger rows stand for, in the same order, each key once. */
  pairs: SettledPair[]
}

export type BatchPorts = NoisePorts & {
  admitCause: AdmitCause
}

export function buildBatch(
  pairs: SettledPair[],
  ports: BatchPorts,
  evidenceOf?: (pairs: SettledPair[]) => EvidenceRows,
): BuiltBatch {
  const classes = new Map<string, number>()
  const keys = new Set<string>()
  const built: BuiltBatch & NoiseRows & CauseRows = {
    ...{ ledger: [], classes: [], comparisons: [], unpaired: [], latencies: [], pairs: [] },
    ...emptyNoiseRows(),
    ...emptyCauseRows(),
  }
  for (const pair of pairs) {
    const exchangeId = pair.exchange.id
    const { createdAtMs, variant } = pair
    const key = exchangeId + variant
    if (keys.has(key)) continue
    keys.add(key)
    if (pair.end === 'joint') {
      built.ledger.push({ createdAtMs, exchangeId, variant, class: UNCOUNTED })
      built.latencies.push(UNTIMED)
      built.pairs.push(pair)
      continue
    }
    const outcome = endName(pair)
    const ledger: LedgerRow = {
      createdAtMs,
      exchangeId,
      variant,
      class: classOf(classes, built.classes, pair, outcome),
    }
    built.ledger.push(ledger)
    built.pairs.push(pair)
    built.latencies.push(latenciesOf(pair))
    addNoise(built, built.ledger.length, pair, ports)
    addCauses(built, built.ledger.length, pair, ports.admitCause)
    if (pair.end === 'unpaired') built.unpaired.push(unpairedRow(pair))
    else if (pair.end === 'compared' && pair.isKept) built.comparisons.push(comparisonRow(pair))
  }
  return evidenceOf ? { ...built, evidence: evidenceOf(built.pairs) } : built
}

function classOf(indexes: Map<string, number>, classes: CountClass[], pair: SettledPair, outcome: string): number {
  const minuteMs = pair.createdAtMs - (pair.createdAtMs % MINUTE_MS)
  const name = `${minuteMs}\n${pair.route}\n${pair.variant}\n${pair.endpoint}\n${outcome}`
  const found = indexes.get(name)
  if (found !== undefined) return found
  indexes.set(name, classes.length)
  const { route, variant, endpoint } = pair
  classes.push({
    minuteMs,
    route: storableText(route),
    variant: storableText(variant),
    endpoint: storableText(endpoint),
    outcome,
  })
  return classes.length - 1
}

const UNTIMED: LatencyRow = { primary: null, other: null }

function latenciesOf(pair: SettledPair): LatencyRow {
  return pair.end === 'compared' ? { primary: bucketOf(pair.primary), other: bucketOf(pair.other) } : UNTIMED
}

function bucketOf({ skipped, timing }: TapRecord): number | null {
  return skipped ? null : latencyBucket(timing.totalMicros)
}

function unpairedRow(pair: Extract<SettledPair, { end: 'unpaired' }>): UnpairedRow {
  const { createdAtMs, exchange, variant, side, reason, route, record } = pair
  return {
    createdAtMs,
    exchangeId: exchange.id,
    variant: storableText(variant),
    side,
    route: storableText(route),
    reason,
    method: storableText(record.request.method),
    path: storableText(record.request.uri),
  }
}

function comparisonRow(pair: Extract<SettledPair, { end: 'compared' }>): ComparisonRow {
  const { createdAtMs, exchange, variant, endpoint, route, primary, other, result } = pair
  return {
    createdAtMs,
    exchangeId: exchange.id,
    variant: storableText(variant),
    route: storableText(route),
    endpoint: storableText(endpoint),
    method: storableText(primary.request.method),
    path: storableText(primary.request.uri),
    outcome: result.outcome,
    differences: storableJson(result.differences),
    differencesCut: result.differencesCut,
    notes: result.notes.map(storableText),
    requestHeaders: storableJson(primary.request.headers),
    primaryHeaders: storableJson(primary.response ? storedHeaders(primary.response) : {}),
    shadowHeaders: storableJson(other.response ? storedHeaders(other.response) : {}),
    primary: sideOf(primary),
    shadow: sideOf(other),
  }
}

function sideOf(record: TapRecord): ComparedSide {
  const { response } = record
  return {
    status: response?.status ?? null,
    headers: {},
    body: response ? storableText(readableBody(response)) : null,
    latencyMs: record.skipped ? null : record.timing.totalMicros / 1000,
    bodyBytes: response?.bodyBytes ?? 0,
    truncated: response?.truncated ?? false,
    skipped: record.skipped ?? null,
  }
}
