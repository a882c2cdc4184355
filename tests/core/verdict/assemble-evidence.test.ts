import { describe, expect, it } from '@jest/globals'
import { assembleEvidence, type EvidenceRow } from '../../../collector/core/verdict/assemble-evidence.ts'
import { setKey } from '../../../collector/core/verdict/difference-set.ts'
import { judge } from '../../../collector/core/verdict/judge.ts'
import { latencySample } from '../../../collector/core/verdict/latency.ts'
import { policyOf } from '../../helpers/policy-of.ts'
import { shuffled } from '../../helpers/tapped-exchanges.ts'
import { frozenFor, idOf, routeEvidence, seeded } from '../../helpers/verdict-evidence.ts'

const row = (metric: EvidenceRow['metric'], count: number, rest: Partial<EvidenceRow> = {}): EvidenceRow => ({
  ...{ isControl: false, endpoint: 'GET /a', metric, detail: '', count, firstSeen: idOf(1) },
  ...rest,
})
const still = () => ({ shadow: 0, control: 0 })

const rows: EvidenceRow[] = [
  row('pairs', 1_000),
  row('differing', 700),
  row('unit', 600, { detail: 'changed /at' }),
  row('unit', 120, { detail: 'changed /b' }),
  row('set', 580, { detail: setKey(['changed /at']) }),
  row('set', 20, { detail: setKey(['changed /at', 'changed /b']) }),
  row('set', 100, { detail: setKey(['changed /b']) }),
  row('unpaired', 5),
  row('shed', 2),
  row('slower', 3),
  row('notSlower', 90),
  row('pairs', 250, { isControl: true }),
  row('differing', 200, { isControl: true }),
  row('unit', 200, { detail: 'changed /at', isControl: true, firstSeen: idOf(0) }),
  row('latency', 1, { detail: latencySample({ id: idOf(5), primary: 10, control: 10, shadow: 60_000 }) }),
  row('pairs', 400, { endpoint: 'GET /b' }),
  row('pairs', 240, { endpoint: 'GET /b', isControl: true }),
]
const frozen = frozenFor([{ endpoint: 'GET /a' }, { endpoint: 'GET /b' }])

describe('evidence from stored counts', () => {
  it('puts shadow and control side by side', () => {
    const [a] = assembleEvidence(rows, frozen, () => ({ shadow: 2, control: 0.1 }))
    expect(a).toMatchObject({
      ...{ endpoint: 'GET /a', firstSeen: idOf(0), liveRequests: 1_007, pairs: 1_000, differing: 700 },
      ...{ controlPairs: 250, controlDiffering: 200, pairsPerSecond: 2, controlPairsPerSecond: 0.1 },
      latency: { slower: 4, notSlower: 90, tailShadow: 1, tailControl: 0 },
      units: [
        { kind: 'changed', path: '/at', shadow: 600, control: 200, firstSeen: idOf(0) },
        { kind: 'changed', path: '/b', shadow: 120, control: 0, firstSeen: idOf(1) },
      ],
    })
    expect(a?.sets).toContainEqual({ units: ['changed /at', 'changed /b'], pairs: 20 })
  })

  it('gives the same verdict bit for bit in any order, and from rows that are split', () => {
    const policy = policyOf({})
    const judged = (given: readonly EvidenceRow[]) =>
      judge(routeEvidence(assembleEvidence(given, frozen, still)), policy, frozen)
    const first = judged(rows)
    expect(first.endpoints[0]).toMatchObject({ verdict: 'fail', different: 120, noisyUnits: ['changed /at'] })
    const random = seeded(1)
    const halves = rows.flatMap((one) =>
      one.count % 2 === 0
        ? [
            { ...one, count: one.count / 2 },
            { ...one, count: one.count / 2 },
          ]
        : [one],
    )
    for (let n = 0; n < 50; n += 1) {
      expect(judged(shuffled(rows, random))).toEqual(first)
      expect(judged(shuffled(halves, random))).toEqual(first)
    }
  })

  it('has no opinion where only incomplete pairs came', () => {
    const evidence = assembleEvidence([row('incomplete', 400)], frozen, still)
    const verdict = judge(routeEvidence(evidence), policyOf({}), frozen)
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.endpoints[0]?.reasons).toContain('400 of 400 answers could not be compared in full')
    expect(verdict.unverified).toEqual(['GET /a'])
  })
})
