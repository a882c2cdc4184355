// The same ten thousand different requests through plain routing and through the tap: how many bytes differ.

import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { laneConfiguration } from '../helpers/tap-bench.ts'
import { startTapTraefik } from '../helpers/tap-traefik.ts'
import { answerVaried, askVaried } from '../helpers/tap-varied.ts'
import type { Bench } from './bench.ts'

const REQUESTS = 10_000
const AT_A_TIME = 16

export const bench: Bench = {
  name: 'tap-differential',
  title: `bytes that the tap changes in the answers to ${REQUESTS} different requests`,
  async run(report) {
    const backend = createServer((request, response) => {
      if (request.url !== '/v1/taps') return answerVaried(request, response)
      request.resume().on('end', () => response.writeHead(202).end())
    })
    await new Promise<void>((done) => backend.listen(0, '127.0.0.1', () => done()))
    const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
    const agent = new Agent({ keepAlive: true, maxSockets: 2 * AT_A_TIME })
    const start = (name: 'plain' | 'tap') =>
      startTapTraefik({ dynamic: laneConfiguration(name, url, `${url}/v1/taps`) })
    const [plain, tapped] = await Promise.all([start('plain'), start('tap')])
    try {
      let changed = 0
      let differing = 0
      for (let seed = 0; seed < REQUESTS; seed += AT_A_TIME) {
        if (seed % 1_000 < AT_A_TIME) report.progress(`${seed} of ${REQUESTS}`)
        const seeds = Array.from({ length: Math.min(AT_A_TIME, REQUESTS - seed) }, (_, i) => seed + i)
        await Promise.all(
          seeds.map(async (each) => {
            const [before, after] = [
              await askVaried(plain.port, agent, each),
              await askVaried(tapped.port, agent, each),
            ]
            if (before.head === after.head && before.body.equals(after.body)) return
            differing += 1
            changed += bytesChanged(`${before.head}\n\n`, `${after.head}\n\n`) + bytesChanged(before.body, after.body)
            if (differing <= 3) report.progress(`request ${each} differs:\n${before.head}\n--\n${after.head}`)
          }),
        )
      }
      report.figure({ name: 'bytes changed by the tap', value: changed, unit: 'bytes', bar: { atMost: 0 } })
      report.method(
        `${REQUESTS} requests: 8 methods, bodies of 0 to 40,000 bytes, gzip, known and unknown length, 10 statuses, ` +
          `cookies, repeated and empty headers; status, headers as they came but for the date, and body compared`,
      )
    } finally {
      agent.destroy()
      await Promise.all([plain.stop(), tapped.stop()])
      backend.closeAllConnections()
      backend.close()
    }
  },
}

function bytesChanged(before: Buffer | string, after: Buffer | string): number {
  const [one, other] = [Buffer.from(before), Buffer.from(after)]
  let changed = Math.abs(one.length - other.length)
  for (let i = 0; i < Math.min(one.length, other.length); i++) if (one[i] !== other[i]) changed += 1
  return changed
}
