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

/**
 * Two Traefiks at the same time, one before a shadow that answers: what else the machine does meets both. Without the
 * breaker, which would end it after the first twenty time-outs: the guard's bounds alone.
 */
async function hanging(report: Report, servers: ShareServers): Promise<void> {
  const route = { share: 100, protect: { breakAtPercent: 0 } }
  const answers = renderShare(servers, route)
  const hangs = renderShare(servers, { ...route, shadows: [{ name: 'shadow', url: servers.urls.hanging }] })
  const work = async (well: TapTraefik, hung: TapTraefik) => {
    const lookAt = async () => ({ goroutines: await goroutines(hung), rss: await hung.rssBytes() })
    report.progress('both shadows answer, 300 requests/s to each')
    await Promise.all([steadily(well, 300, 15), steadily(hung, 300, 15)])
    const before = await lookAt()
    const confirmation = await portOf(hung).apply(hangs)
    if (!confirmation.confirmed) throw new Error(confirmation.reason)
    report.progress(`one of them hangs for ${SECONDS} s`)
    let most = before
    const watch = setInterval(async () => {
      const now = await lookAt().catch(() => most)
      most = { goroutines: Math.max(most.goroutines, now.goroutines), rss: Math.max(most.rss, now.rss) }
    }, 1_000)
    const [quiet, busy] = await Promise.all([steadily(well, 300, SECONDS), steadily(hung, 300, SECONDS)])
    clearInterval(watch)
    await portOf(hung).apply(answers)
    await until(async () => (await goroutines(hung)) <= before.goroutines + 50, 30_000).catch(() => undefined)
    const after = await lookAt()
    const figure = (name: string, value: number, unit: string, atMost: number) =>
      report.figure({ name, value, unit, bar: { atMost } })
    figure('failed requests', quiet.failed + busy.failed, 'requests', 0)
    report.figure({
      name: "primary's p99 while the shadow hangs",
      value: typicalP99(busy.bySecond),
      unit: 'ms',
      baseline: { name: 'a shadow that answers', value: typicalP99(quiet.bySecond) },
      bar: { atMost: 1.05, of: 'ratio' },
    })
    figure('most goroutines meanwhile, more than before', most.goroutines - before.goroutines, 'goroutines', 500)
    figure('goroutines afterwards, more than before', after.goroutines - before.goroutines, 'goroutines', 50)
    figure('most memory meanwhile, more than before', (most.rss - before.rss) / 1024 ** 2, 'MiB', 64)
  }
  await withTraefik(answers, (well) => withTraefik(answers, (hung) => work(well, hung), true))
}
