import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { ApiParts } from '../../collector/api/parts.ts'
import { startApi } from '../api/api-server.ts'
import { baseMs } from '../api/stored-rows.ts'
import { understudy } from './run-understudy.ts'

type Finding = { check: string; state: string; detail: string; mend?: string }

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

type Lists = {
  middlewares?: unknown[]
  routers?: unknown[]
  services?: unknown[]
  entrypoints?: unknown[]
  providers?: string[]
}

/** Traefik's API over lists; its clock is that of the test. */
async function traefik(version: string, lists: Lists, clockMs = baseMs + 60_000): Promise<string> {
  const server: Server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const list = path.split('/').at(-1) as keyof Lists
    response.setHeader('Content-Type', 'application/json')
    response.setHeader('Date', new Date(clockMs).toUTCString())
    if (path === '/api/version') response.end(JSON.stringify({ Version: version }))
    else if (path === '/api/overview') response.end(JSON.stringify({ providers: lists.providers ?? ['File'] }))
    else response.end(JSON.stringify(lists[list] ?? []))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanups.push(() => new Promise((done) => server.close(done)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const tap = (status: string, error?: string[]) => ({
  name: 'understudy-a-tap@file',
  status,
  error,
  plugin: { understudy: {} },
})
const away = {
  KAFKA_BROKERS: '127.0.0.1:2',
  DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:2/d',
  UNDERSTUDY_TRAEFIK_API: 'http://127.0.0.1:2',
}

async function doctor(env: Record<string, string>, parts: Partial<ApiParts> = {}, nowMs = baseMs + 60_000) {
  const api = await startApi(parts)
  cleanups.push(() => api.close())
  const ran = await understudy(
    ['doctor', '--json', '--timeout', '20'],
    { ...away, UNDERSTUDY_API: api.url, ...env },
    { nowMs },
  )
  const { findings } = ran.json as { findings: Finding[] }
  return { ...ran, finding: (check: string) => findings.find((each) => each.check === check), findings }
}

describe('understudy doctor', () => {
  it('ends with 3 and says for everything wrong how to mend it', async () => {
    const { code, findings, out, err } = await doctor({})
    expect(code).toBe(3)
    expect(findings.filter(({ state }) => state === 'failed').map(({ check }) => check)).toEqual([
      'traefik',
      'route billing',
      'kafka',
      'database',
    ])
    for (const { state, mend } of findings)
      expect(state === 'passed' || state === 'skipped' || (mend ?? '').length > 10).toBe(true)
    expect(out + err).not.toContain('hunter2')
    expect(err).toBe('understudy: 4 of 11 checks failed\n')
  })

  it('looks at Traefik and the tap in it', async () => {
    const good = await doctor({ UNDERSTUDY_TRAEFIK_API: await traefik('3.7.15', { middlewares: [tap('enabled')] }) })
    expect(good.finding('traefik')).toMatchObject({ state: 'passed', detail: expect.stringContaining('3.7.15') })
    expect(good.finding('plugin')).toMatchObject({ state: 'passed', detail: 'loaded, in 1 middlewares' })
  })

  it.each([
    ['3.6.9', 'failed'],
    ['2.11.0', 'failed'],
    ['v3.10.0', 'passed'],
    ['4.0.0', 'passed'],
    ['', 'failed'],
  ])('takes Traefik %s as %s', async (version, state) => {
    expect((await doctor({ UNDERSTUDY_TRAEFIK_API: await traefik(version, {}) })).finding('traefik')).toMatchObject({
      state,
    })
  })

  it('tells why Traefik does not have the tap', async () => {
    const { finding } = await doctor({
      UNDERSTUDY_TRAEFIK_API: await traefik('3.7.15', {
        middlewares: [tap('disabled', ['unknown plugin type: understudy'])],
      }),
    })
    expect(finding('plugin')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('unknown plugin type: understudy'),
    })
  })

  it('tells each route whose overlay is refused or waits', async () => {
    const { finding } = await doctor(
      {},
      {
        overlayState: (name) =>
          name === 'billing'
            ? { state: 'refused', reason: 'router x@docker has the same priority' }
            : { state: 'waiting', reason: 'no service' },
      },
    )
    expect(finding('route billing')).toMatchObject({
      state: 'failed',
      detail: 'refused: router x@docker has the same priority',
    })
    expect(finding('route ticketing')).toMatchObject({ state: 'doubtful', detail: 'waiting: no service' })
  })

  it('sees clocks that differ', async () => {
    expect((await doctor({}, {}, baseMs + 60_500)).finding('clock here')).toMatchObject({ state: 'passed' })
    expect((await doctor({}, {}, baseMs)).finding('clock here')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('60.0 s behind'),
    })
    const { finding } = await doctor({}, { now: () => baseMs + 10_000 }, baseMs + 10_000)
    expect(finding('clock of the proxy')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('10.0 s ahead'),
    })
  })

  it('is one page for people', async () => {
    const { code, out, err } = await understudy(['doctor', '--timeout', '1'], {
      ...away,
      UNDERSTUDY_API: 'http://127.0.0.1:2',
    })
    expect(code).toBe(3)
    expect(out).toMatch(/failed {3}api +the API does not answer/)
    expect(out).toMatch(/→ start one with `npm start`/)
    expect(err).toMatch(/^understudy: \d of \d checks failed\n$/)
  })
})
