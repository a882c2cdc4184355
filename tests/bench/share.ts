// The share: how exact it is, what it costs, and what happens when it changes.
import {
  inTurns,
  portOf,
  readRoutes,
  renderRoutes,
  renderShare,
  type ShareServers,
  startShareServers,
  tailProbability,
  withTraefik,
} from '../helpers/share-bench.ts'
import { measureCpu, median } from '../helpers/tap-bench.ts'
import { type Dynamic, startTapTraefik, type TapTraefik } from '../helpers/tap-traefik.ts'
import { buildTraffic } from '../helpers/traffic.ts'
import type { Bench, Report } from './bench.ts'

const SHARES = [0.1, 1, 10, 33, 50]
const REQUESTS = 20_000
const CHANGES = 200
/** As in startTapTraefik. */
const THROTTLE_SECONDS = 0.05

export const bench: Bench = {
  name: 'share',
  title: 'the mirrored share: accuracy, changes, cost, a thousand routes',
  async run(report) {
    const servers = await startShareServers()
    try {
      for (const part of parts) await part(report, servers)
    } finally {
      servers.stop()
    }
  },
}

/** SHARE_PART runs one of them, for a machine that is busy. */
const all = { accuracy, changes, cost, routes: manyRoutes }
const parts = Object.entries(all).flatMap(([name, part]) => ((process.env.SHARE_PART ?? name) === name ? [part] : []))

/** Six kinds in turns are two and three kinds in turns at once. */
async function accuracy(report: Report, servers: ShareServers): Promise<void> {
  const unlikely: number[] = []
  for (const share of SHARES) {
    report.progress(`accuracy at ${share} %`)
    servers.counts.clear()
    await withTraefik(renderShare(servers, { share }), (traefik) => inTurns(traefik, REQUESTS, 6))
    const of = (kinds: number[]) => {
      const each = kinds.map((kind) => servers.counts.get(kind) ?? { all: 0, mirrored: 0 })
      const all = each.reduce((sum, count) => sum + count.all, 0)
      const mirrored = each.reduce((sum, count) => sum + count.mirrored, 0)
      unlikely.push(tailProbability(mirrored, all, share / 100))
      return mirrored
    }
    const total = of([0, 1, 2, 3, 4, 5])
    const two = [of([0, 2, 4]), of([1, 3, 5])]
    const three = [of([0, 3]), of([1, 4]), of([2, 5])]
    report.method(`${share} % of ${REQUESTS}: ${total}; of two kinds ${two.join(' + ')}; of three ${three.join(' + ')}`)
  }
  const name = 'least likely of 30 counts, all and by kind (binomial, two-sided)'
  report.figure({ name, value: Math.min(...unlikely), unit: 'probability', bar: { atLeast: 1e-6 } })
}

async function changes(report: Report, servers: ShareServers): Promise<void> {
  report.progress(`${CHANGES} changes under 1,000 requests/s`)
  const traffic = await buildTraffic()
  await withTraefik(renderShare(servers, { share: 10 }), async (traefik) => {
    const port = portOf(traefik)
    let isOver = false
    let asked = 0
    let failed = 0
    const load = async () => {
      while (!isOver) {
        const part = await traffic.load({ url: `${traefik.url}/app/0`, requests: 5_000, rate: 1_000 })
        asked += 5_000
        failed += part.failed
      }
    }
    const loading = load()
    let confirmed = 0
    for (let change = 0; change < CHANGES; change++) {
      const share = 0.5 + ((change * 37) % 199) / 2
      const answer = await port.apply(renderShare(servers, { share }))
      if (answer.confirmed) confirmed += 1
    }
    isOver = true
    await loading
    report.figure({
      name: `failed of ${asked} requests during the changes`,
      value: failed,
      unit: 'requests',
      bar: { atMost: 0 },
    })
    report.figure({ name: 'changes confirmed', value: confirmed, unit: 'changes', bar: { atLeast: CHANGES } })
  })
}

async function cost(report: Report, servers: ShareServers): Promise<void> {
  const unsampled = {
    plain: { enabled: false },
    random: { share: 0.01 },
    sticky: { share: 0.01, stickyBy: { header: 'X-Client' } },
  }
  const lanes: { name: 'plain'; kind: string; traefik: TapTraefik }[] = []
  const micros = new Map<string, number[]>()
  try {
    for (const [kind, written] of Object.entries(unsampled)) {
      const dynamic = renderShare(servers, written, ['api']).config as Dynamic
      lanes.push({ name: 'plain', kind, traefik: await startTapTraefik({ dynamic }) })
    }
    for (let round = 0; round < 7; round++) {
      for (const lane of lanes) {
        report.progress(`cost, round ${round} of 6: ${lane.kind}`)
        const micro = await measureCpu(lane, 6_000)
        // The first warms up.
        if (round > 0) micros.set(lane.kind, [...(micros.get(lane.kind) ?? []), micro])
      }
    }
  } finally {
    await Promise.all(lanes.map(({ traefik }) => traefik.stop()))
  }
  const of = (kind: string) => median(micros.get(kind) ?? [])
  const baseline = { name: 'plain routing', value: of('plain') }
  const bar = (atMost: number) => ({ atMost, of: 'ratio' as const })
  report.figure({
    name: "Traefik's CPU per unsampled request",
    value: of('random'),
    unit: 'µs',
    baseline,
    bar: bar(1.05),
  })
  report.figure({ name: 'the same, share by user', value: of('sticky'), unit: 'µs', baseline, bar: bar(1.3) })
}

async function manyRoutes(report: Report, servers: ShareServers): Promise<void> {
  report.progress('1,000 routes')
  // As long as each other: `/route-1` would have the requests of `/route-10` too, and no overlay.
  const names = Array.from({ length: 1_000 }, (_, index) => `route-${1_000 + index}`)
  await withTraefik(renderShare(servers, { share: 10 }), async (traefik) => {
    const port = portOf(traefik)
    // Routes are read once, when they change; all of them are rendered at each change.
    const routes = readRoutes(servers, { share: 10 }, names)
    const renderedAt = performance.now()
    const many = renderRoutes(servers, routes)
    const appliedAt = performance.now()
    if (!many.ok) throw new Error(`refused: ${JSON.stringify(many.refusals[0])}`)
    const first = await port.apply(many)
    const confirmedAt = performance.now()
    const second = await port.apply(renderShare(servers, { share: 11 }, names))
    const changedAt = performance.now()
    if (!first.confirmed || !second.confirmed)
      throw new Error(`not confirmed: ${JSON.stringify([first, second]).slice(0, 500)}`)
    const seconds = (ms: number) => ms / 1000
    report.figure({
      name: '1,000 routes rendered',
      value: seconds(appliedAt - renderedAt),
      unit: 's',
      bar: { atMost: 1 },
    })
    report.figure({
      name: '1,000 routes confirmed',
      value: seconds(confirmedAt - appliedAt),
      unit: 's',
      bar: { atMost: 5 },
    })
    report.method(
      `all 1,000 changed once more, rendered and confirmed: ${seconds(changedAt - confirmedAt).toFixed(2)} s`,
    )
  })
  await withTraefik(renderShare(servers, { share: 10 }), async (traefik) => {
    const startedAt = performance.now()
    const answer = await portOf(traefik).apply(renderShare(servers, { share: 20 }))
    if (!answer.confirmed) throw new Error(answer.reason)
    const value = (performance.now() - startedAt) / 1000 - THROTTLE_SECONDS
    report.figure({ name: "one change confirmed, beyond Traefik's throttle", value, unit: 's', bar: { atMost: 1 } })
  })
}
