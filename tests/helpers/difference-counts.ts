// Causes and noise of pairs as the pipeline makes rows of them, summed up here as the database does.
import type { Cause } from '../../collector/core/cause/cause.ts'
import { type Causes, emptyCauses } from '../../collector/core/cause/cause-tally.ts'
import type { Difference } from '../../collector/core/comparison.ts'
import type { ChangeShape } from '../../collector/core/noise/change-shape.ts'
import { type ControlTally, tallyFromRows, type UnitTally } from '../../collector/core/noise/control-tally.ts'
import type { NoiseUnit } from '../../collector/core/noise/noise-unit.ts'
import { CONTROL_VARIANT } from '../../collector/core/tap-record.ts'
import { addCauses, emptyCauseRows } from '../../collector/pipeline/causes-batch.ts'
import { createKnownCauses } from '../../collector/pipeline/known-causes.ts'
import { addNoise, emptyNoiseRows } from '../../collector/pipeline/noise-batch.ts'
import type { SettledPair } from '../../collector/pipeline/settled.ts'
import { tapRecord } from './tap-batches.ts'

export type CountedPair = { exchangeId: string; atMs: number; endpoint: string; differences: Difference[] }

const record = tapRecord()

function settledPair({ exchangeId, atMs, endpoint, differences }: CountedPair, variant: string): SettledPair {
  const none = { others: [], awaited: [], places: [], bytes: 0, unsettled: 1, ended: true }
  return {
    ...{ exchange: { id: exchangeId, firstSeenMs: 0, primary: undefined, ...none }, createdAtMs: atMs },
    ...{ route: 'shop', variant, endpoint, end: 'compared', primary: record, other: record, isKept: true },
    result: { outcome: 'different', differences, differencesCut: false, notes: [] },
  }
}

/** Of pairs in the order of their times. */
export function causesOfPairs(pairs: readonly CountedPair[]): Causes {
  const { admit } = createKnownCauses()
  const rows = emptyCauseRows()
  for (const [index, pair] of pairs.entries()) addCauses(rows, index + 1, settledPair(pair, 'shadow'), admit)
  const causes = emptyCauses()
  for (const { nr, cause: place, slot, difference } of rows.sightings) {
    const { exchangeId, atMs } = pairs[nr - 1] as CountedPair
    const cause = rows.causes[place - 1] as Cause
    const tally = causes.byId.get(cause.id) ?? {
      ...{ cause, pairs: 0, firstSeenMs: atMs, lastSeenMs: atMs, samples: new Map() },
    }
    causes.byId.set(cause.id, tally)
    tally.pairs += 1
    tally.lastSeenMs = atMs
    if (difference !== null) tally.samples.set(slot, { exchangeId, atMs, difference: JSON.parse(difference) })
  }
  return causes
}

export function tallyOfPairs(pairs: readonly CountedPair[]): ControlTally {
  const rows = emptyNoiseRows()
  const ports = { primaryVersionOf: () => '1', admitUnit: () => true }
  for (const [index, pair] of pairs.entries()) addNoise(rows, index + 1, settledPair(pair, CONTROL_VARIANT), ports)
  const counts = new Map<string, number>()
  for (const { endpoint } of rows.control) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1)
  const units = rows.noise.map(
    ({ endpoint, path, kind, shape, skewMs, example }): UnitTally => ({
      unit: { endpoint, path, kind } as NoiseUnit,
      ...{ pairs: 1, shapes: { [shape as ChangeShape]: 1 }, maxSkewMs: skewMs, examples: [JSON.parse(example)] },
    }),
  )
  return tallyFromRows(counts, units)
}
