// Connections to PostgreSQL: one pool for writing, one for questions, so that a slow question never holds up a write.
import pg from 'pg'
import type { Log } from '../log.ts'

export type Pool = pg.Pool

export function createPool(options: {
  databaseUrl: string
  name: string
  max: number
  statementTimeoutMs: number
  log: Log
}): Pool {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: `understudy-${options.name}`,
    max: options.max,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs,
    // The server's own limit does not hold while the server hangs.
    query_timeout: options.statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
  })
  // Without a listener a server restart would end the process.
  pool.on('error', (error) => options.log.debug({ pool: options.name, error: error.message }, 'idle connection lost'))
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** True when trying the same statement again may succeed: the server is away, restarting, full or busy. */
export function isRetriable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return true
  if (/^[0-9A-Z]{5}$/.test(code)) return /^(08|40|53|55|57|58|XX)/.test(code) || code === '25006'
  return true
}
