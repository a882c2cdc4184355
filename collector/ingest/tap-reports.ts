// The newest report of each tap, written at most once a second: reports are cumulative, so only the last one matters.
import type { BatchHeader } from '../core/tap-record.ts'

const MAX_TAPS = 1_000

export type TapReports = {
  reported(header: BatchHeader): void
  latest(): { header: BatchHeader; atMs: number }[]
  /** Writes what changed; a report that could not be written is tried again next time. */
  flush(): Promise<void>
}

export function createTapReports(options: {
  write: (header: BatchHeader, atMs: number) => Promise<void>
  now: () => number
}): TapReports {
  const newest = new Map<string, { header: BatchHeader; atMs: number; dirty: boolean }>()
  return {
    reported(header) {
      const key = `${header.batch.instance} ${header.batch.startedAt}`
      const known = newest.get(key)
      if (known && known.header.batch.firstSequence > header.batch.firstSequence) return
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
