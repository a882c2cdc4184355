import { describe, expect, it } from '@jest/globals'
import type { EndpointEvidence, RouteEvidence } from '../../../collector/core/verdict/evidence.ts'
import { emptyEvidence } from '../../../collector/core/verdict/evidence.ts'
import { judge } from '../../../collector/core/verdict/judge.ts'
import { endpointSentence } from '../../../collector/core/verdict/sentences.ts'
import type { RouteVerdict } from '../../../collector/core/verdict/verdict.ts'
import { policyOf } from '../../helpers/policy-of.ts'
import { frozenFor, routeEvidence } from '../../helpers/verdict-evidence.ts'

const policy = policyOf({ latency: { judged: false } })

/** An endpoint of which `n` pairs were compared and all were equal, with enough control pairs. */
function equal(endpoint: string, n: number, rest: Partial<EndpointEvidence> = {}): EndpointEvidence {
  return { ...emptyEvidence(endpoint), firstSeen: endpoint, pairs: n, controlPairs: Math.min(n, 250), ...rest }
}

/** `different` of its pairs differ in one unit. */
function differing(endpoint: string, n: number, different: number, rest: Partial<EndpointEvidence> = {}) {
  const unit = { path: '/price', kind: 'changed' as const, firstSeen: '1', shadow: different, control: 0 }
  const sets = [{ units: ['changed /price'], pairs: different }]
  return equal(endpoint, n, { differing: different, units: [unit], sets, ...rest })
}

const judged = (endpoints: EndpointEvidence[], rest: Partial<RouteEvidence> = {}, by = policy) =>
  judge(routeEvidence(endpoints, rest), by, frozenFor(endpoints))

const sentenceOf = ({ endpoints }: RouteVerdict, index: number) => {
  const one = endpoints[index]
  return one && endpointSentence(one)
}

describe('judge', () => {
  it('passes what was shown to be equal', () => {
    const verdict = judged([equal('GET /a', 377)])
    expect(verdict).toMatchObject({ verdict: 'pass', action: 'promote', coverage: 1, unverified: [] })
    expect(verdict.sentence).toBe('shadow of shop passes: equal on endpoints with 100 % of the requests')
    expect(sentenceOf(verdict, 0)).toBe('GET /a passes: 377 answers compared, none differs, shown to be below 1 %')
  })

  it('says how many requests are missing, and how long they take', () => {
    const verdict = judged([
      equal('GET /a', 376, { pairsPerSecond: 0.4 }),
      equal('GET /b', 77, { pairsPerSecond: 0.4 }),
    ])
    expect(verdict).toMatchObject({ verdict: 'inconclusive', action: 'hold' })
    expect(verdict.endpoints.map(({ missing }) => missing)).toEqual([
      { towards: 'pass', requests: 1, controlRequests: 0, seconds: 2.5 },
      { towards: 'pass', requests: 300, controlRequests: 0, seconds: 750 },
    ])
    expect(verdict.missing).toEqual({ towards: 'pass', requests: 301, controlRequests: 0, seconds: 750 })
    expect(sentenceOf(verdict, 1)).toBe(
      'GET /b is undecided: 77 answers compared, none differs; needs 300 more requests without a difference (about 13 min at today’s traffic) to show a rate below 1 %',
    )
  })

  it('fails what differs, and names where', () => {
    const verdict = judged([equal('GET /a', 1_000), differing('GET /b', 1_000, 120)])
    expect(verdict).toMatchObject({ verdict: 'fail', action: 'rollback' })
    expect(verdict.sentence).toBe('shadow of shop fails: it differs on GET /b')
    expect(verdict.endpoints[1]).toMatchObject({ verdict: 'fail', n: 1_000, different: 120, reported: true })
    expect(sentenceOf(verdict, 1)).toBe(
      'GET /b fails: 120 of 1,000 answers differ outside the noise (tolerance 1 %); changed /price in 120 of 1,000 answers, in 0 of 250 of the control',
    )
    expect(verdict.endpoints[0]?.verdict).toBe('pass')
  })

  it('leaves what the control shows too out of the verdict, and names it', () => {
    const noisy = { path: '/at', kind: 'changed' as const, firstSeen: '1', shadow: 1_000, control: 250 }
    const sets = [{ units: ['changed /at'], pairs: 1_000 }]
    const counts = { differing: 1_000, controlDiffering: 250, units: [noisy], sets }
    const verdict = judged([equal('GET /a', 1_000, counts)])
    expect(verdict.endpoints[0]).toMatchObject({
      verdict: 'pass',
      different: 0,
      noisyUnits: ['changed /at'],
      controlDiffering: 250,
    })
    expect(sentenceOf(verdict, 0)).toMatch(/it does not speak for what is noisy: changed \/at$/)
  })

  it('still sees a field go missing where its value is noisy', () => {
    const units = [
      { path: '/at', kind: 'changed' as const, firstSeen: '1', shadow: 900, control: 250 },
      { path: '/at', kind: 'removed' as const, firstSeen: '2', shadow: 100, control: 0 },
    ]
    const sets = [
      { units: ['changed /at'], pairs: 900 },
      { units: ['removed /at'], pairs: 100 },
    ]
    const verdict = judged([equal('GET /a', 1_000, { differing: 1_000, controlDiffering: 250, units, sets })])
    expect(verdict.endpoints[0]).toMatchObject({ verdict: 'fail', different: 100 })
  })

  it('fails a noisy unit that is much noisier in the shadow', () => {
    const unit = { path: '/at', kind: 'changed' as const, firstSeen: '1', shadow: 400, control: 5 }
    const sets = [{ units: ['changed /at'], pairs: 400 }]
    const verdict = judged([equal('GET /a', 1_000, { differing: 400, controlDiffering: 5, units: [unit], sets })])
    expect(verdict.endpoints[0]?.verdict).toBe('fail')
    expect(sentenceOf(verdict, 0)).toBe('GET /a fails: changed /at in 400 of 1,000 answers, in 5 of 250 of the control')
  })

  it('holds no small difference against the shadow before the noise is known', () => {
    const paces = { controlPairsPerSecond: 0.1, pairsPerSecond: 2 }
    const early = differing('GET /a', 400, 20, { controlPairs: 0, ...paces })
    const verdict = judged([early])
    expect(verdict.endpoints[0]).toMatchObject({
      verdict: 'inconclusive',
      missing: { towards: 'fail', requests: 4_560, controlRequests: 228, seconds: 2_280 },
    })
    expect(verdict.endpoints[0]?.reasons).toContain(
      'likely to fail, but its noise is not known yet: needs 228 more control requests (about 38 min at today’s traffic)',
    )
    expect(judged([{ ...early, controlPairs: 250 }]).verdict).toBe('fail')
  })

  it('says of what differs how far it is from failing, and that much is enough', () => {
    const given = differing('GET /a', 9, 9, { controlPairs: 9, pairsPerSecond: 0.5, controlPairsPerSecond: 0.5 })
    const verdict = judged([equal('GET /b', 100), given])
    const missing = verdict.endpoints[0]?.missing
    expect(verdict.verdict).toBe('inconclusive')
    expect(missing).toMatchObject({ towards: 'fail', seconds: 2 * (missing?.requests ?? 0) })
    expect(verdict.missing).toEqual(missing)
    expect(sentenceOf(verdict, 0)).toBe(
      `GET /a is undecided: 9 of 9 answers differ (100 %); likely to fail: needs about ${missing?.requests} more requests like these (about ${missing?.seconds} s at today’s traffic)`,
    )
    expect(verdict.reasons[0]).toBe(sentenceOf(verdict, 0))
    const verdictWith = (more: number) =>
      judged([equal('GET /b', 100), differing('GET /a', 9 + more, 9 + more, { controlPairs: 9 + more })]).verdict
    const needed = missing?.requests ?? 0
    expect(needed).toBeLessThan(30)
    expect([verdictWith(needed), verdictWith(Math.floor(needed / 2))]).toEqual(['fail', 'inconclusive'])
  })

  it('never passes while too many of the answers never came', () => {
    const verdict = judged([equal('GET /a', 1_000, { unpaired: 200 })])
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.endpoints[0]?.reasons).toEqual([
      '200 of 1,200 answers could not be compared in full (200 of them never came)',
    ])
    expect(judged([equal('GET /a', 1_000, { unpaired: 100 })]).verdict).toBe('pass')
  })

  it('speaks of PASS where the rate is too close above the tolerance to fail in any time', () => {
    const verdict = judged([differing('GET /a', 100_000, 1_001)])
    expect(verdict.endpoints[0]?.verdict).toBe('inconclusive')
    expect(verdict.endpoints[0]?.missing.requests).toBeGreaterThan(1_000)
  })

  it('fails what always differs after few control requests', () => {
    expect(judged([differing('GET /a', 60, 60, { controlPairs: 60 })]).verdict).toBe('fail')
  })

  it('says where there is no noise control, and judges by the tolerance alone', () => {
    const verdict = judged([differing('GET /a', 400, 40, { controlPairs: 0 })], { control: 'none' })
    expect(verdict).toMatchObject({ verdict: 'fail', noNoiseControl: true })
    expect(sentenceOf(verdict, 0)).toMatch(/\(no noise control\)$/)
  })

  it('asks for no control where the request must not be sent twice', () => {
    const verdict = judged([differing('POST /search', 100, 100, { controlPairs: 0 })])
    expect(verdict.endpoints[0]).toMatchObject({ verdict: 'fail', noNoiseControl: true })
  })

  it('keeps an endpoint open while a noisy critical field is not shown to be no worse', () => {
    const by = policyOf({ latency: { judged: false }, critical: { fields: ['/total'] } })
    const at = (n: number, m: number, x: number, y: number) => {
      const unit = { path: '/total', kind: 'changed' as const, firstSeen: '1', shadow: x, control: y }
      const sets = [{ units: ['changed /total'], pairs: x }]
      const counts = { controlPairs: m, differing: x, controlDiffering: y, units: [unit], sets }
      return judged([equal('GET /a', n, counts)], {}, by).endpoints[0]
    }
    expect(at(1_000, 250, 20, 5)?.verdict).toBe('inconclusive')
    expect(at(1_000, 250, 20, 5)?.reasons[0]).toMatch(/critical field \/total is noisy/)
    expect(at(100_000, 100_000, 2_000, 2_000)?.verdict).toBe('pass')
    expect(at(100_000, 100_000, 3_000, 2_000)?.verdict).toBe('fail')
    expect(at(100_000, 1_000, 2_000, 20)?.verdict).toBe('inconclusive')
  })

  describe('of failures', () => {
    const by = policyOf({ latency: { judged: false }, critical: { endpoints: ['GET /pay'] } })
    const failing = (endpoint: string, n: number, worse: number, better: number) => {
      const status = { path: 'status', kind: 'changed' as const, firstSeen: '1', shadow: worse + better, control: 0 }
      const sets = [{ units: ['changed status'], pairs: worse + better }]
      const counts = { worse, better, differing: worse + better, controlPairs: 3, units: [status], sets }
      return equal(endpoint, n, counts)
    }

    it('caps a critical endpoint hard, before the noise is known', () => {
      expect(judged([failing('GET /pay', 20, 8, 0)], {}, by).endpoints[0]).toMatchObject({
        verdict: 'fail',
        reasons: ['8 of 20 requests failed where the primary answered (0 the other way round)'],
      })
      expect(judged([failing('GET /other', 20, 8, 0)], {}, by).verdict).toBe('inconclusive')
      const uncapped = policyOf({ latency: { judged: false }, critical: { endpoints: ['GET /pay'] }, hardCap: false })
      expect(judged([failing('GET /pay', 20, 8, 0)], {}, uncapped).verdict).toBe('inconclusive')
    })

    it('forgives a primary that is as flaky itself', () => {
      expect(judged([failing('GET /pay', 200, 12, 13)], {}, by).endpoints[0]?.verdict).toBe('inconclusive')
    })

    it('counts time-outs of the shadow as differences', () => {
      const slow = equal('GET /a', 100, { timeouts: 40, worse: 40 })
      expect(judged([slow]).endpoints[0]).toMatchObject({ verdict: 'fail', n: 140, different: 40 })
    })
  })

  describe('of latency', () => {
    const by = policyOf({})
    const latency = (slower: number, notSlower: number, tailShadow = 0, tailControl = 0) => ({
      latency: { slower, notSlower, tailShadow, tailControl },
    })

    it('asks for it to be shown where it can be measured', () => {
      expect(judged([equal('GET /a', 400, latency(20, 200))], {}, by).verdict).toBe('pass')
      const open = judged([equal('GET /a', 400, latency(3, 5))], {}, by).endpoints[0]
      expect(open).toMatchObject({ verdict: 'inconclusive', missing: { requests: 0, controlRequests: 10 } })
      expect(open?.reasons[0]).toMatch(/^latency: needs 10 more control requests/)
    })

    it('never fails on the primary’s own instance as control, but on one of its own', () => {
      const slow = [equal('GET /a', 400, latency(200, 20))]
      expect(judged(slow, {}, by).endpoints[0]?.reasons.join()).toMatch(/needs a control instance of its own/)
      expect(judged(slow, {}, by).verdict).toBe('inconclusive')
      expect(judged(slow, { control: 'own' }, policyOf({}, 'own')).verdict).toBe('fail')
      const tail = [equal('GET /a', 400, latency(20, 200, 60, 4))]
      expect(judged(tail, {}, by).verdict).toBe('inconclusive')
      expect(judged(tail, { control: 'own' }, policyOf({}, 'own')).verdict).toBe('fail')
    })

    it('waits for the warm-up', () => {
      const verdict = judge(routeEvidence([equal('GET /a', 400)]), by, new Map())
      expect(verdict.endpoints[0]?.reasons).toEqual([
        expect.stringMatching(/^latency: still warming up, needs \d+ more control requests$/),
      ])
    })
  })

  describe('of a route', () => {
    it('names what was never seen', () => {
      const by = policyOf({ latency: { judged: false }, critical: { endpoints: ['GET /pay'] } })
      const verdict = judged([equal('GET /a', 1_000)], { knownEndpoints: ['DELETE /a', 'GET /a'] }, by)
      expect(verdict).toMatchObject({ verdict: 'inconclusive', unverified: ['DELETE /a', 'GET /pay'] })
      expect(verdict.reasons).toContain('never seen, yet critical: GET /pay')
    })

    it('passes once the endpoints that pass cover the live requests', () => {
      const rare = equal('GET /rare', 10, { liveRequests: 40 })
      expect(judged([equal('GET /a', 1_000, { liveRequests: 1_000 }), rare]).verdict).toBe('pass')
      expect(judged([equal('GET /a', 1_000, { liveRequests: 500 }), rare]).verdict).toBe('pass')
      expect(judged([equal('GET /a', 100, { liveRequests: 100 }), rare]).verdict).toBe('inconclusive')
    })

    it('fails a regression spread over many endpoints, none of which fails by itself', () => {
      const spread = Array.from({ length: 30 }, (_, k) => differing(`GET /${k}`, 1_000, 24))
      const verdict = judged(spread)
      expect(verdict.verdict).toBe('fail')
      expect(verdict.endpoints.map((one) => one.verdict)).not.toContain('fail')
      expect(verdict.sentence).toMatch(/^shadow of shop fails: a regression spread over several endpoints, most on /)
    })

    it('is invalid while the routing sends requests elsewhere than it should', () => {
      const splits = [{ what: 'the canary', share: 0.5, chosen: 50, total: 1_000 }]
      const verdict = judged([differing('GET /a', 1_000, 500)], { splits })
      expect(verdict).toMatchObject({ verdict: 'invalid', action: 'hold' })
      expect(verdict.sentence).toBe(
        'shadow of shop cannot be judged: the routing is broken: the canary got 5 % of 1,000, expected 50 %',
      )
      const asConfigured = [{ what: 'the canary', share: 0.5, chosen: 480, total: 1_000 }]
      expect(judged([equal('GET /a', 1_000)], { splits: asConfigured }).verdict).toBe('pass')
    })

    it('holds each share to its own requests when it is changed on the way', () => {
      const segments = [
        { what: 'mirrored', share: 0.1, chosen: 1_010, total: 10_000 },
        { what: 'mirrored', share: 0.5, chosen: 4_960, total: 10_000 },
      ]
      expect(judged([equal('GET /a', 1_000)], { splits: segments }).verdict).toBe('pass')
    })

    it('does what the policy says when nothing was decided in time, and never promotes', () => {
      const by = (action: string) => policyOf({ latency: { judged: false }, maxWait: { seconds: 600, action } })
      const actionAt = (elapsedSeconds: number, action: string) =>
        judged([equal('GET /a', 10)], { elapsedSeconds }, by(action)).action
      expect([actionAt(599, 'rollback'), actionAt(600, 'rollback'), actionAt(600, 'hold')]).toEqual([
        'hold',
        'rollback',
        'hold',
      ])
    })
  })
})
