// The demo's requests as a process: `node send-traffic.ts http://127.0.0.1:8000 4` sends four a second until SIGTERM.
import { startDemoTraffic } from './traffic.ts'

const [baseUrl = '', rate = ''] = process.argv.slice(2)
const ratePerSecond = Number(rate)
if (!/^https?:/.test(baseUrl) || !(ratePerSecond > 0 && ratePerSecond <= 100)) {
  console.error(
    `send-traffic: ${baseUrl || '(no address)'} ${rate}: expected an address and 1 to 100 requests a second`,
  )
  process.exit(2)
}
const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
await startDemoTraffic({ baseUrl, ratePerSecond, signal: stopping.signal }).done
