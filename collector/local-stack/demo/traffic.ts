// A gentle stream of the demo's requests, so that there is something to see without a user at hand.
import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { type DemoRequest, demoRequests } from './demo-requests.ts'

export type DemoTraffic = {
  /** Requests answered, whatever the status, and requests that got no answer. */
  counts(): { answered: number; failed: number }
  /** Settles when `signal` has ended the stream and its last request is over; never rejects. */
  done: Promise<void>
}

export type DemoAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

const MAX_IN_FLIGHT = 8
const TIMEOUT_MS = 10_000

/** Sends the fixed cycle to `baseUrl` (`http://127.0.0.1:8000`) until `signal` ends it; slow answers slow it down. */
export function startDemoTraffic(options: {
  baseUrl: string
  ratePerSecond: number
  signal: AbortSignal
}): DemoTraffic {
  const { baseUrl, ratePerSecond, signal } = options
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT })
  const counts = { answered: 0, failed: 0 }
  const inFlight = new Set<Promise<void>>()

  const send = (request: DemoRequest) => {
    const sent = sendDemoRequest(baseUrl, request, agent)
      .then(() => {
        counts.answered += 1
      })
      .catch(() => {
        counts.failed += 1
      })
      .finally(() => inFlight.delete(sent))
    inFlight.add(sent)
  }

  const run = async () => {
    for (let next = 0; !signal.aborted; next = (next + 1) % demoRequests.length) {
      const request = demoRequests[next]
      if (request && inFlight.size < MAX_IN_FLIGHT) send(request)
      await wait(1000 / ratePerSecond, undefined, { signal }).catch(() => {})
    }
    await Promise.all(inFlight)
    agent.destroy()
  }

  return { counts: () => ({ ...counts }), done: run() }
}

/** One request, its path sent as it is written: `fetch` would mend a malformed one. Rejects without an answer in 10 s. */
export function sendDemoRequest(baseUrl: string, demo: DemoRequest, agent?: Agent): Promise<DemoAnswer> {
  const { hostname, port } = new URL(baseUrl)
  const { method, path, body = '' } = demo
  const headers = { ...demo.headers, ...(body && { 'content-length': String(Buffer.byteLength(body)) }) }
  return new Promise((answered, failed) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', failed)
      response.on('end', () =>
        answered({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in ${TIMEOUT_MS} ms`)))
    request.on('error', failed)
    request.end(body)
  })
}
