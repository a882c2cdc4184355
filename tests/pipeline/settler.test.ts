import { describe, expect, it } from '@jest/globals'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { isKept, type SettledPair } from '../../collector/pipeline/settled.ts'
import { createSettler, type SettlerPorts } from '../../collector/pipeline/settler.ts'
import type { SettledBatch } from '../../collector/store/settled-store.ts'
import { exchangeId, tapRecord } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

function pairOf(body = '{}'): SettledPair {
  const primary = tapRecord({ body })
  const other: TapRecord = { ...tapRecord({ side: 'shadow', body }), id: primary.id }
  const place = { offset: 0, done: false }
  return {
    exchange: {
      id: primary.id,
      firstSeenMs: 0,
      primary: undefined,
      others: [],
      awaited: [],
      places: [place],
      bytes: 0,
      unsettled: 1,
      ended: true,
    },
    createdAtMs: 1_790_000_000_000,
    route: 'bench',
    variant: 'shadow',
    endpoint: 'GET /',
    end: 'compared',
    primary,
    other,
    result: { outcome: 'match', differences: [], differencesCut: false, notes: [] },
    isKept: true,
  }
}

function settlerWith(ports: Partial<SettlerPorts>) {
  const buried: string[] = []
  const settler = createSettler({
    write: async () => new Map(),
    isRetriable: () => true,
    publish: async () => undefined,
    deadLetter: async (_pair, reason) => void buried.push(reason),
    counted: () => undefined,
    batch: {
      primaryVersionOf: () => '',
      admitUnit: () => true,
      admitCause: () => true,
    },
    log: silent as never,
    ...ports,
  })
  return { settler, buried }
}

const isPassed = (pair: SettledPair) => pair.exchange.places.every((place) => place.done)

describe('the settler', () => {
  it('tries again while the database is away and passes offsets only then', async () => {
    let away = 2
    const { settler } = settlerWith({
      write: async () => {
        if (away-- > 0) throw new Error('connection refused')
        return new Map()
      },
    })
    const pair = pairOf()
    settler.settle([pair])
    await waitUntil(() => !settler.isHealthy())
    expect(isPassed(pair)).toBe(false)
    await waitUntil(() => isPassed(pair))
    expect(settler.isHealthy()).toBe(true)
  })

  it('buries the one pair that the database refuses and writes the others', async () => {
    const written: number[] = []
    const { settler, buried } = settlerWith({
      isRetriable: () => false,
      write: async (batch: SettledBatch) => {
        if (batch.comparisons.some((row) => row.primary.body === 'poison')) throw new Error('22P05')
        written.push(batch.ledger.length)
        return new Map()
      },
    })
    const pairs = [pairOf(), pairOf('poison'), pairOf(), pairOf()]
    settler.settle(pairs)
    await waitUntil(() => pairs.every(isPassed))
    expect(buried).toEqual(['database refused it: 22P05'])
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(3)
  })

  it('writes a key once even when it comes twice in a batch', async () => {
    const batches: SettledBatch[] = []
    const { settler } = settlerWith({
      write: async (batch) => {
        batches.push(batch)
        return new Map()
      },
    })
    const pair = pairOf()
    const again = { ...pair, exchange: { ...pair.exchange, places: [{ offset: 1, done: false }] } }
    settler.settle([pair, again])
    await waitUntil(() => isPassed(again))
    expect(batches[0]?.ledger).toHaveLength(1)
  })

  it('has no room while too many pairs are under way', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { settler } = settlerWith({ write: () => gate.then(() => new Map()) })
    settler.settle(Array.from({ length: 6_000 }, () => pairOf()))
    const room = settler.room()
    expect(room).toBeInstanceOf(Promise)
    release()
    await room
  })
})

describe('the storage policy', () => {
  // As a tap makes them: the random end stays, time and a counter change.
  const tail = exchangeId(0).slice(19)
  const ids = Array.from({ length: 20_000 }, (_, index) => exchangeId(1_790_000_000_000 + index).slice(0, 19) + tail)
  const kept = (policy: Parameters<typeof isKept>[0], outcome: string) =>
    ids.filter((id) => isKept(policy, { exchangeId: id, outcome })).length

  it('keeps all, only what is no match, or a share of the matches, and decides alike on a replay', () => {
    expect(kept('all', 'match')).toBe(20_000)
    expect(kept('differing', 'match')).toBe(0)
    expect(kept('differing', 'different')).toBe(20_000)
    expect(kept({ sample: 5 }, 'incomplete')).toBe(20_000)
    const sampled = kept({ sample: 5 }, 'match')
    expect(sampled).toBeGreaterThan(800)
    expect(sampled).toBeLessThan(1_200)
    expect(kept({ sample: 5 }, 'match')).toBe(sampled)
  })
})
