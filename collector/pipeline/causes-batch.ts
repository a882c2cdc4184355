// The causes that the shadow pairs of a batch show, as rows: each cause once, and each pair that shows it.
import { type Cause, causesOf, otherCause } from '../core/cause/cause.ts'
import { SAMPLE_SLOTS, slotOf } from '../core/cause/sample.ts'
import { storableJson, storableText } from '../core/storable.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'
import type { CauseRow, SightingRow } from '../store/settled/causes-part.ts'
import type { SettledPair } from './settled.ts'

export type CauseRows = {
  causes: CauseRow[]
  sightings: SightingRow[]
  /** Places in `causes`, from 1, by route, variant and id. */
  places: Map<string, number>
  /** The sighting that is shown for a slot, by cause and slot. */
  shown: Map<number, { createdAtMs: number; sighting: SightingRow }>
}

/** False where the route's variant has no room for one more cause; such pairs are counted under one cause together. */
export type AdmitCause = (route: string, variant: string, id: string) => boolean

export function emptyCauseRows(): CauseRows {
  return { causes: [], sightings: [], places: new Map(), shown: new Map() }
}

/** Adds what one pair shows; `nr` is its place in the batch, from 1. */
export function addCauses(rows: CauseRows, nr: number, pair: SettledPair, admit: AdmitCause): void {
  if (pair.end !== 'compared' || pair.variant === CONTROL_VARIANT || pair.result.differences.length === 0) return
  const { route, variant } = pair
  const seen = new Set<number>()
  for (const { cause, difference } of causesOf(pair.endpoint, pair.result.differences)) {
    const place = placeOf(rows, route, variant, admit(route, variant, cause.id) ? cause : otherCause(cause))
    if (seen.has(place)) continue
    seen.add(place)
    const slot = slotOf(difference)
    const sighting: SightingRow = { nr, cause: place, slot, difference: null }
    if (isNewest(rows, place, slot, pair, sighting)) sighting.difference = storableJson(difference)
    rows.sightings.push(sighting)
  }
}

/** Of each slot the batch carries one difference in full: the newest pair's. */
function isNewest(
  { shown }: CauseRows,
  place: number,
  slot: number,
  pair: SettledPair,
  sighting: SightingRow,
): boolean {
  const key = place * SAMPLE_SLOTS + slot
  const known = shown.get(key)
  if (known !== undefined && known.createdAtMs > pair.createdAtMs) return false
  if (known !== undefined) known.sighting.difference = null
  shown.set(key, { createdAtMs: pair.createdAtMs, sighting })
  return true
}

function placeOf({ causes, places }: CauseRows, route: string, variant: string, cause: Cause): number {
  const key = `${route}\n${variant}\n${cause.id}`
  const known = places.get(key)
  if (known !== undefined) return known
  causes.push({
    route: storableText(route),
    variant: storableText(variant),
    id: cause.id,
    endpoint: storableText(cause.endpoint),
    path: storableText(cause.path),
    kind: cause.kind,
    valueClass: storableText(cause.valueClass),
    noise: storableText(cause.noise),
  })
  places.set(key, causes.length)
  return causes.length
}
