import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { identityOf } from '../../collector/local-stack/parts/process-identity.ts'
import { expectDemoVerdict } from '../helpers/demo-verdict.ts'
import { runStart, type StackFolder, type StartedStack, stackFolder } from '../helpers/npm-start.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

const FIRST_DIFFERENCE = 'The first request that the two versions answered differently'

type Comparisons = { items: { id: string; exchangeId: string; outcome: string; differences: unknown[] }[] }

let folder: StackFolder
let stack: StartedStack
beforeAll(async () => {
  folder = await stackFolder()
})
afterEach(async () => {
  await stack?.end()
})
afterAll(async () => folder.remove())

async function comparisons(query: Record<string, string>): Promise<Comparisons['items']> {
  const { api } = await stack.file()
  const response = await fetch(`${api}/api/v1/comparisons?${new URLSearchParams(query)}`)
  expect(response.status).toBe(200)
  return ((await response.json()) as Comparisons).items
}

/** What Express 5 answers differently from Express 4 to the demo's requests, each named once. */
const DEMO_TRUTH = [
  'GET /api/ticketing/static/priorities.json header:content-type changed',
  'GET /api/ticketing/tickets /items/* added',
  'GET /api/ticketing/tickets/%E0%A4 /html/body/pre/*/text/* changed',
  'GET /api/ticketing/tickets/{id}/link /url changed',
  'GET /api/ticketing/view/compact header:location changed',
  'POST /api/ticketing/tickets/search /items/* added',
]

type Report = {
  coverage: { compared: number }
  causes: { endpoint: string; path: string; kind: string; count: number; rate: number; samples: string[] }[]
}

/** The tests are one story: each starts on what the last one left. */
describe('npm start', () => {
  let firstEndedAt = ''

  it('shows a difference of the demo, answers over REST, and leaves no process on Ctrl-C', async () => {
    stack = runStart(folder)
    await stack.says(FIRST_DIFFERENCE)
    const [found] = await comparisons({ outcome: 'different', limit: '1' })
    expect(found?.differences.length).toBeGreaterThan(0)

    const { proxy, api } = await stack.file()
    const answer = await fetch(`${proxy}/api/ticketing/tickets`)
    expect(answer.status).toBe(200)
    const id = answer.headers.get('x-understudy-id')
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    const compared = await waitUntil(async () => {
      const exchange = (await (await fetch(`${api}/api/v1/exchanges/${id}`)).json()) as {
        pairs?: { outcome: string }[]
      }
      return exchange.pairs?.[0]
    })
    expect(compared.outcome).toBe('match')
    await waitUntilHolds(async () => {
      const controls = await comparisons({ variant: 'control', limit: '20' })
      expect(controls.map(({ outcome }) => outcome)).toContain('match')
    })

    const report = async () => (await (await fetch(`${api}/api/v1/routes/ticketing/report`)).json()) as Report
    const whole = await waitUntil(
      async () => {
        const told = await report()
        return told.causes.length >= DEMO_TRUTH.length && told.coverage.compared >= 100 ? told : undefined
      },
      { withinMs: 180_000, what: 'the demo to ask everything several times' },
    )
    expect(whole.causes.map(({ endpoint, path, kind }) => `${endpoint} ${path} ${kind}`).sort()).toEqual(DEMO_TRUTH)
    for (const { count, rate, samples } of whole.causes) {
      expect(count).toBeGreaterThanOrEqual(1)
      expect(rate).toBeGreaterThan(0)
      const sample = await fetch(`${api}/api/v1/comparisons/${samples[0]}`)
      expect(((await sample.json()) as { outcome: string }).outcome).toBe('different')
    }
    await expectDemoVerdict(proxy, api)

    const processes = await stack.processes()
    expect(processes).toHaveLength(6)
    const stoppedAt = performance.now()
    expect(await stack.end('SIGINT')).toBe(0)
    expect(performance.now() - stoppedAt).toBeLessThan(10_000)
    expect(processes.filter(({ pid, identity }) => identityOf(pid) === identity)).toEqual([])
    firstEndedAt = new Date().toISOString()
  }, 600_000)

  it('keeps the data for the second start, which fetches nothing and admits no third', async () => {
    stack = runStart(folder, ['--no-demo-traffic'])
    await stack.says('Understudy is up')
    expect(stack.output()).not.toMatch(/fetch/)
    expect(await comparisons({ to: firstEndedAt, outcome: 'different', limit: '1' })).toHaveLength(1)
    const other = runStart(folder)
    expect(await other.end('SIGCONT')).toBe(1)
    // What it said may come a moment after its end.
    await waitUntilHolds(() =>
      expect(other.output()).toMatch(
        /^understudy: already running \(process \d+, http:\/\/127\.0\.0\.1:\d+\): end it with Ctrl-C where it was started\n$/,
      ),
    )
  })

  it('forgets the data with --reset, and ends what a killed run left', async () => {
    stack = runStart(folder, ['--no-demo-traffic'])
    await stack.says('Understudy is up')
    const left = await stack.processes()
    await stack.end('SIGKILL')
    stack = runStart(folder, ['--reset', '--no-demo-traffic'])
    await stack.says('Understudy is up')
    expect(left.filter(({ pid, identity }) => identityOf(pid) === identity)).toEqual([])
    expect(await comparisons({ to: firstEndedAt, limit: '1' })).toEqual([])
  })
})
