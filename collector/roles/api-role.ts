// Role `api`: REST, metrics and health on one port.
import { createServer } from 'node:http'
import { createApi } from '../api/app.ts'
import type { ApiParts } from '../api/parts.ts'
import { listen } from './listen.ts'

export async function startApi(options: {
  bind: string
  port: number
  parts: ApiParts
}): Promise<{ close: () => Promise<void> }> {
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 },
    createApi(options.parts),
  )
  server.maxConnections = 500
  await listen(server, options.bind, options.port)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 2_000).unref()
      }),
  }
}
