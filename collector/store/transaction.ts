// One transaction on a connection of its own, taken back whole when anything in it fails.
import type { PoolClient } from 'pg'
import type { Pool } from './pool.ts'

/** Commits what `work` did on its connection and returns its result; rolls back and throws on when it throws. */
export async function inTransaction<Result>(pool: Pool, work: (on: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  let isBroken = true
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    isBroken = false
    return result
  } catch (error) {
    isBroken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    )
    throw error
  } finally {
    // A connection whose transaction could not be ended must not serve anybody else.
    client.release(isBroken)
  }
}
