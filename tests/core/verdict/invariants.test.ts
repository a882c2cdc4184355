// What holds of every verdict, whatever was counted.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { reducedSet } from '../../../collector/core/verdict/difference-set.ts'
import { logPairedEvidence } from '../../../collector/core/verdict/e-process.ts'
import { endpointFigures } from '../../../collector/core/verdict/endpoint-figures.ts'
import { type EndpointEvidence, emptyEvidence, type RouteEvidence } from '../../../collector/core/verdict/evidence.ts'
import { judge } from '../../../collector/core/verdict/judge.ts'
import { endpointSentence } from '../../../collector/core/verdict/sentences.ts'
import type { RouteVerdict } from '../../../collector/core/verdict/verdict.ts'
import { parsePolicy } from '../../../plugin-config/verdict-policy.ts'
import { policyOf } from '../../helpers/policy-of.ts'
import {
  createTally,
  type DrawnExchange,
  frozenFor,
  idOf,
  routeEvidence,
  seeded,
} from '../../helpers/verdict-evidence.ts'

const policy = policyOf({})
const judged = (evidence: RouteEvidence, by = policy) => judge(evidence, by, frozenFor(evidence.endpoints))

const unit = fc.constantFrom('changed /at', 'changed /id', 'removed /at', 'type /total', 'added /new', 'changed status')
const units = fc.uniqueArray(unit, { maxLength: 4 }).map((keys) => keys.toSorted())
const exchange = fc.record({ shadow: units, control: fc.option(units, { nil: undefined }) })
const traffic = fc.array(exchange, { maxLength: 60 })

function counted(endpoint: string, exchanges: readonly DrawnExchange[]): EndpointEvidence {
  const tally = createTally(endpoint)
  for (const one of exchanges) tally.add(one)
  return tally.evidence()
}

const withIds = (exchanges: readonly Omit<DrawnExchange, 'id'>[]) =>
  exchanges.map((one, i) => ({ ...one, id: idOf(i) }))

describe('a verdict', () => {
  it('is the same bit for bit in whatever order records, endpoints and units come', () => {
    fc.assert(
      fc.property(fc.array(traffic, { minLength: 1, maxLength: 4 }), fc.nat(), (routes, seed) => {
        const random = seeded(seed)
        const shuffled = <T>(items: readonly T[]) =>
          items
            .map((item) => ({ item, key: random() }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item)
        const endpoints = routes.map((one, k) => counted(`GET /${k}`, withIds(one)))
        const again = routes.map((one, k) => counted(`GET /${k}`, shuffled(withIds(one))))
        const mixed = shuffled(again).map((one) => ({ ...one, units: shuffled(one.units), sets: shuffled(one.sets) }))
        expect(judged(routeEvidence(mixed))).toEqual(judged(routeEvidence(endpoints)))
      }),
      { numRuns: 30 },
    )
  })

  it('is the same whether units known as noisy were left out when pairs were counted, or only now', () => {
    fc.assert(
      fc.property(traffic, (exchanges) => {
        const known = new Set<string>()
        const whole = counted('GET /a', withIds(exchanges))
        const sets = new Map<string, { units: string[]; pairs: number }>()
        for (const { shadow, control } of exchanges) {
          const left = reducedSet(shadow, (key) => known.has(key))
          const set = sets.get(left.join()) ?? { units: left, pairs: 0 }
          if (left.length > 0) sets.set(left.join(), { ...set, pairs: set.pairs + 1 })
          for (const key of control ?? []) known.add(key)
        }
        const reduced = { ...whole, sets: [...sets.values()] }
        expect(judged(routeEvidence([reduced]))).toEqual(judged(routeEvidence([whole])))
      }),
    )
  })

  it('never fails on equal answers and never passes on none', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }), (pairs, controlPairs) => {
        const verdict = judged(routeEvidence([{ ...emptyEvidence('GET /a'), firstSeen: '1', pairs, controlPairs }]))
        expect(['inconclusive', 'pass']).toContain(verdict.verdict)
        if (pairs === 0) expect(verdict.verdict).toBe('inconclusive')
      }),
    )
    expect(judged(routeEvidence([])).verdict).toBe('inconclusive')
    expect(judged(routeEvidence([])).reasons[0]).toBe('nothing was compared yet')
  })

  it('holds finite numbers only, for any counts up to 10⁹', () => {
    const count = fc.oneof(fc.constantFrom(0, 1, 2, 1e9), fc.nat({ max: 1e9 }), fc.nat({ max: 500 }))
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    const given = fc.record({
      pairs: count,
      controlPairs: count,
      a: part,
      b: part,
      c: part,
      worse: part,
      latency: fc.tuple(count, count, count, count),
    })
    fc.assert(
      fc.property(given, ({ pairs, controlPairs, a, b, c, worse, latency }) => {
        const [differing, controlDiffering] = [Math.floor(a * pairs), Math.floor(b * controlPairs)]
        const shadow = Math.floor(c * differing)
        const [slower = 0, notSlower = 0, tailShadow = 0, tailControl = 0] = latency
        const evidence: EndpointEvidence = {
          ...{ ...emptyEvidence('GET /a'), firstSeen: '1', pairs, controlPairs, differing, controlDiffering },
          worse: Math.floor(worse * pairs),
          units: [
            { path: '/x', kind: 'changed', firstSeen: '1', shadow, control: controlDiffering },
            { path: '/y', kind: 'changed', firstSeen: '2', shadow: differing - shadow, control: 0 },
          ],
          sets: [
            { units: ['changed /x'], pairs: shadow },
            { units: ['changed /y'], pairs: differing - shadow },
          ],
          latency: { slower, notSlower, tailShadow, tailControl },
        }
        for (const control of ['shared', 'own'] as const)
          expect(notFinite(shown(judged(routeEvidence([evidence], { control }), policyOf({}, control))))).toEqual([])
      }),
    )
  })
})

/** A verdict with all that is told of its endpoints. */
function shown(verdict: RouteVerdict) {
  const endpoints = verdict.endpoints.map((one) => ({
    ...one,
    ...endpointFigures(one),
    sentence: endpointSentence(one),
  }))
  return { ...verdict, endpoints }
}

/** Places in a value that hold a number which is none. */
function notFinite(value: unknown, at = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${at}: ${value}`]
  if (typeof value === 'string') return /NaN|Infinity|undefined/.test(value) ? [`${at}: ${value}`] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${at}/${key}`))
}

describe('paired evidence', () => {
  it('is turned round by swapping shadow and control, and says nothing of equal counts', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), fc.nat({ max: 5_000 }), (worse, better) => {
        const [one, other] = [logPairedEvidence(worse, better), logPairedEvidence(better, worse)]
        if (worse > better) expect(one).toBeGreaterThan(other)
        if (worse === better) expect(one).toBeLessThanOrEqual(1e-9)
      }),
    )
  })

  it('is not moved by concordant pairs', () => {
    const tally = createTally('GET /a')
    for (let i = 0; i < 9; i += 1) tally.add({ id: idOf(i), shadow: ['changed /a'], control: [] })
    const paired = () =>
      judged(routeEvidence([tally.evidence()])).endpoints.map((one) => endpointFigures(one).pairedEValue)
    const few = paired()
    expect(few[0]).toBeGreaterThan(100)
    for (let i = 9; i < 500; i += 1) tally.add({ id: idOf(i), shadow: [], control: [] })
    for (let i = 500; i < 700; i += 1) tally.add({ id: idOf(i), shadow: ['changed /b'], control: ['changed /b'] })
    expect(paired()).toEqual(few)
  })
})

describe('bad input', () => {
  const one = { ...emptyEvidence('GET /a'), firstSeen: '1', pairs: 400, controlPairs: 250 }

  it.each([
    ['pairs that are no number', { pairs: Number.NaN }],
    ['pairs below none', { pairs: -1 }],
    ['half a pair', { pairs: 10.5 }],
    ['more differences than pairs', { differing: 401 }],
    ['more differences than control pairs', { controlDiffering: 251 }],
    ['sets beyond the differing pairs', { sets: [{ units: ['changed /a'], pairs: 5 }] }],
    [
      'units beyond the differing pairs',
      { units: [{ path: '/a', kind: 'changed' as const, firstSeen: '', shadow: 3, control: 0 }] },
    ],
    ['time-outs that are no failures', { timeouts: 5 }],
    [
      'an endless latency',
      { latency: { slower: Number.POSITIVE_INFINITY, notSlower: 0, tailShadow: 0, tailControl: 0 } },
    ],
  ])('is told as invalid: %s', (_, wrong) => {
    const verdict = judged(routeEvidence([{ ...one, ...wrong }]))
    expect(verdict).toMatchObject({ verdict: 'invalid', action: 'hold' })
    expect(verdict.sentence).toMatch(/cannot be judged/)
    expect(notFinite({ ...verdict, sentence: '', reasons: [], endpoints: [] })).toEqual([])
  })

  it('is told as invalid whichever count is no number', () => {
    const flat = Object.entries(one).filter(([name, value]) => typeof value === 'number' && !name.endsWith('PerSecond'))
    const latency = Object.keys(one.latency).map((name) => ({ latency: { ...one.latency, [name]: Number.NaN } }))
    for (const wrong of [...flat.map(([name]) => ({ [name]: Number.NaN })), ...latency])
      expect(judged(routeEvidence([{ ...one, ...wrong }])).verdict).toBe('invalid')
    expect(flat.length + latency.length).toBe(17)
  })

  it('of times that make no sense changes no verdict', () => {
    for (const odd of [Number.NaN, -5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const endpoint = { ...one, pairs: 100, pairsPerSecond: odd, controlPairsPerSecond: odd }
      const verdict = judged(routeEvidence([endpoint], { elapsedSeconds: odd }))
      expect(verdict.verdict).toBe('inconclusive')
      expect(notFinite(shown(verdict))).toEqual([])
    }
  })

  it('of pairs that were never comparable in full passes nothing', () => {
    const verdict = judged(routeEvidence([{ ...emptyEvidence('GET /a'), firstSeen: '1', incomplete: 5_000 }]))
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.endpoints[0]?.reasons).toContain('5,000 of 5,000 answers could not be compared in full')
  })

  it('with more sets than there is room for neither fails nor passes by them', () => {
    const noisy = { path: '/x', kind: 'changed' as const, firstSeen: '1', shadow: 10, control: 3 }
    const endpoint = { ...one, pairs: 1_000, differing: 600, controlDiffering: 3, units: [noisy], overflow: 600 }
    expect(judged(routeEvidence([endpoint])).verdict).toBe('inconclusive')
  })

  it('of fifty thousand endpoints is judged whole', () => {
    const endpoints = Array.from({ length: 50_000 }, (_, k) => ({
      ...one,
      endpoint: `GET /${k}`,
      firstSeen: idOf(k),
      latency: { slower: 0, notSlower: 99, tailShadow: 0, tailControl: 0 },
    }))
    expect(judged(routeEvidence(endpoints)).verdict).toBe('pass')
  })
})

describe('a policy', () => {
  const refused = (written: unknown, control: RouteEvidence['control'] = 'shared') => {
    const result = parsePolicy(written, control)
    return result.ok ? [] : result.problems.map(({ pointer, message }) => `${pointer} ${message}`)
  }

  it.each([
    [{ tolerance: { equality: 1, failures: 2 } }, /^\/tolerance\/failures is above tolerance.equality/],
    [
      { tolerance: { endpoints: { 'GET /pay': 5 } }, critical: { endpoints: ['GET /pay'] } },
      /GET \/pay is critical, yet tolerates more/,
    ],
    [{ critical: { endpoints: ['GET /a', 'GET /a'] } }, /names an endpoint twice/],
    [{ coverage: { live: 0 } }, /would pass on silence/],
    [{ latency: { mayFail: true } }, /needs a control instance of its own/],
    [{ latency: { mayFail: true, judged: false } }, /latency.judged is false/],
    [{ maxWait: { seconds: 600, action: 'promote' } }, /never a reason to promote/],
    [{ alpha: { fail: 0 } }, /expected a number from 0.000001 to 0.2/],
    [{ alpha: { fail: Number.NaN } }, /expected a number/],
    [{ tolerance: { equality: 0 } }, /expected a number from 0.01 to 25/],
    [{ critical: { endpoints: ['/pay'] } }, /expected a method and a path/],
    [{ critical: { fields: ['total'] } }, /expected a pointer/],
    [{ tolerence: {} }, /did you mean tolerance/],
    ['strict', /expected object/],
  ])('that contradicts itself is refused with the reason: %j', (written, message) => {
    expect(refused(written).join('\n')).toMatch(message)
  })

  it('left out is a sound one, with any control', () => {
    for (const control of ['none', 'shared', 'own'] as const) expect(refused({}, control)).toEqual([])
    expect(refused({ tolerance: { equality: 0.05 } })).toEqual([])
    expect(policyOf({}, 'own').latency.mayFail).toBe(true)
    expect(policyOf({}).latency.mayFail).toBe(false)
  })
})
