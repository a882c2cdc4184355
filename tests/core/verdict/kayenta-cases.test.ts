// Four cases reported by users of Kayenta; it passed the first three. Ours never passes any of them, at any length, and
// fails the three that shift a rate or a level once there are 400 requests.
import { describe, expect, it } from '@jest/globals'
import type { EndpointEvidence, RouteEvidence } from '../../../collector/core/verdict/evidence.ts'
import { judge } from '../../../collector/core/verdict/judge.ts'
import { policyOf } from '../../helpers/policy-of.ts'
import { createTally, frozenFor, idOf, routeEvidence } from '../../helpers/verdict-evidence.ts'

/** Undefined: the metric, as a field of the answer, is not there. */
type Series = readonly (number | undefined)[]
type Case = { name: string; control: Series; candidate: Series }

const level = {
  name: 'a level raised a hundredfold (spinnaker#6278)',
  control: [1],
  candidate: [...Array(7).fill(100), 1, 1, 1],
}
const rate = { name: 'errors where there were none (#426)', control: [0], candidate: [0, 1, 2, 1, 0, 0] }
const spread = { name: 'a change of variance alone (#780)', control: [1, 106], candidate: [10, 17.7, 12, 15.1, 11, 16] }
const absent = { name: 'values where the control has none (#799)', control: [undefined], candidate: [1, 4, 2, 3, 1] }

const LENGTHS = [1, 2, 5, 6, 8, 10, 20, 50, 100, 200, 300, 400, 600, 1_000, 3_000, 10_000, 100_000]
const at = (series: Series, i: number) => series[i % series.length]

/** The values as a field of the answers; the control goes along with the first 250 and every twentieth after them. */
function asField({ control, candidate }: Case, n: number): EndpointEvidence {
  const tally = createTally('GET /metric')
  for (let i = 0; i < n; i += 1) {
    const [before, after] = [at(control, i), at(candidate, i)]
    const kind = before === undefined ? 'added' : 'changed'
    const hasControl = i < 250 || i % 20 === 0
    tally.add({ id: idOf(i), shadow: before === after ? [] : [`${kind} /value`], control: hasControl ? [] : undefined })
  }
  return { ...tally.evidence(), latency: { slower: 0, notSlower: n, tailShadow: 0, tailControl: 0 } }
}

/** The values as milliseconds; the control has an instance of its own. */
function asLatency({ control, candidate }: Case, n: number): EndpointEvidence {
  const tally = createTally('GET /metric')
  let slower = 0
  for (let i = 0; i < n; i += 1) {
    tally.add({ id: idOf(i), shadow: [], control: [] })
    if ((at(candidate, i) ?? 0) > 1.1 * (at(control, i) ?? 0)) slower += 1
  }
  return { ...tally.evidence(), latency: { slower, notSlower: n - slower, tailShadow: 0, tailControl: 0 } }
}

function verdictOf(endpoint: EndpointEvidence, control: RouteEvidence['control']) {
  return judge(routeEvidence([endpoint], { control }), policyOf({}, control), frozenFor([endpoint])).verdict
}

describe('the cases that Kayenta passed', () => {
  it.each([level, rate, spread, absent])('never pass as a field of the answer: $name', (one) => {
    for (const n of LENGTHS) expect([n, verdictOf(asField(one, n), 'shared')]).not.toEqual([n, 'pass'])
  })

  it.each([level, rate, spread])('never pass as latency: $name', (one) => {
    for (const n of LENGTHS) expect([n, verdictOf(asLatency(one, n), 'own')]).not.toEqual([n, 'pass'])
  })

  it.each([level, rate, absent])('fail as a field from 400 requests on: $name', (one) => {
    for (const n of LENGTHS.filter((length) => length >= 400))
      expect([n, verdictOf(asField(one, n), 'shared')]).toEqual([n, 'fail'])
  })

  it('fails a shifted level of latency from 400 requests on', () => {
    for (const n of LENGTHS.filter((length) => length >= 400))
      expect([n, verdictOf(asLatency(level, n), 'own')]).toEqual([n, 'fail'])
  })

  it('names the requests that are missing where there are only a few', () => {
    const endpoint = asField(absent, 5)
    const verdict = judge(routeEvidence([endpoint]), policyOf({}), frozenFor([endpoint]))
    expect(verdict.verdict).toBe('inconclusive')
    // Five of five differ: what is missing is what FAIL asks for.
    expect(verdict.missing).toMatchObject({ towards: 'fail' })
    const { requests } = verdict.missing
    expect(verdictOf(asField(absent, 5 + requests), 'shared')).toBe('fail')
  })
})
