// Lanes for the tap's benches: the same requests through Traefik in several configurations, one process each.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { type Dynamic, startTapTraefik, type TapTraefik } from './tap-traefik.ts'
import { until } from './tap-wait.ts'

export type LaneName = 'plain' | 'native' | 'native10' | 'empty' | 'tap' | 'tap10'
export type Lane = { name: LaneName; traefik: TapTraefik }
export type TapBench = { lanes: Lane[]; counts(): Promise<Counts>; stop(): Promise<void> }
export type Counts = { primary: number; shadow: number; batches: number; records: number; bytes: number }

const EMPTY_PLUGIN = `package empty

import (
	"context"
	"net/http"
)

type Config struct{}

func CreateConfig() *Config { return &Config{} }

type Empty struct{ next http.Handler }

func New(ctx context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	return &Empty{next: next}, nil
}

func (e *Empty) ServeHTTP(rw http.ResponseWriter, req *http.Request) { e.next.ServeHTTP(rw, req) }
`

/** The dynamic configuration of a lane in front of one backend that plays every part. */
export function laneConfiguration(name: LaneName, backend: string, ingestUrl: string): Dynamic {
  const server = { loadBalancer: { servers: [{ url: backend }], passHostHeader: true } }
  const isTap = name.startsWith('tap')
  const tap = (side: 'primary' | 'shadow', extra: object) => ({
    plugin: { understudy: { route: 'bench', side, ingestUrl, ...extra } },
  })
  // Traefik sends 11 of 101 to the mirrored branch, the tap keeps what makes that 10 % of all.
  const keepPpm = name === 'tap10' ? Math.round(((0.1 * 101) / 11) * 1e6) : 1_000_000
  const empty = { plugin: { empty: {} } }
  const middlewares = {
    primaryTap: isTap ? tap('primary', { expects: ['shadow'], shadowTarget: 'shadow', keepPpm }) : empty,
    shadowTap: isTap ? tap('shadow', { variant: 'shadow', guardInFlight: 100_000 }) : empty,
  }
  const hasPlugin = isTap || name.startsWith('empty')
  const services: Record<string, object> = {
    primary: server,
    shadow: server,
    shadowLeg: { weighted: { services: [{ name: 'shadow' }] }, ...(hasPlugin ? { middlewares: ['shadowTap'] } : {}) },
    mirrored: {
      mirroring: { service: 'primary', maxBodySize: 65536, mirrors: [{ name: 'shadowLeg', percent: 100 }] },
      ...(hasPlugin ? { middlewares: ['primaryTap'] } : {}),
    },
    tenth: {
      weighted: {
        services: [
          { name: 'mirrored', weight: isTap ? 11 : 10 },
          { name: 'primary', weight: isTap ? 90 : 91 },
        ],
      },
    },
  }
  const service = name === 'plain' ? 'primary' : name.endsWith('10') ? 'tenth' : 'mirrored'
  const routers = { bench: { rule: 'PathPrefix(`/`)', service, entryPoints: ['web'] } }
  return { http: { routers, services, ...(hasPlugin ? { middlewares } : {}) } }
}

export async function startTapBench(
  names: LaneName[],
  options: { debug?: boolean; ingestUrl?: string } = {},
): Promise<TapBench> {
  const child = fork(join(import.meta.dirname, 'tap-backend.ts'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const exited = new Promise((done) => child.once('exit', done))
  const lanes: Lane[] = []
  const stop = async () => {
    await Promise.all(lanes.map(({ traefik }) => traefik.stop()))
    child.kill()
    await exited
  }
  try {
    const { port } = JSON.parse(
      await new Promise<string>((done) => child.stdout?.once('data', (data) => done(String(data)))),
    )
    const backend = `http://127.0.0.1:${port}`
    const ingestUrl = options.ingestUrl ?? `${backend}/v1/taps`
    for (const name of names) {
      const traefik = await startTapTraefik({
        dynamic: laneConfiguration(name, backend, ingestUrl),
        plugins: { empty: { module: 'example.com/empty', source: EMPTY_PLUGIN } },
        debug: options.debug ?? false,
      })
      const lane = { name, traefik }
      lanes.push(lane)
      await load(lane, { amount: 1_000 })
    }
    return { lanes, counts: async () => (await (await fetch(`${backend}/counts`)).json()) as Counts, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Sends requests as a client library would; rejects when any answer was not 200. */
export async function load(lane: Lane, options: { amount: number; rate?: number; connections?: number }) {
  const result = await autocannon({
    url: `${lane.traefik.url}/api/tickets?page=1`,
    connections: options.connections ?? 32,
    amount: options.amount,
    ...(options.rate ? { overallRate: options.rate } : {}),
    headers: {
      accept: 'application/json',
      'accept-encoding': 'gzip, deflate, br',
      'accept-language': 'en',
      'x-client': 'bench',
    },
  })
  const failed = result.errors + result.timeouts + result.non2xx
  if (failed > 0) throw new Error(`${lane.name}: ${failed} of ${options.amount} requests failed`)
  return result
}

/** µs of the Traefik process for each request, what follows the answer included. */
export async function measureCpu(lane: Lane, requests: number): Promise<number> {
  const before = await settledCpu(lane.traefik)
  await load(lane, { amount: requests })
  return ((await settledCpu(lane.traefik)) - before) / requests
}

/** CPU time once the process is idle: under 1 ms spent in the last 100 ms. */
async function settledCpu(traefik: TapTraefik): Promise<number> {
  let last = await traefik.cpuMicros()
  let quietSince = performance.now()
  await until(async () => {
    const now = await traefik.cpuMicros()
    if (now - last > 1_000) {
      last = now
      quietSince = performance.now()
    }
    return performance.now() - quietSince > 100
  }, 30_000)
  return traefik.cpuMicros()
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
