import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { findPostgres, startPostgres } from '../../collector/local-stack/parts/postgres.ts'
import { standInFor } from '../../collector/local-stack/parts/postgres-user.ts'
import { freePort } from '../../collector/local-stack/ports.ts'

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

describe("the native stack's PostgreSQL", () => {
  it('keeps its data between starts, in a folder that is closed to everyone else too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'understudy-closed-'))
    const found = findPostgres()
    if (found.state !== 'ready') throw new Error(found.state)
    const dataDir = join(folder, 'data')
    const options = { dataDir, passwordFile: join(folder, 'password'), logFile: join(folder, 'log') }
    const first = await startPostgres(found.part, { ...options, port: await freePort() })
    await ask(first.url('postgres'), 'CREATE TABLE kept AS SELECT 7 AS number')
    await first.stop()
    const second = await startPostgres(found.part, { ...options, port: await freePort() })
    expect(await ask(second.url('postgres'), 'SELECT number FROM kept')).toEqual([{ number: 7 }])
    const settings =
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'listen_addresses', 'synchronous_commit') ORDER BY name"
    expect(await ask(second.url('postgres'), settings)).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'synchronous_commit', setting: 'on' },
    ])
    await expect(ask(second.url('postgres').replace(/:\w+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    )
    await second.stop()
    for (const path of [folder, standInFor(dataDir)]) await rm(path, { recursive: true, force: true })
  })
})
