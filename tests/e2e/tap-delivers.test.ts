// What a tap posts to ingest, and that nothing ingest does reaches a client. Real Traefik, an ingest that misbehaves.

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { decideFast } from '../../collector/core/compare/decide-fast.ts'
import type { BatchHeader, TapRecord } from '../../collector/core/tap-record.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { type Dynamic, startTapTraefik, type TapTraefik, tappedMirroring } from '../helpers/tap-traefik.ts'
import { waitUntil } from '../helpers/wait-until.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void
const EXAMPLE = resolve(import.meta.dirname, '../../plugin-config/examples/hand-written-dynamic.yaml')
const take: Answer = (response) => response.writeHead(202).end()

const posted: string[] = []
const seenByPrimary: IncomingMessage['headers'][] = []
const seenByShadow: IncomingMessage['headers'][] = []
let answer: Answer = take
let connections = 0
let backend: Server
let ingest: Server
let backendUrl: string
let ingestUrl: string
const running: TapTraefik[] = []

beforeAll(async () => {
  backend = await listening((request, response) => {
    const isShadow = request.headers['x-shadow-request'] === 'true'
    ;(isShadow ? seenByShadow : seenByPrimary).push(request.headers)
    if (request.url === '/trailers') {
      response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-sum, x-token, grpc-status' })
      response.write('chunk')
      const status = isShadow ? '13' : '0'
      response.addTrailers({ 'x-sum': '42', 'x-token': 'canary5ecret', 'grpc-status': status, 'x-unsaid': status })
      return void response.end()
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': `sid=${request.headers['x-plant'] ?? ''}`,
    })
    response.end(JSON.stringify({ side: isShadow ? 'shadow' : 'primary' }))
  })
  ingest = await listening((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posted.push(Buffer.concat(chunks).toString())
      answer(response, request)
    })
  })
  // A connection that ingest itself ends would be no second sender's.
  ingest.keepAliveTimeout = 120_000
  ingest.on('connection', () => {
    connections += 1
  })
  backendUrl = urlOf(backend)
  ingestUrl = `${urlOf(ingest)}/v1/taps`
})

afterEach(async () => {
  answer = take
  await Promise.all(running.splice(0).map((traefik) => traefik.stop()))
  for (const list of [posted, seenByPrimary, seenByShadow]) list.length = 0
  connections = 0
})

afterAll(() => {
  for (const server of [backend, ingest]) {
    server.closeAllConnections()
    server.close()
  }
})

describe('a tap delivers to ingest', () => {
  it('records of both sides under one exchange id', async () => {
    const traefik = await start(configuration())
    await get(traefik, '/items?page=1')
    const both = await waitUntil(() => records().length >= 2 && records(), { what: 'two records' })
    expect(both.map(({ side }) => side).sort()).toEqual(['primary', 'shadow'])
    expect(new Set(both.map(({ id }) => id)).size).toBe(1)
    expect(both.map(({ response }) => response?.body).sort()).toEqual(['{"side":"primary"}', '{"side":"shadow"}'])
    expect(seenByShadow[0]).toMatchObject({ 'x-shadow-request': 'true', 'x-original-uri': '/items?page=1' })
  })

  it('trailers of chunked answers, announced or not, which differ where the services do', async () => {
    const traefik = await start(configuration())
    expect(await get(traefik, '/trailers')).toBe('chunk')
    const [primary, shadow] = (await waitUntil(() => records().length >= 2 && records(), { what: 'two records' })).sort(
      (one, two) => one.side.localeCompare(two.side),
    )
    const token = [expect.stringMatching(/^hmac:[0-9a-f]{16}$/)]
    const trailers = { 'X-Sum': ['42'], 'X-Token': token, 'Grpc-Status': ['0'], 'X-Unsaid': ['0'] }
    expect(primary?.response?.trailers).toEqual(trailers)
    expect(shadow?.response?.trailers).toEqual({ ...trailers, 'Grpc-Status': ['13'], 'X-Unsaid': ['13'] })
    expect(primary && shadow && decideFast(primary, shadow)).toMatchObject({
      outcome: 'different',
      differences: [
        { path: 'trailer:grpc-status', kind: 'changed', primary: '0', shadow: '13' },
        { path: 'trailer:x-unsaid', kind: 'changed' },
      ],
    })
  })

  it('no secret in clear, wherever a client or a service puts it', async () => {
    const traefik = await start(configuration())
    const plant = 'canary5ecret'
    const headers = {
      authorization: `Bearer ${plant}`,
      cookie: `session=${plant}`,
      'x-api-key': plant,
      'x-csrf-token': plant,
      referer: `http://host/?token=${plant}`,
    }
    const uri = `/a?access_token=${plant}&to%6ben=${plant}&next=%2Fb%3Fpassword%3D${plant}&page=2`
    for (let round = 0; round < 3; round++) await get(traefik, uri, headers)
    // The service answers with it in Set-Cookie.
    await get(traefik, '/b', { 'x-plant': plant, 'x-auth-token': plant })
    await waitUntil(() => records().length >= 8, { what: 'eight records' })
    const visible = records().filter((record) => record.request.headers['X-Plant'] === undefined)
    expect(JSON.stringify(visible)).not.toContain(plant)
    expect(
      records()
        .map(({ response }) => JSON.stringify(response))
        .join(),
    ).not.toContain(plant)
    expect(seenByPrimary[0]?.authorization).toBe(`Bearer ${plant}`)
    expect(await traefik.log()).not.toContain(plant)
  })

  const misbehaviours: Record<string, Answer> = {
    'refuses with 503': (response) => response.writeHead(503).end(),
    'redirects with 302': (response) => response.writeHead(302, { location: `${backendUrl}/stolen` }).end(),
    'answers rubbish': (response) => response.socket?.end('rubbish\r\n\r\n'),
    'answers 200 with 10 MB': (response) => response.writeHead(200).end(Buffer.alloc(10_000_000)),
    'cuts the connection': (response) => response.socket?.destroy(),
    hangs: () => {},
  }
  for (const [name, misbehave] of Object.entries(misbehaviours)) {
    it(`everything, once ingest that ${name} is well again`, async () => {
      answer = misbehave
      const traefik = await start(configuration())
      for (let count = 0; count < 20; count++) expect(await get(traefik, '/a')).toBe('{"side":"primary"}')
      await waitUntil(() => posted.length > 0, { what: 'a batch' })
      posted.length = 0
      answer = take
      ingest.closeAllConnections()
      const last = await waitUntil(() => settled(40), { withinMs: 60_000, what: 'all 40 records shipped' })
      expect(last.totals).toMatchObject({ seen: 40, shipped: 40, queued: 0, dropped: {} })
      expect(last.routes.shop).toEqual({ tapped: 20, queued: 0, dropped: {} })
      expect(seenByPrimary.length).toBe(20)
    })
  }

  it('nothing while ingest is down, and the clients do not notice', async () => {
    const [port] = await freePorts(1)
    const traefik = await start(configuration(`http://127.0.0.1:${port}/v1/taps`))
    for (let count = 0; count < 50; count++) expect(await get(traefik, '/a')).toBe('{"side":"primary"}')
    await waitUntil(() => seenByShadow.length === 50, { what: 'the copies' })
    await waitUntil(async () => (await traefik.log()).includes('cannot be reached'), { what: 'a line in the log' })
  })

  it('through one sender, with no failed request, over 50 reloads in flight', async () => {
    const traefik = await start(configuration())
    let isOver = false
    let asked = 0
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        expect(await get(traefik, '/a')).toBe('{"side":"primary"}')
        asked += 1
      }
    })
    for (let reload = 1; reload <= 50; reload++) await traefik.apply(configuration(ingestUrl, `reload${reload}`))
    isOver = true
    await Promise.all(clients)
    expect(seenByPrimary.length).toBe(asked)
    // What the services got, so that a copy which Traefik never made is no record that the tap lost.
    const served = () => seenByPrimary.length + seenByShadow.length
    const last = await waitUntil(() => settled(served()), { withinMs: 60_000, what: 'a record of all' }).catch(() => {
      throw new Error(`${asked} asked, ${seenByShadow.length} copies, ${JSON.stringify(heads().at(-1))}`)
    })
    expect(last.totals.dropped).toEqual({})
    expect(new Set(heads().map(({ instance }) => instance)).size).toBe(1)
    expect(connections).toBe(1)
  })

  it('what the guard sheds, with its reason', async () => {
    const traefik = await start(configuration(ingestUrl, 'shop', { guardRate: 0.01, guardBurst: 2 }))
    for (let count = 0; count < 6; count++) await get(traefik, '/a')
    await waitUntil(() => records().length >= 12, { what: 'twelve records' })
    expect(records().filter(({ skipped }) => skipped === 'shed-rate')).toHaveLength(4)
    expect(seenByShadow).toHaveLength(2)
  })

  it('from a dynamic file that was written by hand', async () => {
    const text = (await readFile(EXAMPLE, 'utf8'))
      .replaceAll(/http:\/\/127\.0\.0\.1:300[01]/g, backendUrl)
      .replaceAll('http://127.0.0.1:8082/v1/taps', ingestUrl)
      .replace('keepPpm: 100000', 'keepPpm: 1000000')
    const traefik = await start(text)
    await waitUntil(async () => (await get(traefik, '/shop/1')) === '{"side":"primary"}', { what: 'the route' })
    const both = await waitUntil(() => records().length >= 2 && records(), { what: 'two records' })
    expect(both.map(({ route, side }) => `${route} ${side}`).sort()).toEqual(['shop primary', 'shop shadow'])
  })
})

/** Head of the last report, once it says that so many records were seen and none waits. */
function settled(seen: number): BatchHeader['batch'] | undefined {
  return heads().find(({ totals }) => totals.seen === seen && totals.shipped === seen)
}

function heads(): BatchHeader['batch'][] {
  const found = posted.map((batch) => (JSON.parse(batch.slice(0, batch.indexOf('\n'))) as BatchHeader).batch)
  for (const { totals } of found) {
    const dropped = Object.values(totals.dropped).reduce((sum, count) => sum + count, 0)
    expect(totals.seen).toBe(totals.shipped + totals.queued + dropped)
  }
  return found
}

function records(): TapRecord[] {
  return posted.flatMap((batch) =>
    batch
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as TapRecord),
  )
}

async function start(dynamic: Dynamic | string): Promise<TapTraefik> {
  const traefik = await startTapTraefik({ dynamic })
  running.push(traefik)
  return traefik
}

async function get(traefik: TapTraefik, path: string, headers: Record<string, string> = {}): Promise<string> {
  return (await fetch(traefik.url + path, { headers })).text()
}

function configuration(url = ingestUrl, router = 'shop', shadow: object = {}): Dynamic {
  return tappedMirroring(backendUrl, { route: 'shop', ingestUrl: url }, { router, shadow })
}

function listening(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle)
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)))
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
