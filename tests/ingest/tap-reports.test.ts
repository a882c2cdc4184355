import { describe, expect, it } from '@jest/globals'
import { createTapReports } from '../../collector/ingest/tap-reports.ts'
import { batchHeader } from '../helpers/tap-batches.ts'

const BEGAN = Date.parse('2026-11-21T09:00:00Z')
const EARLIER = '2026-11-21T08:00:00Z'
const LATER = '2026-11-21T09:00:01Z'

function reportsWith(write: () => Promise<void> = async () => undefined) {
  const told: string[] = []
  const reports = createTapReports({
    write,
    dropped: (reason, records) => void told.push(`${reason} ${records}`),
    shed: (route, reason, copies) => void told.push(`${route} ${reason} ${copies}`),
    now: () => BEGAN,
  })
  const report = (startedAt: string, firstSequence: number, dropped: Record<string, number>) =>
    reports.reported(
      batchHeader(1, { startedAt, firstSequence, totals: { seen: 9, shipped: 0, queued: 1, dropped } }),
      true,
    )
  return { reports, report, told }
}

describe('reports of the taps', () => {
  it('tell what a tap gave up since it was last heard, in known words', () => {
    const { report, told } = reportsWith()
    report(LATER, 1, { 'queue-full': 2 })
    report(LATER, 2, { 'queue-full': 5, 'made-up': 1 })
    report(LATER, 3, { 'queue-full': 5, 'made-up': 1 })
    expect(told).toEqual(['queue-full 2', 'queue-full 3', 'other 1'])
  })

  it('tell what the guard shed on each route', () => {
    const { reports, told } = reportsWith()
    const report = (firstSequence: number, shed: Record<string, number>) => {
      const routes = { shop: { tapped: 9, queued: 0, dropped: {}, shed }, quiet: { tapped: 1, queued: 0, dropped: {} } }
      reports.reported(batchHeader(1, { startedAt: LATER, firstSequence, routes }), true)
    }
    report(1, { 'shed-rate': 4 })
    report(2, { 'shed-rate': 5, 'shed-breaker': 1, 'made-up': 2 })
    expect(told).toEqual(['shop shed-rate 4', 'shop shed-rate 1', 'shop shed-breaker 1', 'shop other 2'])
  })

  it('tell nothing again of a tap that is older than this process', () => {
    const { report, told } = reportsWith()
    report(EARLIER, 7, { 'queue-full': 100 })
    report(EARLIER, 8, { 'queue-full': 101 })
    expect(told).toEqual(['queue-full 1'])
  })

  it('count a batch as shipped once it was taken, and as queued while it is refused', () => {
    const { reports } = reportsWith()
    const header = batchHeader(4, {
      startedAt: LATER,
      totals: { seen: 9, shipped: 0, queued: 9, dropped: {} },
      routes: { shop: { tapped: 5, queued: 5, dropped: {} }, other: { tapped: 0, queued: 0, dropped: {} } },
      pairs: { shop: 2 },
    })
    const newest = () => reports.latest()[0]?.header.batch
    reports.reported(header, false)
    expect(newest()).toMatchObject({ totals: { shipped: 0, queued: 9 }, routes: { shop: { queued: 5 } } })
    reports.reported(header, true)
    expect(newest()).toMatchObject({
      totals: { seen: 9, shipped: 4, queued: 5 },
      routes: { shop: { tapped: 5, queued: 3 }, other: { queued: 0 } },
    })
  })

  it('keep the newest of a tap and write it again after a failure', async () => {
    let failures = 1
    const { reports, report } = reportsWith(async () => {
      if (failures-- > 0) throw new Error('away')
    })
    report(LATER, 5, {})
    report(LATER, 4, {})
    expect(reports.latest().map(({ header }) => header.batch.firstSequence)).toEqual([5])
    await expect(reports.flush()).rejects.toThrow('away')
    await expect(reports.flush()).resolves.toBeUndefined()
  })
})
