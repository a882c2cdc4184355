// What is sampled, and what of it goes to the control, as Traefik really does it with what is rendered.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { TapRecord } from '../../collector/core/tap-record.ts'
import { renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute } from '../../plugin-config/route.ts'
import { type Dynamic, startTapTraefik, type TapTraefik } from '../helpers/tap-traefik.ts'
import { waitUntil } from '../helpers/wait-until.ts'

type Seen = { method: string; url: string; headers: IncomingMessage['headers'] }

const primary: Seen[] = []
const shadow: Seen[] = []
const records: TapRecord[] = []
const servers: Server[] = []
let traefik: TapTraefik
let urls: { primary: string; shadow: string; ingest: string }

beforeAll(async () => {
  urls = {
    primary: await listening((request) => void primary.push(request)),
    shadow: await listening((request) => void shadow.push(request)),
    ingest: await listening((_, body) => {
      for (const line of body.split('\n').slice(1, -1)) records.push(JSON.parse(line))
    }, 202),
  }
  traefik = await startTapTraefik({ dynamic: rendered({}) })
})

afterAll(async () => {
  await traefik?.stop()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

describe('the control', () => {
  it('gets the first requests of a generation, then its part, and never a write', async () => {
    const operations = ['POST /app/search']
    await apply({ operations, control: { percent: 0.0001, learn: 20, rate: 0 } })
    for (let count = 0; count < 30; count++) {
      await ask('GET', '/app/a')
      await ask('POST', '/app/search')
    }
    await waitUntil(() => records.length >= 60 + 60 + 20, { what: 'the records of all sides' })
    const again = primary.filter(({ headers }) => headers['x-shadow-request'] === 'true')
    expect(again.map(({ method }) => method)).toEqual(Array(20).fill('GET'))
    expect(shadow).toHaveLength(60)
    const announced = records.filter(({ side, expects }) => side === 'primary' && expects.includes('control'))
    expect(announced).toHaveLength(20)
    const controls = records.filter(({ side }) => side === 'control')
    expect(new Set(controls.map(({ id }) => id))).toEqual(new Set(announced.map(({ id }) => id)))
    expect(controls.every(({ variant, response }) => variant === 'control' && response?.status === 200)).toBe(true)
  })

  it('goes on where it was over a change of the share, and begins again for another shadow', async () => {
    const before = controlRequests()
    await apply({ control: { percent: 0.0001, learn: 20, rate: 0 }, methods: ['GET'] })
    for (let count = 0; count < 10; count++) await ask('GET', '/app/b')
    expect(controlRequests()).toBe(before)
    const shadows = [{ name: 'shadow', url: urls.shadow.replace('127.0.0.1', 'localhost') }]
    await apply({ control: { percent: 0.0001, learn: 5, rate: 0 }, shadows })
    for (let count = 0; count < 10; count++) await ask('GET', '/app/c')
    await waitUntil(() => controlRequests() === before + 5, { what: 'five more requests to the control' })
  })
})

function controlRequests(): number {
  return primary.filter(({ headers }) => headers['x-shadow-request'] === 'true').length
}

function rendered(written: Record<string, unknown>): Dynamic {
  const parsed = parseRoute(
    {
      ...{ name: 'app', rule: 'PathPrefix(`/app`)', primary: { url: urls.primary }, share: 100 },
      ...{ shadows: [{ name: 'shadow', url: urls.shadow }], protect: { rate: 0 }, ...written },
    },
    'file',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const tap = { ingestUrl: `${urls.ingest}/v1/taps`, tokenFile: '', hmacKeyFile: '' }
  return renderTraefik({ routes: [parsed.route], base: [], tap }).config as Dynamic
}

async function apply(written: Record<string, unknown>): Promise<void> {
  const dynamic = rendered(written)
  await traefik.apply(dynamic)
  const revision = JSON.stringify(dynamic.http.middlewares).match(/"X-Understudy-Revision":"(\w+)"/)?.[1] ?? ''
  await waitUntil(
    async () => (await (await fetch(`${traefik.apiUrl}/api/http/middlewares`)).text()).includes(revision),
    {
      what: 'the configuration in Traefik',
    },
  )
}

async function ask(method: string, path: string): Promise<void> {
  const response = await fetch(traefik.url + path, { method, ...(method === 'POST' ? { body: 'q=1' } : {}) })
  await response.text()
  expect(response.status).toBe(200)
}

function listening(seen: (request: Seen, body: string) => void, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      seen({ method, url, headers }, Buffer.concat(chunks).toString())
      response.writeHead(status, { 'content-type': 'text/plain' }).end('ok')
    })
  })
  servers.push(server)
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}
