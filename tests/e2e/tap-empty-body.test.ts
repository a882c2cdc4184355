// The tap passes a request without a body on with none at all. Middlewares behind it that cannot bear that must not
// cost a client anything. Real Traefik.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { type Dynamic, startTapTraefik, type TapTraefik } from '../helpers/tap-traefik.ts'
import { until } from '../helpers/tap-wait.ts'

let server: Server
let url: string
let records: { side: string; skipped?: string; response?: { status: number; body: string } }[] = []
const running: TapTraefik[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (request.url !== '/v1/taps') return response.end(`${request.method} ${body}`)
      const lines = body.split('\n').slice(1, -1)
      records.push(...lines.map((line) => JSON.parse(line) as (typeof records)[number]))
      response.writeHead(202).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((traefik) => traefik.stop()))
  records = []
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const behindTheTap: Record<string, object> = {
  'no middleware': {},
  retry: { retry: { attempts: 2 } },
  buffering: { buffering: { maxRequestBodyBytes: 1000 } },
  'a retry by status': { retry: { attempts: 2, status: ['503'] } },
}

describe('a middleware behind the tap', () => {
  for (const [name, middleware] of Object.entries(behindTheTap)) {
    it(`answers every request as it would without the tap: ${name}`, async () => {
      const traefik = await start(middleware)
      const answers: string[] = []
      for (let i = 0; i < 8; i++) {
        const method = i % 4 === 3 ? 'POST' : 'GET'
        const answer = await fetch(traefik.url, { method, ...(method === 'POST' ? { body: 'some' } : {}) })
        answers.push(`${answer.status} ${await answer.text()}`)
      }
      const three = ['200 GET ', '200 GET ', '200 GET ', '200 POST some']
      expect(answers).toEqual([...three, ...three])
      await until(() => records.length >= 16)
      expect(records).toHaveLength(16)
      expect(records.filter(({ response }) => response?.status !== 200)).toEqual([])
    })
  }
})

async function start(middleware: object): Promise<TapTraefik> {
  const tap = (side: string, more: object) => ({
    plugin: { understudy: { route: 'bodies', side, ingestUrl: `${url}/v1/taps`, ...more } },
  })
  const isThere = Object.keys(middleware).length > 0
  const service = { loadBalancer: { servers: [{ url }] }, ...(isThere ? { middlewares: ['inner'] } : {}) }
  const dynamic: Dynamic = {
    http: {
      routers: { all: { rule: 'PathPrefix(`/`)', service: 'mirrored' } },
      services: {
        primary: service,
        shadow: service,
        leg: { weighted: { services: [{ name: 'shadow' }] }, middlewares: ['shadowTap'] },
        mirrored: {
          mirroring: { service: 'primary', mirrors: [{ name: 'leg', percent: 100 }] },
          middlewares: ['primaryTap'],
        },
      },
      middlewares: {
        primaryTap: tap('primary', { expects: ['shadow'] }),
        shadowTap: tap('shadow', { variant: 'shadow' }),
        ...(isThere ? { inner: middleware } : {}),
      },
    },
  }
  const traefik = await startTapTraefik({ dynamic })
  running.push(traefik)
  return traefik
}
