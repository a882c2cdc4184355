// Ten thousand different requests, and a service whose answers differ as much, both made from a number.
import { createHash } from 'node:crypto'
import { type Agent, type IncomingMessage, type RequestListener, request } from 'node:http'
import { gzipSync } from 'node:zlib'

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const
const STATUSES = [200, 200, 200, 200, 201, 204, 301, 304, 404, 500]
const TYPES = ['application/json', 'text/html; charset=utf-8', 'application/octet-stream', 'text/plain']

/** A byte of a hash of `seed` and `name`: the same numbers on both sides, without a generator's state. */
function pick(seed: number, name: string, below: number): number {
  return createHash('md5').update(`${seed} ${name}`).digest().readUInt32LE(0) % below
}

/** Answers `/v/<seed>` with a status, headers, length and framing that follow from the seed. */
export const answerVaried: RequestListener = (incoming, response) => {
  const seed = Number(/\d+/.exec(incoming.url ?? '')?.[0] ?? 0)
  const hash = createHash('sha256')
  incoming.on('data', (chunk: Buffer) => hash.update(chunk))
  incoming.on('end', () => {
    const status = STATUSES[pick(seed, 'status', STATUSES.length)] ?? 200
    const size = [0, 1, 100, 8_191, 8_192, 8_193, 40_000][pick(seed, 'size', 7)] ?? 0
    let body = Buffer.alloc(size, `${seed} ünï ${hash.digest('hex')} `)
    const headers: Record<string, string | string[]> = {
      'content-type': TYPES[pick(seed, 'type', TYPES.length)] ?? 'text/plain',
      'x-seed': String(seed),
      'x-empty': '',
      'set-cookie': ['a=1; Path=/', `sid=${seed}`],
    }
    if (status === 301) headers.location = `/v/${seed + 1}?token=t`
    if (pick(seed, 'gzip', 4) === 0) {
      body = gzipSync(body)
      headers['content-encoding'] = 'gzip'
    }
    if (pick(seed, 'framing', 2) === 0 && status !== 204 && status !== 304)
      headers['content-length'] = String(body.length)
    response.writeHead(status, headers)
    response.end(status === 204 || status === 304 ? undefined : body)
  })
}

export type Seen = { head: string; body: Buffer }

/** Sends the request of a seed and gives what came back, byte by byte but for the date. */
export function askVaried(port: number, agent: Agent, seed: number): Promise<Seen> {
  const method = METHODS[pick(seed, 'method', METHODS.length)] ?? 'GET'
  const hasBody = method === 'POST' || method === 'PUT'
  const body = hasBody ? Buffer.alloc(pick(seed, 'sent', 3) * 10_000, `sent ${seed} `) : undefined
  const headers = {
    host: 'example.test',
    'x-own': 'x'.repeat(pick(seed, 'own', 300)),
    ...(pick(seed, 'cookie', 2) === 0 ? { cookie: `session=${seed}` } : {}),
    ...(body ? { 'content-length': String(body.length) } : {}),
  }
  return new Promise((done, failed) => {
    const outgoing = request({ port, agent, method, path: `/v/${seed}?q=${seed}&token=secret`, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', failed)
      answer.on('end', () => done({ head: headOf(answer), body: Buffer.concat(chunks) }))
    })
    outgoing.on('error', failed)
    outgoing.end(body)
  })
}

function headOf({ statusCode, rawHeaders }: IncomingMessage): string {
  const lines: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'date') lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  }
  return [statusCode, ...lines].join('\n')
}
