// Ports of this machine: a free one, or whether a given one is taken.
import { createServer } from 'node:net'

/** Below 32768, from where on systems take ports for outgoing connections: those come and go at any moment. */
const LOWEST = 20_000
const HIGHEST = 32_000

const given = new Set<number>()

/** A port that was free a moment ago, and that no outgoing connection takes meanwhile. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (given.has(port)) continue
    given.add(port)
    if (!(await isPortTaken(port))) return port
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`)
}

/** So many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
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
