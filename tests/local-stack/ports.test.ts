import { createServer } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { freePort, freePorts, isPortTaken } from '../../collector/local-stack/ports.ts'

describe('free ports', () => {
  it('are different ones that nobody listens on, below those of outgoing connections', async () => {
    const ports = (await Promise.all([freePorts(20), freePorts(20)])).flat()
    expect(new Set(ports).size).toBe(40)
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(20_000)
      expect(port).toBeLessThan(32_000)
    }
  })

  it('are free until somebody listens', async () => {
    const port = await freePort()
    expect(await isPortTaken(port)).toBe(false)
    const server = createServer()
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', () => done()))
    expect(await isPortTaken(port)).toBe(true)
    await new Promise((done) => server.close(done))
  })
})
