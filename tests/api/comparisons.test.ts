import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Comparison, ComparisonPage, Exchange } from '../../collector/api/schemas.ts'
import { type Answer, startApi, type TestApi } from './api-server.ts'
import { baseMs, exchangeIdAt } from './stored-rows.ts'

let api: TestApi
beforeAll(async () => {
  api = await startApi({
    pendingExchange: (id) =>
      id === exchangeIdAt(baseMs + 59_000)
        ? {
            route: 'ticketing',
            arrived: [{ side: 'primary', variant: '' }],
            expects: ['shadow'],
            ...{ leftMs: 5 },
            givesUpAt: '2026-07-01T12:01:44.000Z',
          }
        : undefined,
  })
})
afterAll(() => api.close())

const at = (seconds: number, n = 0) => exchangeIdAt(baseMs + seconds * 1000, n)
const page = (answer: Answer) => ComparisonPage.parse(answer.json)

describe('GET /api/v1/comparisons', () => {
  it('answers pages that end', async () => {
    const seen: string[] = []
    let path = '/api/v1/comparisons?limit=4'
    for (let pages = 1; ; pages += 1) {
      const { items, nextCursor } = page(await api.get(path))
      seen.push(...items.map((item) => item.id))
      if (nextCursor === null) {
        expect(pages).toBe(4)
        break
      }
      path = `/api/v1/comparisons?limit=4&cursor=${nextCursor}`
    }
    expect(new Set(seen).size).toBe(15)
  })

  it('lets the limit change between pages', async () => {
    const first = page(await api.get('/api/v1/comparisons?limit=1'))
    expect(page(await api.get(`/api/v1/comparisons?limit=200&cursor=${first.nextCursor}`)).items).toHaveLength(14)
  })

  it('shows the contract of a comparison, without headers and bodies', async () => {
    const { json } = await api.get('/api/v1/comparisons?variant=shadow-next')
    expect(json).toEqual({
      items: [
        {
          id: `${at(5, 1)}:shadow-next`,
          exchangeId: at(5, 1),
          createdAt: '2026-07-01T12:00:05.000Z',
          route: 'ticketing',
          variant: 'shadow-next',
          method: 'GET',
          path: '/api/ticketing/tickets?a=1',
          endpoint: 'GET /api/ticketing/tickets',
          outcome: 'incomplete',
          differences: [{ path: '/total', kind: 'changed', primary: 1, shadow: 2, noise: false, rule: null }],
          differenceCount: 1,
          differencesCut: false,
          notes: [],
          skipped: 'shadow: timeout',
          primary: { status: 200, latencyMs: 1.5, bodyBytes: 12 },
          shadow: { status: 200, latencyMs: 1.5, bodyBytes: 12 },
        },
      ],
      nextCursor: null,
    })
  })

  it.each([
    ['limit=0', '/query/limit', 'a whole number from 1 to 200'],
    ['limit=-1', '/query/limit', 'a whole number from 1 to 200'],
    ['limit=1e9', '/query/limit', 'a whole number from 1 to 200'],
    ['limit=201', '/query/limit', 'a whole number from 1 to 200'],
    ['limit=abc', '/query/limit', 'limit is "abc": expected a whole number from 1 to 200'],
    ['limit=', '/query/limit', 'a whole number from 1 to 200'],
    ['limit=5&limit=6', '/query/limit', 'more than once'],
    ['outcome=diferent', '/query/outcome', 'one of match, noise, different, incomplete'],
    ['outcome=', '/query/outcome', 'one of match'],
    ['sort=;drop%20table', '/query/sort', 'is not known here'],
    ['filter[__proto__]=x', '/query/filter[__proto__]', 'is not known here'],
    ['__proto__=x', '/query/__proto__', 'is not known here'],
    ['constructor=x', '/query/constructor', 'is not known here'],
    ['ruote=x', '/query/ruote', 'did you mean route?'],
    ['outcom=x', '/query/outcom', 'did you mean outcome?'],
    ['a~b/c=x', '/query/a~0b~1c', 'is not known here'],
    ['route=', '/query/route', "a route's name"],
    ['route=%00', '/query/route', 'NUL'],
    [`route=${'r'.repeat(201)}`, '/query/route', '1 to 200'],
    ['variant=a%20b', '/query/variant', "a shadow's name"],
    ['from=yesterday', '/query/from', 'RFC 3339'],
    ['from=2026-02-30T00:00:00Z', '/query/from', 'RFC 3339'],
    ['from=NaN', '/query/from', 'RFC 3339'],
    ['from=-1', '/query/from', 'RFC 3339'],
    ['from=2026-07-02T00:00:00Z&to=2026-07-01T00:00:00Z', '/query/from', 'expected from before to'],
    ['from=2026-07-01T00:00:00Z&to=2026-07-01T00:00:00Z', '/query/from', 'expected from before to'],
    ['cursor=', '/query/cursor', 'nextCursor'],
    ['cursor=abc', '/query/cursor', 'same filters'],
    [`cursor=${'a'.repeat(401)}`, '/query/cursor', 'nextCursor'],
  ])('refuses %s and says what is expected', async (query, pointer, message) => {
    const { status, json, headers } = await api.get(`/api/v1/comparisons?${query}`)
    expect(status).toBe(400)
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(json).toMatchObject({
      type: 'urn:understudy:problem:invalid-parameter',
      status: 400,
      instance: '/api/v1/comparisons',
    })
    const { errors } = json as { errors: { pointer: string; message: string }[] }
    expect(errors[0]).toEqual({ pointer, message: expect.stringContaining(message) })
  })

  it('names every bad parameter at once', async () => {
    const { json } = await api.get('/api/v1/comparisons?limit=x&outcome=y&sort=z')
    expect((json as { errors: unknown[] }).errors).toHaveLength(3)
  })

  it('accepts 100 years, an offset and the hour that a clock change repeats', async () => {
    for (const query of [
      'from=1970-01-01T00:00:00Z&to=2070-01-01T00:00:00Z',
      'from=2026-10-25T02:30:00%2B02:00&to=2026-10-25T02:30:00%2B01:00',
    ]) {
      expect((await api.get(`/api/v1/comparisons?${query}`)).status).toBe(200)
    }
  })

  it('refuses a cursor with other filters, and one that was changed', async () => {
    const { nextCursor } = page(await api.get('/api/v1/comparisons?limit=2&route=ticketing'))
    const cursor = String(nextCursor)
    expect((await api.get(`/api/v1/comparisons?route=ticketing&cursor=${cursor}`)).status).toBe(200)
    expect((await api.get(`/api/v1/comparisons?route=billing&cursor=${cursor}`)).status).toBe(400)
    expect((await api.get(`/api/v1/comparisons?cursor=${cursor}`)).status).toBe(400)
    const text = Buffer.from(cursor, 'base64url').toString()
    const changed = [
      Buffer.from(text.replace(/shadow$/, 'zzz')).toString('base64url'),
      Buffer.from(`${text}'; drop table comparisons`).toString('base64url'),
      `${cursor}=`,
      `${cursor}%0A`,
    ]
    for (const each of changed) {
      expect((await api.get(`/api/v1/comparisons?route=ticketing&cursor=${each}`)).status).toBe(400)
    }
  })

  it('refuses a value of 10 kB, and shows only its beginning', async () => {
    const { status, text } = await api.get(`/api/v1/comparisons?endpoint=${'a'.repeat(10_000)}`)
    expect(status).toBe(400)
    expect(text.length).toBeLessThan(1000)
  })
})

describe('GET /api/v1/comparisons/{id}', () => {
  it.each([
    ['an exchange id', () => at(3)],
    ['an id of lists', () => `${at(3)}:shadow`],
    ['an id with its colon escaped', () => `${at(3)}%3Ashadow`],
    ['upper case', () => at(3).toUpperCase()],
    ['a variant beside it', () => `${at(3)}?variant=shadow`],
  ])('answers to %s', async (_name, id) => {
    const { status, json } = await api.get(`/api/v1/comparisons/${id()}`)
    expect(status).toBe(200)
    expect(Comparison.parse(json)).toMatchObject({
      id: `${at(3)}:shadow`,
      primary: {
        status: 200,
        headers: { 'content-type': ['application/json'] },
        body: '{"total":1}',
        latencyMs: 1.5,
        bodyBytes: 12,
      },
      shadow: { body: '{"total":2}' },
    })
  })

  it('gives the control pair only when it is asked for', async () => {
    expect((await api.get(`/api/v1/comparisons/${at(3)}:control`)).json).toMatchObject({ outcome: 'noise' })
    expect((await api.get(`/api/v1/comparisons/${at(3)}?variant=control`)).json).toMatchObject({ outcome: 'noise' })
  })

  it('shows the choice where an exchange has several', async () => {
    const { status, json } = await api.get(`/api/v1/comparisons/${at(5, 1)}`)
    expect(status).toBe(409)
    expect(json).toMatchObject({ detail: expect.stringContaining(`${at(5, 1)}:shadow-next`) })
  })

  it('says how long a pair may take', async () => {
    const { status, json } = await api.get(`/api/v1/comparisons/${at(58)}`)
    expect(status).toBe(404)
    expect(json).toMatchObject({ detail: expect.stringContaining('a pair may take up to 45 s') })
  })

  it.each([
    'nope',
    '..%2f..',
    '%00',
    `${'0'.repeat(36)}`,
    '018f0000-0000-4000-8000-000000000000',
    `${'a'.repeat(300)}`,
  ])('refuses %s', async (id) => {
    expect((await api.get(`/api/v1/comparisons/${id}`)).status).toBe(400)
  })
})

describe('GET /api/v1/exchanges/{id}', () => {
  it('shows every pair', async () => {
    const exchange = Exchange.parse((await api.get(`/api/v1/exchanges/${at(3)}`)).json)
    expect(exchange.state).toBe('settled')
    expect(exchange.pairs.map((pair) => pair.variant)).toEqual(['shadow', 'control'])
  })

  it('shows the side that never came', async () => {
    const exchange = Exchange.parse((await api.get(`/api/v1/exchanges/${at(30)}`)).json)
    expect(exchange.unpaired).toMatchObject([
      { side: 'shadow', reason: 'no-shadow', createdAt: '2026-07-01T12:00:30.000Z' },
    ])
    expect(exchange.notStored).toEqual([])
  })

  it('shows that a pair was compared but not kept', async () => {
    expect(Exchange.parse((await api.get(`/api/v1/exchanges/${at(31)}`)).json).notStored).toEqual(['shadow'])
  })

  it('shows what is still awaited', async () => {
    const exchange = (await api.get(`/api/v1/exchanges/${at(59)}`)).json as Exchange
    expect(exchange).toMatchObject({ state: 'waiting', pairs: [], pending: { expects: ['shadow'] } })
    expect(exchange.pending).not.toHaveProperty('leftMs')
  })

  it('answers 404 with how long a pair may take', async () => {
    const { status, json } = await api.get(`/api/v1/exchanges/${at(57)}`)
    expect(status).toBe(404)
    expect(json).toMatchObject({ detail: expect.stringMatching(/3 s old, and a pair may take up to 45 s/) })
  })
})
