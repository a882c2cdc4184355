import { describe, expect, it } from '@jest/globals'
import type { ComparisonResult } from '../../collector/core/comparison.ts'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import type { InRecord } from '../../collector/kafka/consumer.ts'
import { createLane, type LanePorts, passIfDurable } from '../../collector/pipeline/lane.ts'
import { parseTapRecord } from '../../collector/pipeline/parse-tap-record.ts'
import type { SettledPair } from '../../collector/pipeline/settled.ts'
import { tapRecord } from '../helpers/tap-batches.ts'

const match: ComparisonResult = { outcome: 'match', differences: [], differencesCut: false, notes: [] }

function laneWith(ports: Partial<LanePorts> = {}) {
  const settled: SettledPair[] = []
  const letters: string[] = []
  const lane = createLane({
    windowMs: 1_000,
    maxPending: () => ({ count: 100, bytes: 1e6 }),
    decideFast: () => match,
    compare: async (jobs) => jobs.map(() => match),
    judging: { arraysOf: () => [], judge: (_place, result) => result },
    endpointOf: () => 'GET /',
    isKept: () => true,
    settle: (pairs) => void settled.push(...pairs),
    room: () => undefined,
    deadLetter: async (_record, reason) => void letters.push(reason),
    count: () => undefined,
    observeWait: () => undefined,
    ...ports,
  })
  let offset = 0
  const at = (record: unknown, timestamp = 1_000): InRecord => ({
    offset: String(offset++),
    timestamp: String(timestamp),
    key: null,
    value: record === null ? null : Buffer.isBuffer(record) ? record : Buffer.from(JSON.stringify(record)),
  })
  const read = (...records: InRecord[]) =>
    lane.read(
      records,
      async () => undefined,
      () => false,
    )
  const durable = () => {
    for (const pair of settled) {
      pair.exchange.unsettled -= 1
      passIfDurable(pair.exchange)
    }
  }
  return { lane, settled, letters, at, read, durable }
}

const shadowOf = (primary: TapRecord) => ({ ...tapRecord({ side: 'shadow' }), id: primary.id })

describe('a lane', () => {
  it('lets offsets pass only when the pair is durable', async () => {
    const { lane, settled, at, read, durable } = laneWith()
    const primary = tapRecord()
    await read(at(primary), at(shadowOf(primary)))
    expect(settled).toHaveLength(1)
    expect(lane.committable()).toBe(0)
    durable()
    expect(lane.committable()).toBe(2)
  })

  it('carries headers and bodies only of pairs that are kept', async () => {
    const [kept, counted] = [tapRecord(), tapRecord()]
    const { settled, at, read } = laneWith({ isKept: ({ exchange }) => exchange.id === kept.id })
    await read(at(kept), at(shadowOf(kept)), at(counted), at(shadowOf(counted)))
    expect(settled[0]).toMatchObject({
      isKept: true,
      primary: kept,
      other: { response: { body: kept.response?.body } },
    })
    const { bodyHash, bodyBytes, status } = counted.response ?? {}
    expect(settled[1]).toMatchObject({
      isKept: false,
      primary: {
        id: counted.id,
        timing: counted.timing,
        request: { ...counted.request, headers: {} },
        response: { status, bodyHash, bodyBytes, body: '', headers: {} },
      },
      other: { side: 'shadow', response: { status, body: '', headers: {} } },
    })
  })

  it('keeps the offsets of an exchange that still waits, whatever comes after it', async () => {
    const { lane, at, read, durable } = laneWith()
    const waiting = tapRecord()
    const primary = tapRecord()
    await read(at(waiting), at(primary), at(shadowOf(primary)))
    durable()
    expect(lane.committable()).toBe(0)
    expect(lane.pending(waiting.id)).toMatchObject({ route: 'bench', expects: ['shadow'], leftMs: 1_000 })
  })

  it('buries what cannot be read and goes on', async () => {
    const { lane, settled, letters, at, read, durable } = laneWith()
    const primary = tapRecord()
    await read(at(null), at(Buffer.from([0xff, 0xfe])), at({ v: 1 }), at(primary), at([]), at(shadowOf(primary)))
    durable()
    expect(letters).toEqual(['no value (tombstone)', 'not JSON', 'id: expected a lower-case UUIDv7', 'v: expected 1'])
    expect(settled).toHaveLength(1)
    expect(lane.committable()).toBe(6)
  })

  it('reads a record that is delivered again only once', async () => {
    const { settled, at, read } = laneWith()
    const primary = tapRecord()
    const records = [at(primary), at(shadowOf(primary))]
    await read(...records)
    await read(...records)
    expect(settled).toHaveLength(1)
  })

  it('settles as unpaired what has waited the window, and nothing because of an outage', async () => {
    const { settled, at, read } = laneWith({ windowMs: 10_000 })
    const early = tapRecord()
    await read(at(early, 1_000))
    await read(at(tapRecord(), 90_000))
    expect(settled).toHaveLength(0)
    for (let time = 91_000; time <= 101_000; time += 1_000) await read(at(tapRecord(), time))
    expect(settled[0]).toMatchObject({ end: 'unpaired', reason: 'no-shadow', side: 'shadow' })
    expect(settled[0]?.exchange.id).toBe(early.id)
  })

  it('goes on when a comparison fails', async () => {
    const decideFast = () => {
      throw new TypeError('values is not iterable')
    }
    const { lane, settled, read, at } = laneWith({ decideFast })
    const primary = tapRecord()
    await read(at(primary), at(shadowOf(primary)))
    expect(settled[0]).toMatchObject({ end: 'compared', result: { outcome: 'incomplete' } })
    expect(lane.size()).toBe(0)
  })

  it('calls the heartbeat while the database is slow', async () => {
    let open = () => {}
    const room = new Promise<void>((resolve) => {
      open = resolve
    })
    let beats = 0
    const { lane, at } = laneWith({ room: () => room })
    const primary = tapRecord()
    await lane.read(
      [at(primary), at(shadowOf(primary))],
      async () => {
        if (++beats === 2) open()
      },
      () => false,
    )
    expect(beats).toBeGreaterThanOrEqual(2)
  })
})

describe('parsing a tap record', () => {
  const good = tapRecord()
  it.each<[string, unknown, string]>([
    ['no route', { ...good, route: 7 }, 'route'],
    ['an unknown side', { ...good, side: 'left' }, 'side'],
    ['65 expected variants', { ...good, expects: new Array(65).fill('a') }, 'expects'],
    ['no request', { ...good, request: null }, 'request'],
    ['no timing', { ...good, timing: {} }, 'timing'],
    ['neither response nor skipped', { ...good, response: undefined }, 'response'],
    ['a response without hash', { ...good, response: { status: 200, body: '' } }, 'response'],
    ['headers of numbers', { ...good, response: { ...good.response, headers: { a: [1] } } }, 'response.headers'],
    [
      'request headers without lists',
      { ...good, request: { ...good.request, headers: { a: 'b' } } },
      'request.headers',
    ],
    ['expected variants of no text', { ...good, expects: [{}] }, 'expects'],
    ['headers null', { ...good, response: { ...good.response, headers: null } }, 'response.headers'],
  ])('says what is wrong with %s', (_what, record, reason) => {
    expect(parseTapRecord(Buffer.from(JSON.stringify(record)))).toContain(reason)
  })

  it('takes away a header without values, which Traefik sets where a service has no Content-Type', () => {
    const headers = { 'Content-Type': null, Etag: ['"x"'] }
    const record = parseTapRecord(Buffer.from(JSON.stringify({ ...good, response: { ...good.response, headers } })))
    expect(record).toMatchObject({ response: { headers: { Etag: ['"x"'] } } })
    expect(JSON.stringify(record)).not.toContain('null')
  })

  it('keeps unknown fields', () => {
    expect(parseTapRecord(Buffer.from(JSON.stringify({ ...good, later: 1 })))).toMatchObject({ later: 1 })
  })
})
