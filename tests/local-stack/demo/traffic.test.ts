import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { demoRequests } from '../../../collector/local-stack/demo/demo-requests.ts'
import { startDemoTraffic } from '../../../collector/local-stack/demo/traffic.ts'

let server: Server

afterEach(() => new Promise((closed) => server.close(closed)))

/** Answers 200 to whatever comes; `onRequest` sees the request line and the body. */
async function listen(onRequest: (line: string, body: string) => void): Promise<string> {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      response.end()
      onRequest(`${request.method} ${request.url}`, body)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('startDemoTraffic', () => {
  it('sends the whole cycle as it is written, then begins again', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const bodies: string[] = []
    const baseUrl = await listen((line, body) => {
      lines.push(line)
      bodies.push(body)
      if (lines.length > demoRequests.length) stop.abort()
    })
    const traffic = startDemoTraffic({ baseUrl, ratePerSecond: 500, signal: stop.signal })
    await traffic.done
    const cycle = demoRequests.map(({ method, path }) => `${method} ${path}`)
    expect(lines.slice(0, cycle.length).sort()).toEqual([...cycle].sort())
    expect(lines.length).toBeGreaterThan(cycle.length)
    expect(bodies).toContain('filter[status]=open')
    expect(traffic.counts()).toEqual({ answered: lines.length, failed: 0 })
  })

  it('counts requests that get no answer and goes on', async () => {
    const stop = new AbortController()
    const baseUrl = await listen(() => {})
    server.removeAllListeners('request')
    let dropped = 0
    server.on('connection', (socket) => {
      socket.destroy()
      dropped += 1
      if (dropped === 3) stop.abort()
    })
    const traffic = startDemoTraffic({ baseUrl, ratePerSecond: 500, signal: stop.signal })
    await traffic.done
    expect(traffic.counts().answered).toBe(0)
    expect(traffic.counts().failed).toBeGreaterThanOrEqual(3)
  })
})
