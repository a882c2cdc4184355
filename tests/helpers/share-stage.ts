// A route as it is rendered, in a real Traefik with the tap, between a primary, two shadows and an ingest of the test's.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BatchHeader, TapRecord } from '../../collector/core/tap-record.ts'
import { type RenderInput, renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute } from '../../plugin-config/route.ts'
import type { TraefikConfig } from '../../plugin-config/traefik-config.ts'
import { type Dynamic, startTapTraefik, type TapTraefik } from './tap-traefik.ts'
import { waitUntil } from './wait-until.ts'

export type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

export type ShareStage = {
  traefik: TapTraefik
  urls: { primary: string; shadow: string; other: string; ingest: string }
  /** What each server got, oldest first; empty them between tests. */
  seen: { primary: Seen[]; shadow: Seen[]; other: Seen[] }
  records: TapRecord[]
  /** The newest head of a batch. */
  head(): BatchHeader['batch'] | undefined
  /** How the shadows answer; 200 at once unless a test says otherwise. */
  shadowAnswers(answer: (response: ServerResponse) => void): void
  /** Renders the route `app`, writes it whole and waits until Traefik runs it. */
  apply(
    written: Record<string, unknown>,
    more?: Partial<RenderInput>,
    change?: (config: TraefikConfig) => void,
  ): Promise<void>
  ask(path: string, init?: RequestInit): Promise<{ status: number; text: string; headers: Headers }>
  /** Forgets what was seen and recorded. */
  clear(): void
  stop(): Promise<void>
}

const ok = (response: ServerResponse) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok')

export async function startShareStage(options: { debug?: boolean } = {}): Promise<ShareStage> {
  const servers: Server[] = []
  const seen: ShareStage['seen'] = { primary: [], shadow: [], other: [] }
  const records: TapRecord[] = []
  let head: BatchHeader['batch'] | undefined
  let answer: (response: ServerResponse) => void = ok
  let applied = 0
  const urls = {
    primary: await listening(servers, (request, response) => {
      seen.primary.push(request)
      ok(response)
    }),
    shadow: await listening(servers, (request, response) => {
      seen.shadow.push(request)
      answer(response)
    }),
    other: await listening(servers, (request, response) => {
      seen.other.push(request)
      ok(response)
    }),
    ingest: await listening(servers, ({ body }, response) => {
      const [first = '', ...lines] = body.split('\n')
      head = (JSON.parse(first) as BatchHeader).batch
      for (const line of lines) if (line !== '') records.push(JSON.parse(line))
      response.writeHead(202).end()
    }),
  }
  const rendered = (written: Record<string, unknown>, more: Partial<RenderInput> = {}): TraefikConfig => {
    const parsed = parseRoute(
      {
        ...{ name: 'app', rule: 'PathPrefix(`/app`)', primary: { url: urls.primary }, share: 100 },
        ...{ shadows: [{ name: 'shadow', url: urls.shadow }], protect: { rate: 0, breakAtPercent: 0 }, ...written },
      },
      'file',
    )
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    const tap = { ingestUrl: `${urls.ingest}/v1/taps`, tokenFile: '', hmacKeyFile: '' }
    return renderTraefik({ routes: [parsed.route], base: [], tap, ...more }).config
  }
  const traefik = await startTapTraefik({ dynamic: rendered({}) as Dynamic, debug: options.debug ?? false })
  return {
    traefik,
    urls,
    seen,
    records,
    head: () => head,
    shadowAnswers(next) {
      answer = next
    },
    async apply(written, more, change) {
      const config = rendered(written, more)
      change?.(config)
      // One of its own each time: a configuration that was changed here would else be taken for the one before.
      applied += 1
      const revision = `r${applied}x`
      const text = JSON.stringify(config).replace(/(?<="X-Understudy-Revision":")\w+/, revision)
      await traefik.apply(text)
      await waitUntil(
        async () =>
          (await (await fetch(`${traefik.apiUrl}/api/http/middlewares/understudy-revision@file`)).text()).includes(
            revision,
          ),
        { what: 'the configuration in Traefik' },
      )
    },
    async ask(path, init) {
      const response = await fetch(traefik.url + path, init)
      return { status: response.status, text: await response.text(), headers: response.headers }
    },
    clear() {
      for (const list of [seen.primary, seen.shadow, seen.other, records]) list.length = 0
      answer = ok
    },
    async stop() {
      await traefik.stop()
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function listening(servers: Server[], handle: (request: Seen, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      handle({ method, url, headers, body: Buffer.concat(chunks).toString() }, response)
    })
  })
  server.keepAliveTimeout = 60_000
  servers.push(server)
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}
