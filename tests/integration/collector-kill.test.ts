import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { loadPairs } from '../helpers/load-pairs.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { createBatchSource } from '../helpers/tap-batches.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const KILLS = 20

describe('a collector that is killed', () => {
  let collector: OwnCollector

  beforeAll(async () => {
    collector = await startOwnCollector()
  })

  afterAll(async () => {
    await collector?.end()
  })

  const count = async (sql: string) => Number((await collector.pool.query<{ n: string }>(sql)).rows[0]?.n)

  it(`has every acknowledged pair exactly once after ${KILLS} kills under load`, async () => {
    const source = createBatchSource({ bodyBytes: 1024, pairsPerBatch: 20, differingPercent: 5, slots: 2 })
    let loading = true
    let sent = 0
    const load = (async () => {
      while (loading) {
        const result = await loadPairs({
          url: collector.ingest,
          source,
          pairs: 400,
          connections: 2,
          pairsPerSecond: 400,
        })
        sent += result.pairs
      }
    })()
    for (let kill = 0; kill < KILLS; kill++) {
      // Each kill comes once pairs flow again, at a moment that the run itself shifts: in ingest, pairing or a write.
      const before = await count('SELECT count(*) AS n FROM comparisons')
      await waitUntil(async () => (await count('SELECT count(*) AS n FROM comparisons')) > before + 7 * kill)
      await collector.killAndRestart()
    }
    loading = false
    await load
    await waitUntil(async () => (await count('SELECT count(*) AS n FROM comparisons')) >= sent, 120_000)
    expect(await count('SELECT count(*) AS n FROM comparisons')).toBe(sent)
    expect(await count('SELECT count(DISTINCT (exchange_id, variant)) AS n FROM comparisons')).toBe(sent)
    expect(await count('SELECT sum(pairs) AS n FROM rollups')).toBe(sent)
    expect(await count('SELECT count(*) AS n FROM unpaired')).toBe(0)
  }, 900_000)

  it('stops cleanly within ten seconds', async () => {
    const started = Date.now()
    expect(await collector.stop()).toBe(0)
    expect(Date.now() - started).toBeLessThan(10_000)
  })
})
