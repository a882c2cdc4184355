// A shadow that hangs: what Traefik keeps meanwhile, and whether the clients notice.
import {
  goroutines,
  portOf,
  renderShare,
  type ShareServers,
  startShareServers,
  steadily,
  typicalP99,
  withTraefik,
} from '../helpers/share-bench.ts'
import type { TapTraefik } from '../helpers/tap-traefik.ts'
import { until } from '../helpers/tap-wait.ts'
import type { Bench, Report } from './bench.ts'

/** Fewer for a look at it; the figures in the README are of five minutes. */
const SECONDS = Number(process.env.SHARE_HANG_SECONDS ?? 300)

export const bench: Bench = {
  name: 'share-hang',
  title: 'a shadow that hangs under 300 requests/s',
  async run(report) {
    const servers = await startShareServers()
    try {
      await hanging(report, servers)
    } finally {
      servers.stop()
    }
  },
}

/** Without the breaker, which would end it after the first twenty time-outs: the guard's bounds alone. */
async function hanging(report: Report, servers: ShareServers): Promise<void> {
  const route = { share: 100, protect: { breakAtPercent: 0 } }
  const hangs = renderShare(servers, { ...route, shadows: [{ name: 'shadow', url: servers.urls.hanging }] })
  const work = async (traefik: TapTraefik) => {
    report.progress('a shadow that answers, 300 requests/s')
    await steadily(traefik, 300, 10)
    const well = await steadily(traefik, 300, 60)
    const before = { goroutines: await goroutines(traefik), rss: await traefik.rssBytes() }
    await portOf(traefik).apply(hangs)
    report.progress(`a shadow that hangs, 300 requests/s for ${SECONDS} s`)
    let most = before
    const watch = setInterval(async () => {
      const now = { goroutines: await goroutines(traefik), rss: await traefik.rssBytes() }
      most = { goroutines: Math.max(most.goroutines, now.goroutines), rss: Math.max(most.rss, now.rss) }
    }, 1_000)
    const hung = await steadily(traefik, 300, SECONDS)
    clearInterval(watch)
    await portOf(traefik).apply(renderShare(servers, route))
    await until(async () => (await goroutines(traefik)) <= before.goroutines + 50, 30_000).catch(() => undefined)
    const after = await goroutines(traefik)
    const mib = (bytes: number) => bytes / 1024 ** 2
    const baseline = { name: 'a shadow that answers', value: typicalP99(well.bySecond) }
    report.figure({
      name: 'failed requests while the shadow hangs',
      value: hung.failed + well.failed,
      unit: 'requests',
      bar: { atMost: 0 },
    })
    report.figure({
      name: "primary's p99 while the shadow hangs",
      value: typicalP99(hung.bySecond),
      unit: 'ms',
      baseline,
      bar: { atMost: 1.05, of: 'ratio' },
    })
    report.figure({
      name: 'most goroutines meanwhile, more than before',
      value: most.goroutines - before.goroutines,
      unit: 'goroutines',
      bar: { atMost: 500 },
    })
    report.figure({
      name: 'goroutines afterwards, more than before',
      value: after - before.goroutines,
      unit: 'goroutines',
      bar: { atMost: 50 },
    })
    report.figure({
      name: 'most memory meanwhile, more than before',
      value: mib(most.rss - before.rss),
      unit: 'MiB',
      bar: { atMost: 64 },
    })
  }
  await withTraefik(renderShare(servers, route), work, true)
}
