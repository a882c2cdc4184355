// Exchanges as taps would record them, of services that a test makes up: primary, shadow and, for some, the control.
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { batchHeader, exchangeId, ndjson, tapRecord } from './tap-batches.ts'
import { waitUntil } from './wait-until.ts'

/** What a service answers to the nth request of a path. */
export type Answer = { status?: number; body: unknown; micros?: number }
export type Service = (path: string, n: number) => Answer

export type TrafficOptions = {
  route: string
  paths: readonly string[]
  primary: Service
  shadow: Service
  requests: number
  /** Whether the nth request goes to the control too. */
  control: (n: number) => boolean
  /** Unix milliseconds of the first exchange; the others follow a millisecond apart. */
  fromMs: number
}

/** The records of each exchange. */
export function tappedExchanges(options: TrafficOptions): TapRecord[][] {
  return Array.from({ length: options.requests }, (_, n) => {
    const path = options.paths[n % options.paths.length] ?? '/'
    const id = exchangeId(options.fromMs + n)
    const hasControl = options.control(n)
    const common = { id, route: options.route, request: { ...tapRecord().request, uri: path } }
    const expects = hasControl ? ['shadow', 'control'] : ['shadow']
    const records = [
      { ...recordOf(options.primary(path, n)), ...common, expects },
      { ...recordOf(options.shadow(path, n)), ...common, side: 'shadow' as const, variant: 'shadow', expects: [] },
    ]
    if (!hasControl) return records
    const again = { ...recordOf(options.primary(path, n)), ...common, side: 'control' as const, variant: 'control' }
    return [...records, { ...again, expects: [] }]
  })
}

function recordOf({ status = 200, body, micros = 2_000 }: Answer): TapRecord {
  const record = tapRecord({ body: JSON.stringify(body) })
  const timing = { firstByteMicros: micros, totalMicros: micros }
  return { ...record, timing, ...(record.response && { response: { ...record.response, status } }) }
}

/** Posts them as taps do; throws where ingest does not take them. */
export async function postRecords(ingest: string, records: readonly TapRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += 300) {
    const some = records.slice(from, from + 300)
    const body = new Uint8Array(ndjson([batchHeader(some.length), ...some]))
    const headers = { 'content-type': 'application/x-ndjson' }
    let response = await fetch(ingest, { method: 'POST', headers, body })
    // As a tap does: these two ask to come again.
    const isTaken = async () => {
      if (![429, 503].includes(response.status)) return true
      response = await fetch(ingest, { method: 'POST', headers, body })
      return false
    }
    await waitUntil(isTaken, { withinMs: 60_000, what: 'ingest to take a batch' })
    if (response.status !== 202) throw new Error(`ingest answered ${response.status}: ${await response.text()}`)
  }
}

/** In another order, the same for the same seed. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((one, two) => one.at - two.at)
    .map(({ item }) => item)
}
