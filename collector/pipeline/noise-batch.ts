// What the control pairs of a batch show, as rows. Differences that a rule covers show nothing.
import type { Difference } from '../core/comparison.ts'
import { changeShape } from '../core/noise/change-shape.ts'
import { type NoiseUnit, unitId, unitsOf } from '../core/noise/noise-unit.ts'
import { timestampMs } from '../core/rules/value-shape.ts'
import { storableJson, storableText } from '../core/storable.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { ControlRow, NoiseRow } from '../store/settled/noise-part.ts'
import type { SettledPair } from './settled.ts'

export type NoiseRows = { control: ControlRow[]; noise: NoiseRow[] }

export type NoisePorts = {
  /** The version of the primary that answers on the route now. */
  primaryVersionOf: (route: string) => string
  /** False where there is no room for the unit; told again for a unit that is known it is true. */
  admitUnit: (route: string, version: string, unit: NoiseUnit) => boolean
}

export function emptyNoiseRows(): NoiseRows {
  return { control: [], noise: [] }
}

/** Adds what one pair shows; `nr` is its place in the batch, from 1. */
export function addNoise(rows: NoiseRows, nr: number, pair: SettledPair, ports: NoisePorts): void {
  if (pair.variant !== CONTROL_VARIANT || pair.end !== 'compared' || pair.result.outcome === 'incomplete') return
  const version = ports.primaryVersionOf(pair.route)
  const control = {
    nr,
    route: storableText(pair.route),
    version: storableText(version),
    endpoint: storableText(pair.endpoint),
  }
  rows.control.push(control)
  const exchangeId = pair.exchange.id
  for (const [unit, difference] of unitsOf(pair.endpoint, pair.result.differences).values()) {
    if (!ports.admitUnit(pair.route, version, unit)) continue
    const shape = changeShape(difference)
    rows.noise.push({
      ...control,
      unit: unitId(unit),
      path: storableText(unit.path),
      kind: unit.kind,
      shape,
      skewMs: shape === 'timestamp' ? skewMs(difference) : 0,
      example: storableJson({ exchangeId, difference }),
    })
  }
}

function skewMs({ primary, shadow }: Difference): number {
  return Math.abs((timestampMs(primary ?? null) ?? 0) - (timestampMs(shadow ?? null) ?? 0))
}
