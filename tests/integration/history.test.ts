// D4, D9: a stored request sent again, and stored pairs compared under other rules, through a real collector.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Recomparison, Replay } from '../../collector/api/history-schemas.ts'
import type { Comparison as Said } from '../../collector/api/schemas.ts'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { understudy } from '../cli/run-understudy.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const TRAILERS = '/shop/trailers'
const seen: { side: string; request: IncomingMessage }[] = []
const side = (name: string, total: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      seen.push({ side: name, request })
      response.setHeader('Content-Type', 'application/json')
      if (request.url === TRAILERS) {
        response.write('{}')
        response.addTrailers({ 'Grpc-Status': name === 'primary' ? '0' : '13', 'X-Same': 'yes' })
        return void response.end()
      }
      response.end(JSON.stringify({ total, rounding: `${total}` }))
    })
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

let folder: string
let primary: Server
let shadow: Server
let collector: OwnCollector
const routes = (rules: string) => `
routes:
  - name: shop
    rule: PathPrefix(\`/shop\`)
    primary: { url: "${urlOf(primary)}" }
    shadows: [{ name: shadow, url: "${urlOf(shadow)}" }]
    store: all
${rules}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-history-'))
  primary = await side('primary', 1)
  shadow = await side('shadow', 2)
  collector = await startOwnCollector({ routes: routes('') })
})
afterAll(async () => {
  await collector?.end()
  primary?.close()
  shadow?.close()
  await rm(folder, { recursive: true, force: true })
})

/** One stored pair, and its id. */
async function captured(method: string, bodies: { primary: unknown; shadow: unknown }): Promise<string> {
  const records = exchange(method, bodies)
  await postRecords(collector.ingest, records)
  await waitUntil(async () => (await fetch(`${collector.api}/api/v1/comparisons/${records[0].id}`)).ok)
  return records[0].id
}

function exchange(method: string, bodies: { primary: unknown; shadow: unknown }): [TapRecord, TapRecord] {
  const headers = { Accept: ['application/json'], Authorization: ['hmac:0123456789abcdef'] }
  const request = { ...tapRecord().request, method, uri: '/shop/orders/7?x=1', headers }
  const first = { ...tapRecord({ route: 'shop', request, body: JSON.stringify(bodies.primary) }), expects: ['shadow'] }
  const second = {
    ...tapRecord({ side: 'shadow', route: 'shop', request, body: JSON.stringify(bodies.shadow) }),
    id: first.id,
  }
  return [first, second]
}

const post = async <T>(path: string, body: unknown = {}) => {
  const response = await fetch(`${collector.api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as T }
}

describe('replay', () => {
  it('asks both sides again, with own credentials instead of hidden ones, and compares', async () => {
    const id = await captured('GET', { primary: { total: 1, rounding: '1' }, shadow: { total: 1, rounding: '1' } })
    const { status, body } = await post<Replay>(`/api/v1/comparisons/${id}/replay`, {
      headers: { Authorization: 'Bearer mine' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ outcome: 'different', before: { outcome: 'match', differences: 0 }, hidden: [] })
    expect(body.differences.map(({ path }) => path)).toEqual(['/total', '/rounding'])
    expect([body.primary.url, body.shadow.body]).toEqual([urlOf(primary), '{"total":2,"rounding":"2"}'])
    const last = seen.slice(-2).map(({ side: name, request }) => [name, request.url, request.headers.authorization])
    expect(last.sort()).toEqual([
      ['primary', '/shop/orders/7?x=1', 'Bearer mine'],
      ['shadow', '/shop/orders/7?x=1', 'Bearer mine'],
    ])
    expect(seen.find(({ side: name }) => name === 'shadow')?.request.headers['x-shadow-request']).toBe('true')
  })

  it('sends nothing that might change something', async () => {
    const id = await captured('POST', { primary: 1, shadow: 1 })
    const before = seen.length
    const { status, body } = await post<{ detail: string }>(`/api/v1/comparisons/${id}/replay`)
    expect([status, body.detail]).toEqual([422, expect.stringContaining('expected GET, HEAD or OPTIONS')])
    expect(seen).toHaveLength(before)
  })

  it('tells which side does not answer', async () => {
    const id = await captured('GET', { primary: 1, shadow: 1 })
    const gone = await side('gone', 3)
    const url = urlOf(gone)
    gone.close()
    await collector.writeRoutes(routes('').replace(urlOf(shadow), url))
    const failed = await waitUntil(async () => {
      const answer = await post<{ detail: string }>(`/api/v1/comparisons/${id}/replay`)
      return answer.status === 502 ? answer.body.detail : undefined
    })
    expect(failed).toContain(`GET to ${url}: `)
    await collector.writeRoutes(routes(''))
  })

  it('is a command, which ends with 3 while the sides differ', async () => {
    const id = await captured('GET', { primary: 1, shadow: 1 })
    const run = async () => understudy(['comparisons', 'replay', id], { UNDERSTUDY_API: collector.api })
    await waitUntil(async () => (await run()).code === 3)
    const { out } = await run()
    expect(out).toContain('different now; match with 0 differences when it was captured')
    expect(out).toContain('not sent, as hidden: Authorization')
  })
})

it('tells all differences of a pair without its bodies, and leaves it out of comparing again', async () => {
  const id = await captured('GET', { primary: { total: 1, a: { b: 'x' } }, shadow: { total: 2, a: {} } })
  const { rowCount } = await collector.pool.query(
    'UPDATE comparisons SET primary_body = NULL, shadow_body = NULL WHERE exchange_id = $1',
    [id],
  )
  expect(rowCount).toBe(1)
  const said = (await (await fetch(`${collector.api}/api/v1/comparisons/${id}`)).json()) as Said
  expect([said.primary.body, said.shadow.body]).toEqual([null, null])
  expect(said.differences.map(({ path, kind }) => `${path} ${kind}`).sort()).toEqual(['/a/b removed', '/total changed'])
  const { body } = await post<Recomparison>('/api/v1/routes/shop/recompare')
  expect(body.leftOut).toEqual({ 'no body kept': 1 })
})

it('keeps trailers with a stored pair: compared again, sent again and under a rule they differ alike', async () => {
  const [first, second] = exchange('GET', { primary: {}, shadow: {} })
  const withTrailers = (record: TapRecord, status: string): TapRecord => ({
    ...record,
    request: { ...record.request, uri: TRAILERS },
    ...(record.response && {
      response: { ...record.response, trailers: { 'Grpc-Status': [status], 'X-Same': ['to: ann@example.org'] } },
    }),
  })
  await postRecords(collector.ingest, [withTrailers(first, '0'), withTrailers(second, '13')])
  const at = `/api/v1/comparisons/${first.id}`
  const { primary, shadow, differences } = await waitUntil(async () => {
    const response = await fetch(collector.api + at)
    return response.ok ? ((await response.json()) as Said) : undefined
  })
  const wanted = [expect.objectContaining({ path: 'trailer:grpc-status', kind: 'changed', primary: '0', shadow: '13' })]
  expect(differences).toEqual(wanted)
  const hidden = [expect.stringMatching(/^to: hmac:[0-9a-f]{16}$/)]
  expect(primary.headers).toMatchObject({ 'trailer:grpc-status': ['0'], 'trailer:x-same': hidden })
  expect(shadow.headers).toMatchObject({ 'trailer:grpc-status': ['13'] })
  expect((await post<Replay>(`${at}/replay`)).body).toMatchObject({
    differences: wanted,
    shadow: { headers: { 'trailer:grpc-status': ['13'], 'trailer:x-same': ['yes'] } },
  })
  const from = new Date(Date.now() - 60_000).toISOString()
  const recompare = async () => (await post<Recomparison>('/api/v1/routes/shop/recompare', { from })).body
  expect((await recompare()).changed).toEqual([])
  await collector.writeRoutes(routes('    rules: [{ name: status, at: "trailer:grpc-*", treat: ignore }]\n'))
  const { changed } = await waitUntil(async () => {
    const body = await recompare()
    return body.changed.length > 0 && body
  })
  expect(changed).toEqual([expect.objectContaining({ id: `${first.id}:shadow`, after: 'noise' })])
  await collector.writeRoutes(routes(''))
  await waitUntil(async () => (await recompare()).changed.length === 0)
})

describe('a stored pair for other tools', () => {
  it('is a curl line, an HTTP Archive and a regression case', async () => {
    const id = await captured('GET', { primary: { a: 1 }, shadow: { a: 2 } })
    const curl = await (await fetch(`${collector.api}/api/v1/comparisons/${id}/curl?side=shadow`)).text()
    expect(curl).toBe(
      `# hidden when it was captured, so left out: Authorization\ncurl -sS -i --path-as-is -g -H 'Accept: application/json' '${urlOf(shadow)}/shop/orders/7?x=1'\n`,
    )
    const har = (await (await fetch(`${collector.api}/api/v1/comparisons/${id}/har`)).json()) as {
      log: { entries: unknown[] }
    }
    expect(har.log.entries).toHaveLength(2)
    const { code } = await understudy(['comparisons', 'fixture', id, '--dir', folder], {
      UNDERSTUDY_API: collector.api,
    })
    expect(code).toBe(0)
    expect(JSON.parse(await readFile(join(folder, `${id}.json`), 'utf8'))).toMatchObject({
      expected: { status: 200, body: '{"a":1}' },
      differed: [{ path: '/a', kind: 'changed' }],
    })
  })
})

describe('recompare', () => {
  it('shows what a rule would have made of the stored pairs', async () => {
    const ids = [
      await captured('GET', { primary: { total: 1, at: 'x' }, shadow: { total: 1, at: 'y' } }),
      await captured('GET', { primary: { total: 1, at: 'x' }, shadow: { total: 2, at: 'y' } }),
    ]
    const from = new Date(Date.now() - 60_000).toISOString()
    const before = (await post<Recomparison>('/api/v1/routes/shop/recompare', { from })).body
    expect(before.changed).toEqual([])
    expect(before.before).toEqual(before.after)
    expect(before.before.different).toBeGreaterThanOrEqual(2)

    await collector.writeRoutes(routes('    rules: [{ name: times, at: /at, treat: ignore }]\n'))
    const after = await waitUntil(async () => {
      const { body } = await post<Recomparison>('/api/v1/routes/shop/recompare', { from })
      return body.changed.length > 0 ? body : undefined
    })
    expect(after.changed).toEqual([
      expect.objectContaining({ id: `${ids[0]}:shadow`, before: 'different', after: 'noise', differences: 1 }),
    ])
    expect(after.after.different).toBe(after.before.different - 1)
  })

  it('compares what the topic still holds, matches that were not stored among it', async () => {
    await collector.writeRoutes(routes('').replace('store: all', 'store: differing'))
    const stored = async (id: string) => (await fetch(`${collector.api}/api/v1/comparisons/${id}`)).ok
    const from = new Date().toISOString()
    const different = await captured('GET', { primary: { total: 1, when: 'x' }, shadow: { total: 1, when: 'y' } })
    // A match beside one that differs, until the policy leaves it out.
    await waitUntil(async () => {
      const records = exchange('GET', { primary: { total: 1 }, shadow: { total: 1 } })
      await postRecords(collector.ingest, records)
      await captured('GET', { primary: { total: 1 }, shadow: { total: 2 } })
      return !(await stored(records[0].id))
    })
    const before = (await post<Recomparison>('/api/v1/routes/shop/recompare', { from, source: 'topic' })).body
    expect(before).toMatchObject({ source: 'topic', isCut: false, leftOut: {}, changed: [] })
    expect(before.before).toEqual(before.after)
    expect(before.before.match).toBeGreaterThanOrEqual(1)

    const rule = '    rules: [{ name: times, at: /when, treat: ignore }]\n'
    await collector.writeRoutes(routes(rule).replace('store: all', 'store: differing'))
    const after = await waitUntil(async () => {
      const { body } = await post<Recomparison>('/api/v1/routes/shop/recompare', { from, source: 'topic' })
      return body.changed.length > 0 ? body : undefined
    })
    expect(after).toMatchObject({ of: before.of, after: { noise: 1, different: before.before.different - 1 } })
    expect(after.changed).toEqual([
      expect.objectContaining({ id: `${different}:shadow`, before: 'different', after: 'noise', differences: 1 }),
    ])
    const cut = await post<Recomparison>('/api/v1/routes/shop/recompare', { from, source: 'topic', limit: 1 })
    expect(cut.body).toMatchObject({ of: 1, isCut: true })
  })

  it('reads no more of the topic than its offsets say, from the command line too', async () => {
    const offsets = [{ partition: 0, from: 0, to: 0 }]
    const none = await post<Recomparison>('/api/v1/routes/shop/recompare', { source: 'topic', offsets })
    expect(none.body).toMatchObject({ of: 0, isCut: false })
    const all = (await post<Recomparison>('/api/v1/routes/shop/recompare', { source: 'topic' })).body
    const partitions = Array.from({ length: 12 }, (_, partition) => ['--offsets', `${partition}:0-`]).flat()
    const env = { UNDERSTUDY_API: collector.api }
    const { code, out } = await understudy(['comparisons', 'recompare', 'shop', ...partitions, '--json'], env)
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ of: all.of, source: 'topic' })])
    const wrong = await post<{ errors: unknown }>('/api/v1/routes/shop/recompare', { offsets })
    expect([wrong.status, wrong.body.errors]).toEqual([400, [expect.objectContaining({ pointer: '/body/offsets' })]])
  })
})
