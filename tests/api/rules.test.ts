import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RuleList } from '../../collector/api/rule-schemas.ts'
import type { Report } from '../../collector/api/schemas.ts'
import { startApi, type TestApi } from './api-server.ts'
import { type FakeDifferences, fakeDifferences } from './fake-differences.ts'
import { baseMs, exchangeIdAt } from './stored-rows.ts'

let api: TestApi
let differences: FakeDifferences
let name: string

beforeAll(async () => {
  differences = fakeDifferences()
  api = await startApi({ differences })
  name = api.parts.routes()[0]?.name ?? ''
})
afterAll(() => api.close())

const path = (rest = '') => `/api/v1/routes/${name}/rules${rest}`
const list = async () => (await api.get(path())).json as RuleList
const post = (rest: string, body: unknown = {}) =>
  api.send('POST', path(rest), { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

describe('the report', () => {
  const report = async (query = '') => (await api.get(`/api/v1/routes/${name}/report${query}`)).json as Report

  it('names what differs without what the control shows as noise, unless asked', async () => {
    const { causes } = await report()
    expect(causes).toHaveLength(1)
    expect(causes[0]).toMatchObject({
      ...{ variant: 'shadow', endpoint: 'GET /x', path: '/total', kind: 'changed', valueClass: 'number' },
      ...{ count: 9, rate: 0.1, controlRate: 0, noise: false, rule: null },
    })
    expect(causes[0]?.samples[0]).toMatch(/^[0-9a-f-]{36}:shadow$/)
    const all = (await report('?include=noise')).causes
    expect(all.map(({ path: at, noise, rule }) => [at, noise, rule])).toEqual([
      ['/served', true, 'learned'],
      ['/total', false, null],
    ])
    expect((await api.get(`/api/v1/routes/${name}/report?include=all`)).status).toBe(400)
  })

  it('tells the rate of each field on both sides, and how long both took', async () => {
    const { fields, latency } = await report()
    expect(fields).toMatchObject([
      { path: '/served', shadowRate: 30 / 90, controlRate: 1, shadowPairs: 90, controlPairs: 30, noise: true },
      { path: '/total', shadowRate: 0.1, controlRate: 0, noise: false },
    ])
    expect(latency.primary?.p50).toBeCloseTo(1.95, 1)
    expect(latency.shadow?.p50).toBeGreaterThan(latency.primary?.p50 ?? 0)
    expect(latency.control).toBeNull()
    expect(latency.shadows).toMatchObject([{ variant: 'shadow' }])
  })
})

describe('rules over REST', () => {
  it('lists what holds, what is proposed with its evidence, and what is noisy', async () => {
    const { items, proposals, noise } = await list()
    expect(items).toMatchObject([{ managedBy: 'file', hides: 7, state: 'active', rule: { at: '/tags' } }])
    expect(proposals).toMatchObject([
      {
        rule: { at: '/served', treat: 'counter', endpoint: 'GET /x' },
        evidence: { endpoint: 'GET /x', path: '/served', kind: 'changed', pairs: 30, differing: 30 },
      },
    ])
    expect(proposals[0]?.evidence.examples[0]).toMatchObject({ primary: 1, control: 2 })
    expect(noise).toEqual([{ endpoint: 'GET /x', path: '/served', kind: 'changed', controlRate: 1, pairs: 30 }])
  })

  it('accepts a proposal once, tells the audit, and proposes it no more', async () => {
    const [proposal] = (await list()).proposals
    const accepted = await post(`/proposals/${proposal?.id}/accept`)
    expect(accepted.status).toBe(201)
    expect(accepted.json).toMatchObject({ rule: { treat: 'counter' }, managedBy: 'rest', createdBy: 'rest' })
    expect(accepted.headers.get('location')).toBe(path(`/${(accepted.json as { id: string }).id}`))
    expect(differences.events.at(-1)).toMatchObject({ kind: 'rule.accepted', route: name, details: { before: null } })
    expect((await list()).proposals).toEqual([])
    expect((await post(`/proposals/${proposal?.id}/accept`)).status).toBe(404)
  })

  it('adds a rule, refuses its name a second time, and takes it away', async () => {
    const rule = { name: 'moving', at: '/moved', treat: 'ignore' }
    const added = await post('', rule)
    expect(added.status).toBe(201)
    const { id } = added.json as { id: string }
    expect((await post('', rule)).status).toBe(409)
    expect((await post('?all=true', rule)).json).toMatchObject({ route: null })
    expect((await api.send('DELETE', path(`/${id}`))).status).toBe(204)
    expect((await list()).items.some((one) => one.id === id)).toBe(false)
    expect(differences.events.at(-1)).toMatchObject({ kind: 'rule.removed', details: { after: null } })
    expect((await api.send('DELETE', path(`/${id}`))).status).toBe(404)
  })

  it('leaves what the file manages to the file', async () => {
    const refused = await api.send('DELETE', path('/file:from%20the%20file'))
    expect(refused.status).toBe(409)
    expect(refused.json).toMatchObject({ detail: expect.stringContaining('routes file') })
  })

  it('previews what a rule would hide, and shows what of it looks real', async () => {
    const answer = await post('/preview', { at: '/served', treat: 'ignore' })
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      ...{ hides: 1, of: 2, touched: 2 },
      hidden: [`${exchangeIdAt(baseMs)}:shadow`],
      stillReal: [`${exchangeIdAt(baseMs + 1)}:shadow`],
    })
  })

  it.each<[string, unknown, string]>([
    ['no path', { treat: 'ignore' }, '/body/at'],
    ['JSONPath', { at: '$.a', treat: 'ignore' }, '/body/at/0'],
    ['a mistyped treatment', { at: '/a', treat: 'timestmap' }, '/body/treat'],
    ['an expectation without end', { at: '/a', treat: 'expected' }, '/body/until'],
    ['an unknown key', { at: '/a', treat: 'ignore', pattern: '(a+)+$' }, '/body/pattern'],
    ['an array', [], '/body'],
  ])('refuses %s, and says where', async (_what, rule, pointer) => {
    const answer = await post('', rule)
    expect(answer.status).toBe(400)
    expect((answer.json as { errors: { pointer: string }[] }).errors[0]?.pointer).toBe(pointer)
  })

  it('knows no route by another name', async () => {
    expect((await api.get('/api/v1/routes/nobody/rules')).status).toBe(404)
  })
})
