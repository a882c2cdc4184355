// A database of its own for one test file, migrated, on the PostgreSQL that the test run started (or DATABASE_URL).
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../../collector/store/migrate.ts'

export type FreshDatabase = { pool: pg.Pool; url: string; drop(): Promise<void> }

export async function freshDatabase(databaseUrl = process.env.DATABASE_URL): Promise<FreshDatabase> {
  if (!databaseUrl)
    throw new Error('DATABASE_URL is not set: integration tests are run by npm test, which starts a PostgreSQL')
  const name = `understudy_test_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client({ connectionString: databaseUrl })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  const url = Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).href
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  // A connection that is still closing hears of the DROP below.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  await migrate(pool)
  return {
    pool,
    url,
    async drop() {
      await pool.end()
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
