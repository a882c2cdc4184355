import { describe, expect, it } from '@jest/globals'
import type { ComparisonResult } from '../../collector/core/comparison.ts'
import { readLatencySample } from '../../collector/core/verdict/latency.ts'
import { createEvidenceBook } from '../../collector/pipeline/evidence-book.ts'
import type { SettledPair } from '../../collector/pipeline/settled.ts'
import type { EvidenceStore, Frozen, Generation } from '../../collector/store/evidence-store.ts'
import { exchangeId, tapRecord } from '../helpers/tap-batches.ts'

const BASE = 1_790_000_000_000
const settings = { ratio: 1.1, peer: 'max' as const, tailQuantile: 0.95, warmUpRequests: 20 }

/** The store as a few maps; what it keeps is what the writer would. */
function memoryStore() {
  const generations: Generation[] = []
  const known: { endpoint: string; metric: string; details: string[] }[] = []
  let frozen: Frozen = {}
  const begin = (route: string, variant: string, generation: number, beganAtMs: number) => {
    if (generations.some((one) => one.route === route && one.variant === variant && one.generation === generation))
      return
    generations.push({ route, variant, generation, beganAtMs, reason: '', actor: '', versions: {} })
  }
  const store: EvidenceStore = {
    generations: async () => [...generations],
    open: async (route, variant, atMs) => begin(route, variant, 1, atMs),
    begin: async () => [],
    adopt: async () => undefined,
    latencySamples: async () =>
      new Map(known.filter(({ metric }) => metric === 'latency').map(({ endpoint, details }) => [endpoint, details])),
    freeze: async (_of, fresh) => {
      frozen = { ...fresh, ...frozen }
      return frozen
    },
    frozen: async () => frozen,
    memory: async () => known,
  }
  return { store, begin, known, frozen: () => frozen }
}

function pairOf(of: {
  atMs?: number
  route?: string
  variant?: string
  endpoint?: string
  result?: Partial<ComparisonResult>
}): Extract<SettledPair, { end: 'compared' }> {
  const { atMs = BASE, route = 'shop', variant = 'shadow', endpoint = 'GET /a' } = of
  const primary = tapRecord({ id: exchangeId(atMs) })
  const exchange = {
    ...{ id: primary.id, firstSeenMs: 0, primary: undefined, others: [], awaited: [], places: [] },
    ...{ bytes: 0, unsettled: 1, ended: true },
  }
  const result = { outcome: 'match' as const, differences: [], differencesCut: false, notes: [], ...of.result }
  const other = { ...primary, side: variant === 'control' ? ('control' as const) : ('shadow' as const) }
  const place = { exchange, createdAtMs: atMs, route, variant, endpoint }
  return { ...place, end: 'compared', primary, other, result, isKept: true }
}

function bookOver(of: ReturnType<typeof memoryStore>) {
  let clock = BASE
  let leftOut = 0
  const book = createEvidenceBook({
    store: of.store,
    latencyOf: () => settings,
    now: () => clock,
    leftOut: (pairs) => {
      leftOut += pairs
    },
    counted: () => undefined,
  })
  const rows = async (...pairs: SettledPair[]) => {
    await book.prepare(pairs)
    return book.rowsOf(pairs)
  }
  const later = (ms: number) => {
    clock += ms
  }
  return { rows, later, leftOut: () => leftOut }
}

const at: Partial<ComparisonResult> = { outcome: 'different', differences: [{ path: '/at', kind: 'changed' }] }

describe('the book of evidence', () => {
  it('counts pairs that are alike as one class', async () => {
    const { rows } = bookOver(memoryStore())
    const { classes, keys } = await rows(pairOf({}), pairOf({ endpoint: 'GET /b' }), pairOf({}), pairOf({ result: at }))
    expect(classes).toEqual([0, 1, 0, 2])
    expect(keys.filter((key) => key.class === 2).map(({ metric, detail }) => `${metric} ${detail}`.trim())).toEqual([
      ...['pairs', 'differing', 'unit changed /at', expect.stringMatching(/^set /)],
    ])
    expect(keys[0]).toEqual({
      ...{ class: 0, route: 'shop', variant: 'shadow', generation: 1, endpoint: 'GET /a', metric: 'pairs', detail: '' },
    })
  })

  it('counts an exchange in the generation of its own time, however late it comes', async () => {
    const store = memoryStore()
    const { rows, later } = bookOver(store)
    await rows(pairOf({}))
    store.begin('shop', 'shadow', 2, BASE + 5_000)
    store.begin('shop', 'control', 2, BASE + 5_000)
    later(1_500)
    const times = [BASE + 4_999, BASE + 5_000, BASE - 60_000, BASE + 9e11]
    const { keys } = await rows(...times.map((atMs) => pairOf({ atMs })))
    expect(keys.map(({ generation }) => generation)).toEqual([1, 2])
    expect((await rows(...times.map((atMs) => pairOf({ atMs })))).classes).toEqual([0, 1, 0, 1])
  })

  it('leaves out of a set what the control has shown, in its own generation only', async () => {
    const store = memoryStore()
    const { rows, later } = bookOver(store)
    const sets = async (atMs: number) =>
      (await rows(pairOf({ atMs, result: at }))).keys.filter(({ metric }) => metric === 'set').length
    expect(await sets(BASE)).toBe(1)
    await rows(pairOf({ variant: 'control', result: at }))
    expect(await sets(BASE)).toBe(0)
    store.begin('shop', 'shadow', 2, BASE + 5_000)
    store.begin('shop', 'control', 2, BASE + 5_000)
    later(1_500)
    expect(await sets(BASE + 6_000)).toBe(1)
    expect(await sets(BASE + 4_000)).toBe(0)
  })

  it('freezes an endpoint when enough was kept, and counts from then on', async () => {
    const store = memoryStore()
    const { rows, later } = bookOver(store)
    const jointAt = (atMs: number): SettledPair => {
      const [shadow, control] = [pairOf({ atMs }), pairOf({ atMs, variant: 'control' })]
      return { ...shadow, end: 'joint', variant: 'control+shadow', of: 'shadow', shadow, control }
    }
    const warmUp = Array.from({ length: 25 }, (_, n) => jointAt(BASE + n))
    const { keys } = await rows(...warmUp)
    expect(keys.map(({ metric }) => metric)).toEqual(Array(25).fill('latency'))
    store.known.push({ endpoint: 'GET /a', metric: 'latency', details: keys.map(({ detail }) => detail) })
    later(4_000)
    expect((await rows(jointAt(BASE + 100))).keys.map(({ metric }) => metric)).toEqual(['notSlower'])
    expect(store.frozen()['GET /a']?.latency).toMatchObject({ tailMicros: 2_100, warmUpRequests: 20 })
    expect(readLatencySample(keys[19]?.detail ?? '').id).toBe(store.frozen()['GET /a']?.latency.after)
  })

  it('has room for 300 variants and counts what it leaves out', async () => {
    const { rows, leftOut } = bookOver(memoryStore())
    const many = Array.from({ length: 500 }, (_, n) => pairOf({ variant: `v${n}` }))
    const { classes } = await rows(...many)
    expect(classes.filter((one) => one === -1)).toHaveLength(200)
    expect(leftOut()).toBe(200)
  })
})
