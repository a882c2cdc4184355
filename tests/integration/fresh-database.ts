// A migrated database of its own for one test file, with a pool.
import pg from 'pg'
import { migrate } from '../../collector/store/migrate.ts'
import { freshDatabase as emptyDatabase } from '../helpers/real-parts.ts'

export type FreshDatabase = { pool: pg.Pool; url: string; drop(): Promise<void> }

export async function freshDatabase(): Promise<FreshDatabase> {
  const { url, drop } = await emptyDatabase()
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  // A connection that is still closing hears of the drop.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  await migrate(pool)
  return { pool, url, drop: () => pool.end().then(drop) }
}
