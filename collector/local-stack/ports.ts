// Ports of this machine: a free one, or whether a given one is taken.
import { createServer } from 'node:net'

/** A port that was free on loopback a moment ago. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port as number
}

/** So many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0, '127.0.0.1')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Taken on loopback or on every address. */
export async function isPortTaken(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', undefined]) {
    try {
      const server = await listen(port, host)
      await new Promise((resolve) => server.close(resolve))
    } catch (error) {
      // No right to listen there (below 1024) is another problem, which the part itself will tell.
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return true
    }
  }
  return false
}

function listen(port: number, host: string | undefined): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host, exclusive: true }, () => resolve(server))
  })
}
