// The same requests through real Traefik with and without the tap: a client must not be able to tell.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { WebSocket, WebSocketServer } from 'ws'
import { type Dynamic, startTapTraefik, type TapTraefik, tappedMirroring } from '../helpers/tap-traefik.ts'

const LARGE = Buffer.alloc(5_000_000, 'understudy ')
const PARTS = 12
/** Traefik by itself flushes an answer of known length every 100 ms only. */
const LATE_MS = 50

/**
 * An answer of no announced length and no byte. Traefik's proxy flushes the head by a timer that races the answer's
 * end, so a client sees `Content-Length: 0` once in some 2,000 requests and chunks otherwise, with or without a tap.
 */
const UNFRAMED = '/moved-unframed'
const FRAMING = ['Content-Length: 0', 'Transfer-Encoding: chunked']

type Seen = {
  status: number
  /** Names and values as they came over the wire, without the date. */
  headers: string[]
  trailers: string[]
  body: string
  hints: number[]
  aborted: boolean
}

/** Ends the wait of the service for a client that has got some bytes, by the number in its address. */
const gotSome = new Map<string, () => void>()

/** Resolves when the client has got the next bytes; at once for a copy, whose answer nobody waits for. */
function untilGot(request: IncomingMessage): Promise<void> {
  if (request.headers['x-shadow-request']) return Promise.resolve()
  return new Promise((done) => gotSome.set(numberOf(request.url), done))
}

function numberOf(path = ''): string {
  return path.split('?')[1] ?? ''
}

const answers: Record<string, (response: ServerResponse, request: IncomingMessage) => unknown> = {
  '/json': (response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 11 }).end('{"ok":true}'),
  '/no-content': (response) => response.writeHead(204, { 'x-own': 'yes' }).end(),
  '/not-modified': (response) => response.writeHead(304, { etag: '"x"' }).end(),
  '/moved': (response) => response.writeHead(301, { location: '/elsewhere?token=t', 'content-length': 0 }).end(),
  [UNFRAMED]: (response) => response.writeHead(301, { location: '/elsewhere?token=t' }).end(),
  '/failed': (response) => response.writeHead(500).end('no'),
  '/empty': (response) => response.writeHead(200, { 'content-length': 0 }).end(),
  '/binary': (response) => response.end(Buffer.from([0, 255, 254, 1])),
  '/repeated': (response) =>
    response.writeHead(200, { 'set-cookie': ['a=1', 'b=2', 'a=3'], link: ['<a>', '<b>'] }).end('x'),
  '/download': (response) => response.writeHead(200, { 'content-length': LARGE.length }).end(LARGE),
  '/chunked': async (response) => {
    for (const part of ['one ', 'two ', 'three']) response.write(part)
    response.end()
  },
  '/hints': (response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('hinted')
  },
  '/trailers': (response) => {
    response.writeHead(200, { trailer: 'x-sum' })
    response.write('body')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  },
  '/aborted': async (response, request) => {
    const got = untilGot(request)
    response.writeHead(200, { 'content-length': 100 })
    response.write('half of it')
    await got
    response.socket?.destroy()
  },
  '/aborted-chunked': async (response, request) => {
    const got = untilGot(request)
    response.write('half of it')
    await got
    response.socket?.destroy()
  },
  '/echo': (response, incoming) => {
    const hash = createHash('sha256')
    incoming.on('data', (chunk: Buffer) => hash.update(chunk))
    incoming.on('end', () => response.end(`${incoming.method} ${hash.digest('hex')}`))
  },
  '/events': async (response, request) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    await inSteps(response, request, 'data: tick\n\n')
  },
  '/announced-steps': async (response, request) => {
    response.writeHead(200, { 'content-length': PARTS * 'step'.length })
    await inSteps(response, request, 'step')
  },
}

/** A part goes out only when the client has got the one before: whoever holds one back gets no other. */
async function inSteps(response: ServerResponse, request: IncomingMessage, part: string): Promise<void> {
  for (let step = 0; step < PARTS; step++) {
    const got = untilGot(request)
    sentAt.set(numberOf(request.url), performance.now())
    response.write(part)
    await got
  }
  response.end()
}

const sentAt = new Map<string, number>()

let backend: Server
let sockets: WebSocketServer
let plain: TapTraefik
let tapped: TapTraefik

beforeAll(async () => {
  backend = createServer((incoming, response) => {
    if (incoming.url === '/v1/taps') return void incoming.resume().on('end', () => response.writeHead(202).end())
    const path = incoming.url?.split('?')[0] ?? ''
    const answer = answers[path]
    if (answer) answer(response, incoming)
    else response.writeHead(404).end('none')
  })
  sockets = new WebSocketServer({ server: backend })
  sockets.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  )
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', () => done()))
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  plain = await startTapTraefik({ dynamic: configuration(url, false) })
  tapped = await startTapTraefik({ dynamic: configuration(url, true) })
})

afterAll(async () => {
  await Promise.all([plain?.stop(), tapped?.stop()])
  sockets?.close()
  backend?.closeAllConnections()
  backend?.close()
})

describe('a client gets the same through the tap as without it', () => {
  const cases: [string, string, Buffer?][] = [
    ...Object.keys(answers)
      .filter((path) => path !== '/echo')
      .map((path): [string, string] => ['GET', path]),
    ['GET', '/nowhere'],
    ['HEAD', '/json'],
    ['HEAD', '/download'],
    ['HEAD', '/chunked'],
    ['DELETE', '/echo'],
    ['POST', '/echo', Buffer.from('small')],
    ['POST', '/echo', Buffer.alloc(0)],
    ['POST', '/echo', LARGE],
    ['PUT', '/echo', Buffer.alloc(65_537, 'x')],
  ]
  for (const [method, path, body] of cases) {
    it(`${method} ${path}${body ? ` with ${body.length} bytes` : ''}`, async () => {
      const wanted = await ask(plain, method, path, body)
      // Twice: the first request teaches the tap the names of headers.
      for (let round = 0; round < 2; round++) expect(await ask(tapped, method, path, body)).toEqual(wanted)
      if (path === '/hints') expect(wanted.hints).toEqual([103])
      if (path === '/trailers') expect(wanted.trailers).toEqual(['X-Sum', '42'])
      if (path.startsWith('/aborted')) expect(wanted.aborted).toBe(true)
    })
  }

  it('messages of a WebSocket, text and bytes', async () => {
    expect(await echoes(tapped)).toEqual(await echoes(plain))
    expect(await echoes(tapped)).toEqual(['hello false', 'bytes true'])
  })

  for (const path of ['/events', '/announced-steps']) {
    it(`each part of ${path} when it comes, not with the next`, async () => {
      const late = await lateness(tapped, path)
      expect(late).toHaveLength(PARTS)
      // A part may be late by chance on a machine that others load; one that waits for a tick is so every time.
      expect(Math.min(...late)).toBeLessThan(LATE_MS)
    })
  }
})

function ask(traefik: TapTraefik, method: string, path: string, body?: Buffer): Promise<Seen> {
  return new Promise((done) => {
    const hints: number[] = []
    const number = nextNumber()
    const outgoing = request(`${traefik.url}${path}?${number}`, {
      method,
      agent: false,
      headers: { 'user-agent': 'e2e' },
    })
    outgoing.on('information', ({ statusCode }) => hints.push(statusCode))
    // A connection that ends before a head has come is what the client sees, too.
    outgoing.on('error', () => done({ status: 0, headers: [], trailers: [], body: '', hints, aborted: true }))
    outgoing.on('response', (response) => {
      const hash = createHash('sha256')
      let head = ''
      response.on('data', (chunk: Buffer) => {
        gotSome.get(number)?.()
        hash.update(chunk)
        head += head.length < 200 ? chunk.toString('latin1', 0, 200) : ''
      })
      response.on('error', () => {})
      response.on('close', () => {
        const raw = response.rawHeaders
        const pairs = raw.flatMap((name, at) => (at % 2 === 0 && name !== 'Date' ? [`${name}: ${raw[at + 1]}`] : []))
        const told = path === UNFRAMED ? pairs.filter((pair) => !FRAMING.includes(pair)) : pairs
        done({
          status: response.statusCode ?? 0,
          headers: told.sort(),
          trailers: response.rawTrailers,
          body: `${head.slice(0, 200)} ${hash.digest('hex')}`,
          hints,
          aborted: !response.complete,
        })
      })
    })
    outgoing.end(body)
  })
}

let requests = 0
function nextNumber(): string {
  requests += 1
  return String(requests)
}

/** Milliseconds from the service's sending of each part to its arrival. */
function lateness(traefik: TapTraefik, path: string): Promise<number[]> {
  return new Promise((done, fail) => {
    const late: number[] = []
    const number = nextNumber()
    const outgoing = request(`${traefik.url}${path}?${number}`, { agent: false })
    outgoing.on('error', fail)
    outgoing.on('response', (response) => {
      response.on('data', () => {
        late.push(performance.now() - (sentAt.get(number) ?? 0))
        gotSome.get(number)?.()
      })
      response.on('end', () => done(late))
    })
    outgoing.end()
  })
}

function echoes(traefik: TapTraefik): Promise<string[]> {
  return new Promise((done, fail) => {
    const got: string[] = []
    const socket = new WebSocket(traefik.url.replace('http', 'ws'))
    socket.on('error', fail)
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data, isBinary) => {
      got.push(`${data} ${isBinary}`)
      if (got.length === 1) socket.send(Buffer.from('bytes'))
      else socket.close()
    })
    socket.on('close', () => done(got))
  })
}

function configuration(url: string, isTapped: boolean): Dynamic {
  if (isTapped) return tappedMirroring(url, { route: 'through', ingestUrl: `${url}/v1/taps` })
  const server = { loadBalancer: { servers: [{ url }] } }
  const through = { rule: 'PathPrefix(`/`)', service: 'primary', entryPoints: ['web'] }
  return { http: { routers: { through }, services: { primary: server } } }
}
