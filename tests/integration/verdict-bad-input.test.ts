// What a verdict has to stand, as it is stored: by a running collector, on real Kafka and PostgreSQL.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { VerdictView } from '../../collector/api/verdict-schemas.ts'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { postRecords, type Service, type TrafficOptions, tappedExchanges } from '../helpers/tapped-exchanges.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const DAY = 86_400_000

const same: Service = (path) => ({ body: { path, total: 10 } })
const quick: Service = (path) => ({ body: { path }, micros: 0 })

const names = ['alone', 'moved', 'jumping', 'instant', 'halves', 'silent', 'endless']
const routeLines = (name: string, share: number, control: number) =>
  `  - { name: ${name}, rule: "PathPrefix(\`/${name}\`)", primary: { url: http://127.0.0.1:9 }, share: ${share},
      shadows: [{ name: shadow, url: http://127.0.0.1:9 }], control: ${control}, endpoints: ["GET /a", "DELETE /a/{name}"] }`
/** Shares of the one route whose shares change. */
const routesFile = (share: number, control: number) =>
  [
    'routes:',
    ...names.map((name) => (name === 'moved' ? routeLines(name, share, control) : routeLines(name, 100, 5))),
  ].join('\n')

describe('the stored verdict', () => {
  let collector: OwnCollector

  beforeAll(async () => {
    collector = await startOwnCollector({ routes: routesFile(10, 100), env: { UNDERSTUDY_PAIR_WINDOW_MS: '1500' } })
  })

  afterAll(async () => {
    await collector?.end()
  })

  const verdictOf = async (route: string): Promise<VerdictView> =>
    (await (await fetch(`${collector.api}/api/v1/routes/${route}/verdict`)).json()) as VerdictView

  const traffic = (route: string, rest: Partial<TrafficOptions> = {}) =>
    tappedExchanges({
      ...{ route, primary: same, shadow: same, paths: ['/a'], requests: 400, fromMs: Date.now() },
      control: (n) => n < 250,
      ...rest,
    })

  /** Posts them and waits until the verdict has counted so many pairs more. */
  const counted = async (route: string, exchanges: TapRecord[][], pairs = exchanges.length) => {
    const before = (await verdictOf(route)).endpoints.reduce((sum, { n }) => sum + n, 0)
    await postRecords(collector.ingest, exchanges.flat())
    return waitUntil(
      async () => {
        const verdict = await verdictOf(route)
        return verdict.endpoints.reduce((sum, { n }) => sum + n, 0) >= before + pairs && verdict
      },
      { withinMs: 60_000, what: `${pairs} pairs of ${route}` },
    )
  }

  it('passes identical answers that all go to one endpoint, and names those of the OpenAPI document never seen', async () => {
    await counted('alone', traffic('alone', { requests: 900, control: (n) => n < 500 }))
    const verdict = await waitUntil(
      async () => {
        const now = await verdictOf('alone')
        return now.verdict === 'pass' && now
      },
      { withinMs: 60_000, what: 'PASS' },
    )
    expect(verdict).toMatchObject({ coverage: 1, unverified: ['DELETE /a/{name}'] })
    expect(verdict.reason).toMatch(/; unverified: DELETE \/a\/\{name\}$/)
    expect(verdict.endpoints).toHaveLength(1)
  })

  it('goes on where the shares of the shadow and of the control are changed mid-way', async () => {
    const noisy: Service = (path, n) => ({ body: { path, at: n % 3 === 0 ? Math.random() : 1 } })
    const sides = { primary: noisy, shadow: noisy }
    await counted('moved', traffic('moved', { ...sides, control: () => true }))
    await collector.writeRoutes(routesFile(50, 5))
    await waitUntil(
      async () => {
        const route = await (await fetch(`${collector.api}/api/v1/routes/moved`)).json()
        return (route as { share: number }).share === 50
      },
      { withinMs: 60_000, what: 'the new share' },
    )
    const verdict = await counted(
      'moved',
      traffic('moved', { ...sides, requests: 2_000, control: (n) => n % 20 === 0 }),
    )
    expect(verdict).toMatchObject({ generation: 1, unverified: ['DELETE /a/{name}'] })
    expect(['pass', 'inconclusive']).toContain(verdict.verdict)
    await waitUntilHolds(async () => {
      const control = (await verdictOf('moved')).endpoints.find(({ controlN }) => controlN === 500)
      expect(control).toMatchObject({ n: 2_400, different: 0, noisyFields: ['changed /at'] })
    })
  })

  it('counts what comes while a clock jumps, forwards and back', async () => {
    const jumps = [0, -400 * DAY, 2 * DAY, -DAY, 0]
    const exchanges = jumps.flatMap((jump) =>
      traffic('jumping', { requests: 90, control: () => true, fromMs: Date.now() + jump }),
    )
    const verdict = await counted('jumping', exchanges)
    expect(verdict.endpoints).toMatchObject([{ endpoint: 'GET /a', n: 450, different: 0 }])
    expect(['pass', 'inconclusive']).toContain(verdict.verdict)
  })

  it('holds no ties and no time at all against the shadow, and no number that is none', async () => {
    await counted('instant', traffic('instant', { primary: quick, shadow: quick, control: () => true }))
    const verdict = await waitUntil(
      async () => {
        const now = await verdictOf('instant')
        return now.verdict === 'pass' && now
      },
      { withinMs: 60_000, what: 'PASS' },
    )
    const latency = verdict.endpoints[0]?.tests.find(({ name }) => name === 'latency-typical')
    expect(latency).toMatchObject({ bad: 0 })
    // JSON has no word for what is no number: it would be null, where only times that cannot be told are.
    const { since: _since, endpoints, ...rest } = verdict
    expect(JSON.stringify(rest)).not.toMatch(/"(?!missing)\w+":null/)
    expect(JSON.stringify(endpoints)).not.toMatch(/"(?!missing)\w+":null/)
  })

  it('does not pass where answers are incomplete, or never come', async () => {
    const cut = traffic('halves', { control: () => false }).map(([primary, shadow]) => {
      const { response: _response, ...left } = shadow as TapRecord
      return [primary, { ...left, skipped: 'upgrade' }] as TapRecord[]
    })
    const alone = traffic('silent', { control: () => false }).map((records) => records.slice(0, 1))
    await postRecords(collector.ingest, [...cut, ...alone].flat())
    for (const route of ['halves', 'silent']) {
      const verdict = await waitUntil(
        async () => {
          const now = await verdictOf(route)
          return now.endpoints[0]?.reasons.some((reason) => reason.startsWith('400 of 400 answers')) && now
        },
        { withinMs: 60_000, what: `what ${route} could not compare` },
      )
      expect(verdict).toMatchObject({ verdict: 'inconclusive', action: 'hold', coverage: 0 })
      expect(verdict.unverified).toEqual(['DELETE /a/{name}', 'GET /a'])
    }
  })

  it('bounds the endpoints, and says that it does', async () => {
    const paths = Array.from({ length: 2_500 }, (_, n) => `/section-${'abcdefghij'[n % 10]}/${word(n)}/list`)
    const verdict = await counted('endless', traffic('endless', { paths, requests: 2_500, control: () => false }))
    expect(verdict.endpoints.length).toBeLessThanOrEqual(501)
    expect(verdict.endpoints.reduce((sum, { n }) => sum + n, 0)).toBe(2_500)
    expect(verdict.verdict).toBe('inconclusive')
  })
})

/** A name without digits, which is no id. */
function word(n: number): string {
  return [...String(n)].map((digit) => 'klmnopqrst'[Number(digit)]).join('')
}
