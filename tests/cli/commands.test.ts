import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startApi, type TestApi } from '../api/api-server.ts'
import { contractStore } from '../api/comparison-reader-contract.ts'
import { createFakeReader } from '../api/fake-comparison-reader.ts'
import { baseMs, exchangeIdAt, storedComparison } from '../api/stored-rows.ts'
import { understudy } from './run-understudy.ts'

const token = 'a-token-of-24-characters'
const hostile = '/x\u001b[2J\u001b]0;owned\u0007\n\u202eforged\u009b31m'
const hostileId = exchangeIdAt(baseMs + 40_000)
let api: TestApi
let env: Record<string, string>

beforeAll(async () => {
  const store = contractStore()
  const differences = [
    { path: hostile, kind: 'changed' as const, primary: hostile, shadow: { deep: hostile } },
    { path: '/at', kind: 'added' as const, shadow: 1, noise: true, rule: 'clock' },
  ]
  const side = {
    status: 200,
    latencyMs: 12.3,
    bodyBytes: 3,
    headers: { 'x-a': [hostile] },
    body: `${hostile}\nsecond line`,
  }
  store.comparisons.push(
    storedComparison({
      exchangeId: hostileId,
      path: hostile,
      endpoint: hostile,
      notes: [hostile],
      differences,
      differenceCount: 2,
      primary: side,
      shadow: { ...side, status: 500 },
    }),
  )
  api = await startApi({ adminToken: token, reader: createFakeReader(store) })
  env = { UNDERSTUDY_API: api.url, UNDERSTUDY_ADMIN_TOKEN: token }
})
afterAll(() => api.close())

/** Nothing that a terminal acts on, and no line that a service could have forged. */
const control = /(?!\n)[\p{Cc}\p{Cf}]/u

describe('understudy status', () => {
  it('tells each part in words and as JSON', async () => {
    const { code, out } = await understudy(['status'], env)
    expect(code).toBe(0)
    expect(out).toContain('Understudy 1.2.3 is degraded')
    expect(out).toMatch(/degraded\s+taps\s+none has reported yet → send a request/)
    expect((await understudy(['status', '--json'], env)).json).toMatchObject({
      state: 'degraded',
      components: [{ name: 'kafka' }, { name: 'taps' }],
    })
    expect((await understudy(['--json', 'status'], env)).json).toMatchObject({ state: 'degraded' })
  })
})

describe('understudy comparisons', () => {
  it('lists the newest, one a line', async () => {
    const { code, out, err } = await understudy(['comparisons', '--limit', '3'], env)
    expect(code).toBe(0)
    expect(out.trimEnd().split('\n')).toHaveLength(3)
    expect(err).toContain('there are more')
  })

  it('fetches as many pages as the limit needs and gives one document', async () => {
    const { json } = await understudy(['comparisons', 'list', '--limit', '500', '--json'], env)
    expect(json).toMatchObject({ nextCursor: null })
    expect((json as { items: unknown[] }).items).toHaveLength(16)
  })

  it('goes on where a list ended', async () => {
    const first = (await understudy(['comparisons', '--limit', '10', '--json'], env)).json as {
      items: unknown[]
      nextCursor: string
    }
    const rest = (await understudy(['comparisons', '--limit', '10', '--cursor', first.nextCursor, '--json'], env))
      .json as typeof first
    expect([first.items.length, rest.items.length]).toEqual([10, 6])
  })

  it('narrows by its flags', async () => {
    const { json } = await understudy(['comparisons', '--outcome', 'incomplete', '--route', 'ticketing', '--json'], env)
    expect((json as { items: unknown[] }).items).toHaveLength(1)
    const late = await understudy(['comparisons', '--from', '15s', '--json'], env, { nowMs: baseMs + 30_000 })
    expect((late.json as { items: unknown[] }).items).toHaveLength(2)
    const none = await understudy(['comparisons', '--route', 'nobody'], env)
    expect(none).toMatchObject({ code: 0, out: '', err: 'no comparison fits\n' })
  })

  it('shows one in full, nothing of it acting on the terminal', async () => {
    const { code, out } = await understudy(['comparisons', 'show', hostileId, '--bodies'], env, { isTTY: false })
    expect(code).toBe(0)
    expect(out).not.toMatch(control)
    expect(out).toContain('200 → 500')
    expect(out).toContain('\\x1b[2J')
    expect(out).toMatch(/\+ \/at {2}added {2}1 {2}\(noise: clock\)/)
    expect(out).toContain('\nsecond line')
    expect(out.split('\n').filter((line) => line.startsWith('\u202e') || line.startsWith('forged'))).toEqual([])
  })

  it.each([['comparisons'], ['comparisons', 'show', hostileId, '--json'], ['comparisons', '--json']])(
    'prints nothing that acts on a terminal: %s',
    async (...args) => {
      const { out } = await understudy(args, env)
      expect(out).not.toMatch(control)
      expect(out).not.toBe('')
    },
  )

  it('shows the choice where an exchange has several', async () => {
    const { code, err, out } = await understudy(['comparisons', 'show', exchangeIdAt(baseMs + 5000, 1)], env)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(':shadow-next')
  })

  it('colours only a terminal, and not with NO_COLOR', async () => {
    const coloured = await understudy(['comparisons', '--limit', '1'], env, { isTTY: true })
    expect(coloured.out).toContain('\u001b[31mdifferent')
    expect(
      (await understudy(['comparisons', '--limit', '1'], { ...env, NO_COLOR: '1' }, { isTTY: true })).out,
    ).not.toContain('\u001b')
    expect((await understudy(['comparisons', '--limit', '1'], env)).out).not.toContain('\u001b')
  })
})

describe('understudy routes and report', () => {
  it('lists routes with the state of their overlay', async () => {
    const { out } = await understudy(['routes'], env)
    expect(out).toMatch(/applied {2}ticketing {2}10 %/)
    expect(out).toMatch(/refused {2}billing .*priority taken/)
    expect((await understudy(['routes', 'show', 'billing', '--json'], env)).json).toMatchObject({
      name: 'billing',
      state: 'refused',
      reason: 'priority taken',
    })
    expect((await understudy(['routes', 'show', 'billing'], env)).out).toMatch(
      /^name: billing\n[\s\S]*state: refused\nreason: priority taken\n$/,
    )
  })

  it('suggests the route that was meant', async () => {
    expect(await understudy(['routes', 'show', 'biling'], env)).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean billing?'),
    })
  })

  it('reports coverage and endpoints', async () => {
    const { out } = await understudy(['report', 'ticketing'], env)
    expect(out).toContain('compared 90 of 100 tapped pairs (90.00 %)')
    expect(out).toContain(
      'the rest: unpaired no-shadow 4, dropped pending-full 1, dropped queue-full 2, not sent to the shadow shed-breaker 7, waiting 3',
    )
    expect(out).toMatch(/90 +9 +1 +0 +80 +shadow +GET \/x/)
    expect((await understudy(['report', 'ticketing', '--json'], env)).json).toMatchObject({
      route: 'ticketing',
      coverage: { ratio: 0.9 },
    })
  })
})

describe('understudy off and on', () => {
  it('switches the overlays', async () => {
    expect(await understudy(['off'], env)).toMatchObject({ code: 0, out: 'overlays are off (2 routes)\n' })
    expect((await understudy(['on', '--json'], env)).json).toEqual({ overlay: 'on', routes: 2 })
  })
})

describe('bad usage', () => {
  it.each([
    [['frobnicate'], 'unknown command'],
    [['statsu'], 'Did you mean status?'],
    [['comparisons', '--limit', 'abc'], 'a whole number from 1 to 100000'],
    [['comparisons', '--limit', '0'], 'a whole number'],
    [['comparisons', '--outcome', 'diferent'], 'Allowed choices are match, noise, different, incomplete'],
    [['comparisons', '--from', 'yesterday'], '30s, 15m, 2h, 7d'],
    [['comparisons', '--rout', 'x'], 'Did you mean --route?'],
    [['comparisons', '--variant', 'a b'], "expected a shadow's name"],
    [['comparisons', 'show'], "missing required argument 'id'"],
    [['comparisons', 'show', 'nope'], 'an exchange id (a UUIDv7)'],
    [['status', '--timeout', '-1'], 'seconds'],
    [['status', 'extra'], 'too many arguments'],
    [['tail', 'nope'], 'Allowed choices are taps, comparisons, events, dead-letters'],
    [['tail', 'taps', '--limit', '-5'], 'a whole number'],
    [['bad\u001b[2J'], 'bad\\x1b[2J'],
  ])('%j is refused with 2 and one clear line', async (args, message) => {
    const { code, out, err } = await understudy(args, env)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err).not.toMatch(/^\s+at /m)
  })

  it('refuses an address that is none', async () => {
    expect(await understudy(['status'], { UNDERSTUDY_API: 'localhost:8081' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('UNDERSTUDY_API is "localhost:8081"'),
    })
  })

  it.each([
    ['status'],
    ['comparisons'],
    ['comparisons', 'show'],
    ['comparisons', 'list'],
    ['tail'],
    ['env'],
    ['doctor'],
    ['off'],
    ['on'],
    ['routes'],
    ['report'],
  ])('has help that begins with examples: %s', async (...args) => {
    const { code, out } = await understudy([...args, '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/^Examples:\n {2}understudy /)
    expect(out).toContain('--json')
  })
})

describe('an API that cannot be asked', () => {
  it('is one line when the token is missing or wrong', async () => {
    for (const given of [{}, { UNDERSTUDY_ADMIN_TOKEN: 'wrong' }]) {
      expect(await understudy(['comparisons'], { UNDERSTUDY_API: api.url, ...given })).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('set UNDERSTUDY_ADMIN_TOKEN'),
      })
    }
  })

  it('is one line when nothing runs', async () => {
    const nobody = await understudy(['status'], { UNDERSTUDY_API: 'http://127.0.0.1:2' })
    expect(nobody).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^understudy: nothing answers at .*\n$/),
    })
  })

  it('is one line when something else answers', async () => {
    const other = await startApi({ version: 'x' })
    try {
      const { err } = await understudy(['status'], { UNDERSTUDY_API: `${other.url}/metrics` })
      expect(err).toMatch(/^understudy: there is no \/metrics\/api\/status.*\n$/)
    } finally {
      await other.close()
    }
  })

  it('ends when its time is over', async () => {
    const slow = await startApi({ status: () => new Promise(() => undefined) })
    try {
      expect(await understudy(['status', '--timeout', '0.2'], { UNDERSTUDY_API: slow.url })).toMatchObject({
        code: 1,
        err: expect.stringContaining('did not answer within 0.2 s (--timeout)'),
      })
    } finally {
      await slow.close()
    }
  })
})
