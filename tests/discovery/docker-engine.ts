// A Docker engine as far as it is read: a list of containers and a stream of events, on a Unix socket or TCP.

import { rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type FakeEngine = {
  host: string
  containers: unknown[]
  /** Methods and paths that were asked for. */
  asked: string[]
  happen(): void
  cutEvents(): void
  close(): Promise<void>
}

export async function startFakeEngine(
  options: { socket?: string; status?: Record<string, number>; body?: string } = {},
): Promise<FakeEngine> {
  const streams = new Set<ServerResponse>()
  const engine = { containers: [] as unknown[], asked: [] as string[] }
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    engine.asked.push(`${request.method} ${path}`)
    response.statusCode = options.status?.[path] ?? 200
    if (path === '/events' && response.statusCode === 200) {
      streams.add(response)
      response.on('close', () => streams.delete(response))
      return void response.flushHeaders()
    }
    response.end(options.body ?? JSON.stringify(engine.containers))
  })
  await new Promise<void>((done) => server.listen(options.socket ?? { port: 0, host: '127.0.0.1' }, done))
  const host = options.socket ?? `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(engine, {
    host,
    happen: () => {
      for (const stream of streams) stream.write('{"status":"start"}\n')
    },
    cutEvents: () => {
      for (const stream of streams) stream.destroy()
    },
    close: async () => {
      for (const stream of streams) stream.destroy()
      await new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
      if (options.socket) await rm(options.socket, { force: true })
    },
  })
}

/** As GET /containers/json shows one. */
export const shownContainer = (name: string, labels: Record<string, string> = {}) => ({
  Id: `id-${name}`,
  Names: [`/${name}`],
  Image: `${name}:1`,
  ImageID: `sha256:${name}`,
  State: 'running',
  Status: 'Up 3 seconds (health: starting)',
  Labels: labels,
  Ports: [
    { PrivatePort: 80, Type: 'tcp' },
    { PrivatePort: 80, PublicPort: 8080 },
  ],
  NetworkSettings: { Networks: { shop: { IPAddress: '172.18.0.2' } } },
})
