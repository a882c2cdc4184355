// Forward-only, numbered SQL files, one transaction each, under an advisory lock: any number of processes may start at once.
import { readdir, readFile } from 'node:fs/promises'
import { messageOf, UnderstudyError } from '../errors.ts'
import type { Pool } from './pool.ts'

const LOCK = 7_306_815_014n
const FOLDER = new URL('./migrations/', import.meta.url)

/** Brings the schema up to date and returns the names that were run. Throws `migration-failed`. */
export async function migrate(pool: Pool): Promise<string[]> {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{4}_[\w-]+\.sql$/.test(name)).sort()
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK])
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, run_at timestamptz NOT NULL DEFAULT now())',
    )
    const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations')
    const done = new Set(rows.map((row) => row.name))
    const missing = files.filter((name) => !done.has(name))
    for (const name of missing) await runOne(client, name)
    return missing
  } finally {
    // Its session ends: with it go the lock, and whatever a file that failed has left open.
    client.release(true)
  }
}

async function runOne(
  client: { query: (text: string, values?: unknown[]) => Promise<unknown> },
  name: string,
): Promise<void> {
  const sql = await readFile(new URL(name, FOLDER), 'utf8')
  try {
    await client.query('BEGIN')
    await client.query(sql)
    await client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [name])
    await client.query('COMMIT')
  } catch (error) {
    throw new UnderstudyError('migration-failed', `Migration ${name}: ${messageOf(error)}`, {
      retriable: false,
      cause: error,
    })
  }
}
