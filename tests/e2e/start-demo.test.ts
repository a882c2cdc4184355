import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { identityOf } from '../../collector/local-stack/parts/process-identity.ts'
import { runStart, type StackFolder, type StartedStack, stackFolder } from '../helpers/npm-start.ts'
import { waitUntil } from '../helpers/wait-until.ts'

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
    const controls = await waitUntil(async () => {
      const found = await comparisons({ variant: 'control', limit: '20' })
      return found.length > 0 && found
    })
    expect(controls.map(({ outcome }) => outcome)).toContain('match')

    const processes = await stack.processes()
    expect(processes).toHaveLength(6)
    const stoppedAt = performance.now()
    expect(await stack.end('SIGINT')).toBe(0)
    expect(performance.now() - stoppedAt).toBeLessThan(10_000)
    expect(processes.filter(({ pid, identity }) => identityOf(pid) === identity)).toEqual([])
    firstEndedAt = new Date().toISOString()
  })

  it('keeps the data for the second start, which fetches nothing and admits no third', async () => {
    stack = runStart(folder, ['--no-demo-traffic'])
    await stack.says('Understudy is up')
    expect(stack.output()).not.toMatch(/fetch/)
    expect(await comparisons({ to: firstEndedAt, outcome: 'different', limit: '1' })).toHaveLength(1)
    const other = runStart(folder)
    expect(await other.end('SIGCONT')).toBe(1)
    expect(other.output()).toMatch(
      /^understudy: already running \(process \d+, http:\/\/127\.0\.0\.1:\d+\): end it with Ctrl-C where it was started\n$/,
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
