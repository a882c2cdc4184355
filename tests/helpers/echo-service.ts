// A server that answers with what it was sent, and counts.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type EchoService = { url: string; received: string[]; close: () => Promise<void> }

/** Headers of ours, and those that name a connection, differ with and without an overlay; they are not echoed. */
const NOT_ECHOED = /^(x-understudy-|x-shadow|x-original-|x-request-id$|x-forwarded-port$|connection$)/

export async function startEchoService(name: string): Promise<EchoService> {
  const received: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push(`${request.method} ${request.url}`)
      const headers = Object.entries(request.headers).filter(([header]) => !NOT_ECHOED.test(header))
      const body = JSON.stringify({
        service: name,
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(headers.sort()),
        body: Buffer.concat(chunks).toString(),
      })
      const status = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('status') ?? 200)
      response.writeHead(status, { 'content-type': 'application/json', 'x-service': name }).end(body)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
