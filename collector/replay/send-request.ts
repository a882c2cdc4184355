// Sends one request to one server and takes what comes back, bounded in time and size. Redirects are answers.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { performance } from 'node:perf_hooks'
import type { ReplayedRequest } from '../core/replayed-request.ts'
import type { HeaderValues } from '../core/tap-record.ts'
import { UnderstudyError } from '../errors.ts'

export type ReceivedAnswer = {
  status: number
  headers: HeaderValues
  trailers: HeaderValues
  /** At most `maxBytes` of it. */
  body: Buffer
  bodyBytes: number
  firstByteMicros: number
  totalMicros: number
}

export type SendLimits = { timeoutMs: number; maxBytes: number }
export const SEND_LIMITS: SendLimits = { timeoutMs: 10_000, maxBytes: 1024 * 1024 }

/** `base`: the server's URL. Throws `replay-failed` with what the network said. */
export function sendRequest(
  base: string,
  { method, uri, headers }: ReplayedRequest,
  limits: SendLimits = SEND_LIMITS,
): Promise<ReceivedAnswer> {
  const server = new URL(base)
  const send = server.protocol === 'https:' ? httpsRequest : httpRequest
  const startedAt = performance.now()
  const micros = () => Math.round((performance.now() - startedAt) * 1000)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(
        new UnderstudyError('replay-failed', `${method} to ${server.origin}: ${error.message}`, { retriable: true }),
      )
    const request = send(
      {
        hostname: server.hostname.replace(/^\[|\]$/g, ''),
        port: server.port,
        method,
        // Written as it was: a URL parser would normalise what made the two versions differ.
        path: uri.startsWith('/') ? uri : `/${uri}`,
        // A list keeps repeated names, and Node adds nothing to it.
        headers: ['Host', server.host, 'Connection', 'close', ...headers.flat()],
        signal: AbortSignal.timeout(limits.timeoutMs),
      },
      (answer) => {
        const firstByteMicros = micros()
        const chunks: Buffer[] = []
        let bodyBytes = 0
        answer.on('data', (chunk: Buffer) => {
          if (bodyBytes < limits.maxBytes) chunks.push(chunk.subarray(0, limits.maxBytes - bodyBytes))
          bodyBytes += chunk.length
        })
        answer.on('error', fail)
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: lists(answer.headersDistinct),
            trailers: lists(answer.trailersDistinct),
            body: Buffer.concat(chunks),
            bodyBytes,
            firstByteMicros,
            totalMicros: micros(),
          }),
        )
      },
    )
    request.on('error', fail)
    request.end()
  })
}

function lists(distinct: NodeJS.Dict<string[]>): HeaderValues {
  return Object.fromEntries(Object.entries(distinct).map(([name, values]) => [name, values ?? []]))
}
