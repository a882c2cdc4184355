import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { migrate } from '../../collector/store/migrate.ts'
import { makePartitions } from '../../collector/store/partitions.ts'
import { understudy } from '../cli/run-understudy.ts'
import { freshDatabase } from '../helpers/real-parts.ts'

const DAY = Date.parse('2026-11-01T12:00:00Z')
const HARD = 'a\\b\t\n\r"\u2028 {"x":"\\\\."}'
let folder: string
let file: string
let opened: { url: string; drop: () => Promise<void>; pool: pg.Pool }[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-backup-'))
  file = join(folder, 'understudy.backup')
  opened = []
})

afterEach(async () => {
  for (const { pool, drop } of opened) await pool.end().then(drop)
  await rm(folder, { recursive: true })
})

async function database(nowMs: number) {
  const { url, drop } = await freshDatabase()
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  opened.push({ url, drop, pool })
  await migrate(pool)
  await makePartitions(pool, nowMs)
  return { url, pool }
}

/** Rows with hard texts, in a partition of their own day. */
async function filled() {
  const made = await database(DAY)
  await made.pool.query(
    `INSERT INTO unpaired (created_at, exchange_id, variant, route, side, reason)
     SELECT to_timestamp($1 / 1000.0), ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'shadow', $2, 'shadow', 'no-shadow'
     FROM generate_series(1, 500) AS n`,
    [DAY, HARD],
  )
  return made
}

const rowsOf = async (pool: pg.Pool) =>
  (await pool.query('SELECT tableoid::regclass::text AS partition, * FROM unpaired ORDER BY exchange_id')).rows

describe('backup and restore', () => {
  it('brings every row back into the partition it was in', async () => {
    const source = await filled()
    const target = await database(Date.now())
    expect((await understudy(['backup', file], { DATABASE_URL: source.url })).err).toMatch(/^500 rows of \d+ tables/)
    const restored = await understudy(['restore', file, '--json'], { DATABASE_URL: target.url })
    expect(restored).toMatchObject({ code: 0, json: { rows: 500 } })
    expect(await rowsOf(target.pool)).toEqual(await rowsOf(source.pool))
  })

  it('refuses a database that holds something, until told to replace it', async () => {
    const source = await filled()
    await understudy(['backup', file], { DATABASE_URL: source.url })
    await source.pool.query(
      "UPDATE unpaired SET reason = 'changed' WHERE exchange_id = '00000000-0000-7000-8000-000000000001'",
    )
    const refused = await understudy(['restore', file], { DATABASE_URL: source.url })
    expect(refused).toMatchObject({
      code: 1,
      err: 'understudy: table "unpaired" is not empty: --replace forgets what is there\n',
    })
    expect((await understudy(['restore', '--replace', file], { DATABASE_URL: source.url })).code).toBe(0)
    expect((await rowsOf(source.pool)).map(({ reason }) => reason)).not.toContain('changed')
  })

  it('changes nothing by a file that was cut off, is none of ours, or is of another schema', async () => {
    const source = await filled()
    await understudy(['backup', file], { DATABASE_URL: source.url })
    const whole = await readFile(file)
    const before = await rowsOf(source.pool)
    for (const [bytes, told] of [
      [whole.subarray(0, whole.length - 60), /cut off/],
      [Buffer.from('PK\u0003\u0004 something else'), /no backup of ours/],
    ] as const) {
      await writeFile(file, bytes)
      const { code, err } = await understudy(['restore', '--replace', file], { DATABASE_URL: source.url })
      expect([code, told.test(err)]).toEqual([1, true])
    }
    await writeFile(file, whole)
    await source.pool.query("INSERT INTO schema_migrations (name) VALUES ('9999_later.sql')")
    const { err } = await understudy(['restore', '--replace', file], { DATABASE_URL: source.url })
    expect(err).toMatch(/the database of 9999_later\.sql/)
    expect(await rowsOf(source.pool)).toEqual(before)
  })
})
