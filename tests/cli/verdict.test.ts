import { afterEach, describe, expect, it } from '@jest/globals'
import type { EndpointEvidence } from '../../collector/core/verdict/evidence.ts'
import { startApi, type TestApi } from '../api/api-server.ts'
import { differing, fakeVerdicts } from '../api/fake-verdicts.ts'
import { understudy } from './run-understudy.ts'

let api: TestApi | undefined
afterEach(() => api?.close())

async function verdict(endpoints: () => EndpointEvidence[], ...args: string[]) {
  api = await startApi({ verdicts: fakeVerdicts(endpoints) })
  return understudy(['verdict', 'ticketing', ...args], { UNDERSTUDY_API: api.url })
}

const passed = () => [differing('GET /a', 600, 0)]
const undecided = () => [differing('GET /a', 100, 0)]
const failed = () => [differing('GET /a', 600, 0), differing('GET /b', 300, 60)]
const invalid = () => [{ ...differing('GET /a', 600, 0), differing: 700 }]

describe('understudy verdict', () => {
  it('says what, where and how sure', async () => {
    const { code, out } = await verdict(failed)
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines[0]).toBe('FAIL  shadow of ticketing fails: it differs on GET /b; unverified: GET /never')
    expect(out).toContain('evidence 2: shadow went from 1 to 2')
    expect(out).toMatch(/\nfail +300 +20\.0 % \[15\.9, 24\.9\] +0\.00 % \[0\.00, 1\.51\] of 250 +\S+ +GET \/b\n/)
    expect(out).toContain('changed /price in 60 of 300 answers, in 0 of 250 of the control')
    expect(out).toContain('understudy comparisons show 0190b5c8-0000-7000-8000-000000000001:shadow')
    expect(out).toContain('unverified: GET /never')
  })

  it('says what is missing and for how long', async () => {
    const { out } = await verdict(undecided)
    expect(out).toContain('missing to pass: 277 requests, 10 min')
    expect(out).toMatch(/inconclusive +100 .* 277 to pass \(10 min\) +GET \/a/)
  })

  it('says of what always differs how little is missing to fail, and shows it', async () => {
    const { out } = await verdict(() => [{ ...differing('GET /b', 9, 9), controlPairsPerSecond: 0.5 }])
    expect(out).toMatch(/^INCONCLUSIVE {2}.* likely to fail: needs about \d+ more requests like these \(about \d+ s/)
    expect(out).toMatch(/\nmissing to fail: \d+ requests, \d+ s\n/)
    expect(out).toMatch(/inconclusive +9 .* \d+ to fail \(\d+ s\) +GET \/b/)
    expect(out).toContain('understudy comparisons show 0190b5c8-0000-7000-8000-000000000001:shadow')
  })

  it.each<[string, () => EndpointEvidence[], string[], number]>([
    ['pass', passed, ['--fail-on', 'fail,inconclusive'], 0],
    ['inconclusive, asked for', undecided, ['--fail-on', 'fail,inconclusive'], 3],
    ['inconclusive, not asked for', undecided, ['--fail-on', 'fail'], 0],
    ['fail, asked for', failed, ['--fail-on', 'fail'], 3],
    ['fail, not asked for', failed, [], 0],
    ['invalid, whatever was asked for', invalid, [], 3],
    ['a word that is no verdict', passed, ['--fail-on', 'maybe'], 2],
    ['a shadow that is not there', passed, ['--variant', 'other'], 1],
  ])('ends with the code of %s', async (_what, endpoints, args, code) => {
    expect((await verdict(endpoints, ...args)).code).toBe(code)
  })

  it('gives JSON of one shape', async () => {
    const { json } = await verdict(failed, '--json')
    expect(json).toMatchObject({
      verdict: 'fail',
      reason: expect.any(String),
      endpoints: [
        { endpoint: 'GET /a', verdict: 'pass', n: 600, rate: 0, controlRate: 0, missing: null },
        { endpoint: 'GET /b', verdict: 'fail', n: 300, rate: 0.2, eValue: expect.any(Number) },
      ],
    })
  })

  it('waits until it is decided', async () => {
    let asked = 0
    const { out, err, code } = await verdict(() => (asked++ === 0 ? undecided() : passed()), '--watch')
    expect(code).toBe(0)
    expect(err).toContain('inconclusive: shadow of ticketing is undecided')
    expect(out).toMatch(/^PASS/)
  })
})
