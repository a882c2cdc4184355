// A7: what is kept by age and by size, on a real PostgreSQL.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dropOldPartitions, makePartitions } from '../../collector/store/partitions.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 6, 20, 12)
const keep = { days: 7, maxBytes: 1024 ** 4, ledgerHours: 48 }

let database: FreshDatabase
let pool: FreshDatabase['pool']
beforeAll(async () => {
  database = await freshDatabase()
  pool = database.pool
  for (let day = 12; day >= 0; day -= 1) {
    await makePartitions(pool, NOW - day * DAY_MS)
    const at = new Date(NOW - day * DAY_MS)
    await pool.query(
      `INSERT INTO comparisons (created_at, exchange_id, variant, route, method, path, endpoint, outcome, primary_body)
       VALUES ($1, gen_random_uuid(), 'shadow', 'shop', 'GET', '/', 'GET /', 'different', repeat(md5(random()::text), 1000))`,
      [at],
    )
    await pool.query(
      `INSERT INTO unpaired (created_at, exchange_id, variant, side, route, reason)
       VALUES ($1, gen_random_uuid(), 'shadow', 'shadow', 'shop', 'no-shadow')`,
      [at],
    )
    await pool.query(`INSERT INTO settled_pairs VALUES ($1, gen_random_uuid(), 'shadow')`, [at])
  }
})
afterAll(async () => {
  await database?.drop()
})

const daysOf = async (table: string) =>
  (await pool.query<{ at: Date }>(`SELECT created_at AS at FROM ${table} ORDER BY 1`)).rows.map(({ at }) =>
    Math.round((NOW - at.getTime()) / DAY_MS),
  )

describe('retention', () => {
  it('drops whole partitions that are too old, and tells their names', async () => {
    const dropped = await dropOldPartitions(pool, NOW, keep)
    expect(dropped).toContain('comparisons_p20260710')
    expect(await daysOf('comparisons')).toEqual([7, 6, 5, 4, 3, 2, 1, 0])
    expect(await daysOf('unpaired')).toEqual([7, 6, 5, 4, 3, 2, 1, 0])
    expect(await daysOf('settled_pairs')).toEqual([2, 1, 0])
    expect(await dropOldPartitions(pool, NOW, keep)).toEqual([])
  })

  it('drops the oldest until the rest fits, never the day that is written', async () => {
    await dropOldPartitions(pool, NOW, { ...keep, maxBytes: 1 })
    expect(await daysOf('comparisons')).toEqual([0])
    expect(await daysOf('settled_pairs')).toEqual([2, 1, 0])
  })

  it('keeps counts for ninety days, by minute and by hour', async () => {
    const ages = [100, 80]
    for (const age of ages) {
      const at = new Date(NOW - age * DAY_MS)
      await pool.query(`INSERT INTO rollups VALUES ($1, 'shop', 'shadow', 'GET /', 'match', 1)`, [at])
      await pool.query(`INSERT INTO rollup_hours VALUES ($1, 'shop', 'shadow', 'GET /', 'match', 1)`, [at])
      await pool.query(`INSERT INTO cause_counts VALUES ($1, 'shop', 'shadow', 'c', 1, $1, $1)`, [at])
      await pool.query(`INSERT INTO cause_hours VALUES ($1, 'shop', 'shadow', 'c', 1, $1, $1)`, [at])
      await pool.query(`INSERT INTO latency_hours VALUES ($1, 'shop', 'shadow', 'primary', 1, 1)`, [at])
    }
    await dropOldPartitions(pool, NOW, keep)
    const left = ['rollups', 'rollup_hours', 'cause_counts', 'cause_hours', 'latency_hours'].map(async (table) => [
      table,
      Number((await pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n),
    ])
    expect(Object.fromEntries(await Promise.all(left))).toEqual({
      ...{ rollups: 1, rollup_hours: 1, cause_counts: 1, cause_hours: 1, latency_hours: 1 },
    })
  })
})
