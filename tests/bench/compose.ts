// The production stack on an engine: how soon it compares, what it takes when nobody asks and under its stated load.
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import autocannon from 'autocannon'
import { type DockerStack, openDockerStack } from '../helpers/docker-stack.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'
import type { Bench, Report } from './bench.ts'

const LOAD_SECONDS = Number(process.env.COMPOSE_BENCH_SECONDS ?? 600)
const IDLE_SECONDS = Math.min(60, LOAD_SECONDS)
const PER_SECOND = 200
/** Idle begins when what a start leaves to do is done: the JVM compiles for a minute and more. */
const SETTLE_MS = 90_000
const OURS = ['traefik', 'collector', 'kafka', 'postgres', 'docker-proxy', 'prometheus']

type Usage = { cpuNanos: number; bytes: number }
type Coverage = {
  tapped: number | null
  compared: number
  waiting: number | null
  unpaired: Record<string, number>
  dropped: object
}

export const bench: Bench = {
  name: 'compose',
  title: 'the production stack on Compose: start, idle, and 200 mirrored requests/s of 10 KiB',
  async run(report) {
    const stack = await openDockerStack({ profiles: ['observability'] })
    try {
      await measure(stack, report)
    } finally {
      await stack.remove()
      await stack.docker.engine.stop()
    }
  },
}

async function measure(stack: DockerStack, report: Report): Promise<void> {
  const { docker } = stack
  await Promise.all([docker.images.tinyServer(), docker.images.collector()])
  report.progress('docker compose up …')
  const startedAt = performance.now()
  const up = stack.up()
  await Promise.race([up, waitUntilHolds(() => stack.api('/api/v1/routes'), { withinMs: 120_000, everyMs: 250 })])
  const port = (name: string) => ({ [`traefik.http.services.${name}.loadbalancer.server.port`]: '8080' })
  const rule = { 'traefik.http.routers.busy.rule': 'PathPrefix(`/busy`)' }
  await stack.ownProject('busy', { busy: { ...rule, ...port('busy') }, candidate: port('candidate') })
  await stack.post('/api/v1/routes', {
    name: 'busy',
    primary: { service: 'busy@docker' },
    shadows: [{ name: 'shadow', service: 'candidate@docker' }],
    share: 100,
    protect: { rate: 400, burst: 800 },
  })
  const coverage = async () => (await stack.api<{ coverage: Coverage }>('/api/v1/routes/busy/report')).coverage
  await waitUntil(
    async () => {
      await fetch(`${stack.webUrl}/busy`)
      return (await coverage()).compared > 0
    },
    { withinMs: 120_000, everyMs: 250, what: 'the first comparison' },
  )
  const firstSeconds = (performance.now() - startedAt) / 1000
  report.figure({ name: 'compose up to the first comparison', value: firstSeconds, unit: 's', bar: { atMost: 90 } })

  await up
  report.progress('idle …')
  await delay(SETTLE_MS)
  const idle = await usageOver(stack, IDLE_SECONDS)
  report.figure({ name: 'memory, idle', value: idle.mib, unit: 'MiB', bar: { atMost: 1536 } })
  report.figure({ name: 'CPU, idle', value: idle.cores * 100, unit: '% of a core', bar: { atMost: 5 } })

  /** What the taps report of themselves comes every few seconds, after the pairs. */
  const isSettled = ({ waiting, tapped, compared }: Coverage) => waiting === 0 && (tapped ?? 0) >= compared
  const settled = () =>
    waitUntil(async () => isSettled(await coverage()), { withinMs: 90_000, everyMs: 1_000 }).then(coverage, coverage)
  const before = await settled()
  report.progress(`200 requests/s of 10 KiB for ${LOAD_SECONDS} s …`)
  const loaded = usageOver(stack, LOAD_SECONDS)
  const answers = await autocannon({
    url: `${stack.webUrl}/busy?bytes=10240`,
    overallRate: PER_SECOND,
    connections: 16,
    // A number of them, not a time, at whose end those under way would be cut off.
    amount: PER_SECOND * LOAD_SECONDS,
  })
  const load = await loaded
  // What is still waiting after the pair window is told as such, with everything else.
  const after = await settled()
  const failed = answers.non2xx + answers.errors + answers.timeouts
  const tapped = (after.tapped ?? 0) - (before.tapped ?? 0)
  // Traefik's own counters race: of a new configuration its mirroring leaves out a request or two, the first time that
  // requests meet there. Each is told as a pair without a shadow.
  const notMirrored = (after.unpaired['no-shadow'] ?? 0) - (before.unpaired['no-shadow'] ?? 0)
  const lost = tapped - (after.compared - before.compared) - notMirrored
  report.figure({ name: 'memory at 200/s', value: load.mib, unit: 'MiB', bar: { atMost: 2048 } })
  report.figure({ name: 'CPU at 200/s', value: load.cores, unit: 'cores', bar: { atMost: 1 } })
  report.figure({
    name: 'requests that failed',
    value: failed,
    unit: `of ${answers.requests.total}`,
    bar: { atMost: 0 },
  })
  report.figure({ name: 'pairs lost', value: lost, unit: `of ${tapped}`, bar: { atMost: 0 } })
  report.figure({ name: 'never mirrored by Traefik', value: notMirrored, unit: `of ${tapped}` })
  report.method(
    `waiting ${after.waiting}; since the start: unpaired ${JSON.stringify(after.unpaired)}, dropped ${JSON.stringify(after.dropped)}`,
  )
  report.method(`memory and CPU of ${OURS.join(', ')}: the engine's own counts, without the page cache`)
  report.method(`idle: ${idle.parts}`)
  report.method(`at 200/s: ${load.parts}`)
}

async function usageOver(stack: DockerStack, seconds: number): Promise<{ mib: number; cores: number; parts: string }> {
  const ids = await Promise.all(OURS.map((service) => stack.id(service)))
  const look = () => Promise.all(ids.map((id) => usageOf(stack, id)))
  const before = await look()
  const startedAt = performance.now()
  let most = before
  while (performance.now() - startedAt < seconds * 1000) {
    await delay(Math.min(5_000, seconds * 1000))
    const now = await look()
    if (bytesOf(now) > bytesOf(most)) most = now
  }
  const after = await look()
  const elapsedNanos = (performance.now() - startedAt) * 1e6
  const used = after.map((each, index) => each.cpuNanos - (before[index]?.cpuNanos ?? 0))
  const parts = OURS.map((service, index) => {
    const mib = (most[index]?.bytes ?? 0) / 2 ** 20
    return `${service} ${mib.toFixed(0)} MiB ${(((used[index] ?? 0) / elapsedNanos) * 100).toFixed(1)} %`
  })
  return {
    mib: bytesOf(most) / 2 ** 20,
    cores: used.reduce((sum, nanos) => sum + nanos, 0) / elapsedNanos,
    parts: parts.join(' · '),
  }
}

const bytesOf = (usages: Usage[]) => usages.reduce((sum, { bytes }) => sum + bytes, 0)

/** What `docker stats` shows: the page cache that could go at any time is no use of memory. */
async function usageOf(stack: DockerStack, id: string): Promise<Usage> {
  const socketPath = stack.docker.engine.host.slice('unix://'.length)
  const text = await new Promise<string>((done, failed) => {
    const asked = request({ socketPath, path: `/containers/${id}/stats?stream=false&one-shot=true` }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => done(body))
    })
    asked.on('error', failed)
    asked.end()
  })
  const { cpu_stats, memory_stats } = JSON.parse(text)
  const inactive = memory_stats.stats.total_inactive_file ?? memory_stats.stats.inactive_file ?? 0
  return { cpuNanos: cpu_stats.cpu_usage.total_usage, bytes: memory_stats.usage - inactive }
}
