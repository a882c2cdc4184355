// What the bench of the share runs on: rendered routes in a real Traefik, servers that only count, and a paced client.
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import autocannon from 'autocannon'
import { logBeta } from '../../collector/core/verdict/log-beta.ts'
import { createTraefikApi } from '../../collector/discovery/traefik-api.ts'
import { createTrafficPort } from '../../collector/rollout/traffic-port.ts'
import { type Rendered, renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { type Dynamic, startTapTraefik, type TapTraefik } from './tap-traefik.ts'

export type ShareServers = {
  urls: { primary: string; shadow: string; hanging: string; ingest: string }
  /** Requests at the primary and the mirrored ones among them, by the number that their path ends in. */
  counts: Map<number, { all: number; mirrored: number }>
  /** Ends what the hanging server holds. */
  stop(): void
}

export async function startShareServers(): Promise<ShareServers> {
  const counts: ShareServers['counts'] = new Map()
  const servers: Server[] = []
  const listening = (handle: Parameters<typeof createServer>[1]) => {
    const server = createServer(handle)
    server.keepAliveTimeout = 120_000
    servers.push(server)
    return new Promise<string>((done) =>
      server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
    )
  }
  const urls = {
    primary: await listening((incoming, response) => {
      const kind = Number(incoming.url?.slice(incoming.url.lastIndexOf('/') + 1))
      const count = counts.get(kind) ?? { all: 0, mirrored: 0 }
      counts.set(kind, count)
      count.all += 1
      if (incoming.headers['x-shadowing-enabled'] === 'true') count.mirrored += 1
      response.end('{"ok":true}')
    }),
    shadow: await listening((_, response) => void response.end('{"ok":true}')),
    hanging: await listening(() => {}),
    ingest: await listening((incoming, response) => {
      incoming.resume().on('end', () => response.writeHead(202).end())
    }),
  }
  return {
    urls,
    counts,
    stop() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

/** The route `app` of a share, or as many routes as wanted. */
export function renderShare(servers: ShareServers, written: Record<string, unknown>, names = ['app']): Rendered {
  return renderRoutes(servers, readRoutes(servers, written, names))
}

export function readRoutes(servers: ShareServers, written: Record<string, unknown>, names: string[]): Route[] {
  return names.map((name) => {
    const parsed = parseRoute(
      {
        ...{ name, rule: `PathPrefix(\`/${name}\`)`, entryPoints: ['web'], primary: { url: servers.urls.primary } },
        ...{ shadows: [{ name: 'shadow', url: servers.urls.shadow }], ...written },
      },
      'file',
    )
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    return parsed.route
  })
}

export function renderRoutes(servers: ShareServers, routes: Route[]): Rendered {
  const tap = { ingestUrl: `${servers.urls.ingest}/v1/taps`, tokenFile: '', hmacKeyFile: '' }
  return renderTraefik({ routes, base: [], tap })
}

/** One connection, kinds 0 to `kinds` − 1 in strict turns; rejects where an answer was not 200. */
export async function inTurns(traefik: TapTraefik, requests: number, kinds: number): Promise<void> {
  const result = await autocannon({
    url: traefik.url,
    connections: 1,
    amount: requests,
    requests: Array.from({ length: kinds }, (_, kind) => ({ path: `/app/${kind}` })),
  })
  const failed = result.errors + result.timeouts + result.non2xx
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`)
}

/** How likely a count at least that far out is, on its side twice, where each of `requests` is taken with probability `share`. */
export function tailProbability(taken: number, requests: number, share: number): number {
  const logChoose = (k: number) => -Math.log(requests + 1) - logBeta(k + 1, requests - k + 1)
  const of = (k: number) => Math.exp(logChoose(k) + k * Math.log(share) + (requests - k) * Math.log(1 - share))
  let tail = 0
  if (taken < requests * share) for (let k = taken; k >= 0; k--) tail += of(k)
  else for (let k = taken; k <= requests; k++) tail += of(k)
  return Math.min(1, 2 * tail)
}

/** Milliseconds of each answer at a steady rate, by the second that it was asked in; counts what was not 200. */
export async function steadily(traefik: TapTraefik, perSecond: number, seconds: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const { hostname, port } = new URL(traefik.url)
  const bySecond: number[][] = Array.from({ length: seconds }, () => [])
  let failed = 0
  const one = (second: number) =>
    new Promise<void>((done) => {
      const startedAt = performance.now()
      const sent = request({ hostname, port, path: '/app/0', agent }, (response) => {
        if (response.statusCode !== 200) failed += 1
        response.resume().once('end', () => {
          bySecond[second]?.push(performance.now() - startedAt)
          done()
        })
      })
      sent.once('error', () => {
        failed += 1
        done()
      })
      sent.end()
    })
  const startedAt = performance.now()
  const underWay: Promise<void>[] = []
  for (let count = 0; count < perSecond * seconds; ) {
    const due = Math.min(perSecond * seconds, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond))
    for (; count < due; count++) underWay.push(one(Math.floor(count / perSecond)))
    await new Promise((next) => setTimeout(next, 2))
  }
  await Promise.all(underWay)
  agent.destroy()
  return { bySecond, failed }
}

/** The median over windows of ten seconds of each window's 99th percentile, so that one pause of the machine is no result. */
export function typicalP99(bySecond: number[][]): number {
  const windows = Array.from({ length: Math.floor(bySecond.length / 10) }, (_, index) =>
    bySecond.slice(index * 10, index * 10 + 10).flat(),
  )
  const p99 = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN
  const each = windows.map(p99).sort((a, b) => a - b)
  return each[Math.floor(each.length / 2)] ?? Number.NaN
}

/** Goroutines of a Traefik that was started with `debug`. */
export async function goroutines(traefik: TapTraefik): Promise<number> {
  const text = await (await fetch(`${traefik.apiUrl}/debug/pprof/goroutine?debug=1`)).text()
  return Number(/total (\d+)/.exec(text)?.[1])
}

/** Ours is one file beside another one, as it is with users. */
const OTHERS: Dynamic = {
  http: {
    routers: { others: { rule: 'Host(`others.example`)', service: 'others' } },
    services: { others: { loadBalancer: { servers: [{ url: 'http://127.0.0.1:9' }] } } },
  },
}

export async function withTraefik<T>(
  rendered: Rendered,
  work: (traefik: TapTraefik) => Promise<T>,
  debug = false,
): Promise<T> {
  const traefik = await startTapTraefik({ dynamic: OTHERS, debug })
  try {
    const answer = await portOf(traefik).apply(rendered)
    if (!answer.confirmed) throw new Error(answer.reason)
    return await work(traefik)
  } finally {
    await traefik.stop()
  }
}

export function portOf(traefik: TapTraefik) {
  const api = createTraefikApi({ apiUrl: traefik.apiUrl })
  const options = { confirmWithinMs: 60_000, pollEveryMs: 10, now: () => Date.now() }
  return createTrafficPort({ dynamicDir: `${traefik.folder}/dynamic`, api, ...options })
}
