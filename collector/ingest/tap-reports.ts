// The newest report of each tap, written at most once a second: reports are cumulative, so only the last one matters.
import type { BatchHeader } from '../core/tap-record.ts'

const MAX_TAPS = 1_000

export type TapReports = {
  /** `isTaken` says whether its batch is acknowledged; of one that is not, the counters are as good. */
  reported(header: BatchHeader, isTaken: boolean): void
  latest(): { header: BatchHeader; atMs: number }[]
  /** Writes what changed; a report that could not be written is tried again next time. */
  flush(): Promise<void>
}

export function createTapReports(options: {
  write: (header: BatchHeader, atMs: number) => Promise<void>
  /** Records that a tap gave up since it was last heard; what it gave up before this process began is not told again. */
  dropped: (reason: string, records: number) => void
  /** Copies that a tap's guard did not send on, likewise. */
  shed: (route: string, reason: string, copies: number) => void
  now: () => number
}): TapReports {
  const beganMs = options.now()
  const newest = new Map<string, { header: BatchHeader; atMs: number; dirty: boolean }>()
  return {
    reported(sent, isTaken) {
      const header = afterBatch(sent, isTaken)
      const key = `${header.batch.instance} ${header.batch.startedAt}`
      const known = newest.get(key)
      if (known && known.header.batch.firstSequence > header.batch.firstSequence) return
      if (known || Date.parse(header.batch.startedAt) >= beganMs) {
        tellMore(known?.header.batch.totals.dropped ?? {}, header.batch.totals.dropped, options.dropped)
        for (const [route, { shed = {} }] of Object.entries(header.batch.routes))
          tellMore(known?.header.batch.routes[route]?.shed ?? {}, shed, (reason, copies) =>
            options.shed(route, reason, copies),
          )
      }
      newest.delete(key)
      newest.set(key, { header, atMs: options.now(), dirty: true })
      if (newest.size > MAX_TAPS) newest.delete(newest.keys().next().value as string)
    },
    latest: () => [...newest.values()],
    async flush() {
      for (const report of newest.values()) {
        if (!report.dirty) continue
        report.dirty = false
        try {
          await options.write(report.header, report.atMs)
        } catch (error) {
          report.dirty = true
          throw error
        }
      }
    },
  }
}

/** The counters once the batch under them was taken, or was not. */
function afterBatch(header: BatchHeader, isTaken: boolean): BatchHeader {
  const { totals, routes, records, pairs } = header.batch
  if (!isTaken) return { ...header, batch: { ...header.batch, records: 0 } }
  const left = Object.entries(routes).map(([route, counts]) => [
    route,
    { ...counts, queued: Math.max(0, counts.queued - (Object.hasOwn(pairs, route) ? (pairs[route] ?? 0) : 0)) },
  ])
  return {
    ...header,
    batch: {
      ...header.batch,
      totals: { ...totals, shipped: totals.shipped + records, queued: Math.max(0, totals.queued - records) },
      routes: Object.fromEntries(left),
    },
  }
}

function tellMore(
  earlier: Record<string, number>,
  now: Record<string, number>,
  tell: (reason: string, records: number) => void,
): void {
  for (const [reason, records] of Object.entries(now)) {
    const more = records - (earlier[reason] ?? 0)
    if (more > 0) tell(knownReasons.has(reason) ? reason : 'other', more)
  }
}

/** The tap's own reasons; a label takes no other word. */
const knownReasons = new Set([
  ...['queue-full', 'rejected', 'unauthorised', 'too-large', 'sender-failed'],
  ...['shed-rate', 'shed-inflight', 'shed-breaker'],
])
