// A process of its own that plays primary, shadow and ingest for the benches, so that its CPU is not the load's.
// Prints `{"port":…}`; answers every GET with 1 KiB of JSON, takes batches at /v1/taps, and tells its counts at /counts.
import { createServer } from 'node:http'

const filler = 'abcdefghijklmnopqrstuvwxyz0123456789'
const items = Array.from({ length: 12 }, (_, id) => ({ id, name: `ticket ${id}`, note: filler.slice(0, 32) }))
const document = JSON.stringify({ items, page: 1, pad: '' })
const body = Buffer.from(document.replace('"pad":""', `"pad":"${'x'.repeat(1024 - Buffer.byteLength(document))}"`))
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': body.length,
  'cache-control': 'no-store',
  etag: 'W/"400-bench"',
  vary: 'Accept-Encoding',
}

const counts = { primary: 0, shadow: 0, batches: 0, records: 0, bytes: 0 }
const marker = Buffer.from('\n{"v":1,"id":"')

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/v1/taps') {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const batch = Buffer.concat(chunks)
      counts.batches += 1
      counts.bytes += batch.length
      for (let at = batch.indexOf(marker); at >= 0; at = batch.indexOf(marker, at + 1)) counts.records += 1
      response.writeHead(202).end()
    })
    return
  }
  if (request.url === '/counts') return void response.end(JSON.stringify(counts))
  if (request.headers['x-bench-side'] === 'shadow') counts.shadow += 1
  else counts.primary += 1
  response.writeHead(200, headers).end(body)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())))
process.on('disconnect', () => process.exit())
