// A collector with a database, topics and, where it is given, a routes file of its own, on the run's Kafka and PostgreSQL.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type CollectorProcess, startCollectorProcess } from './collector-process.ts'
import { freshDatabase, freshTopicPrefix, kafka, type SharedParts, startSharedParts } from './real-parts.ts'

export type OwnCollector = CollectorProcess & {
  pool: pg.Pool
  databaseUrl: string
  topicPrefix: string
  /** Replaces the routes file, which the collector watches. */
  writeRoutes(text: string): Promise<void>
  /** Ends it and forgets everything of it. */
  end(): Promise<void>
}

export async function startOwnCollector(
  options: { routes?: string; env?: Record<string, string> } = {},
): Promise<OwnCollector> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-collector-'))
  const routesFile = join(folder, 'understudy.yaml')
  const writeRoutes = (text: string) => writeFile(routesFile, text)
  const database = await freshDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  // A connection that is still closing hears of the drop.
  pool.on('error', () => undefined)
  const topicPrefix = freshTopicPrefix()
  if (options.routes !== undefined) await writeRoutes(options.routes)
  const clear = async () => {
    await pool.end()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const env = { ...(options.routes !== undefined && { UNDERSTUDY_ROUTES_FILE: routesFile }), ...options.env }
    const collector = await startCollectorProcess({ databaseUrl: database.url, kafka: kafka(), topicPrefix, env })
    const end = async () => {
      await collector.stop()
      await clear()
    }
    return { ...collector, pool, databaseUrl: database.url, topicPrefix, writeRoutes, end }
  } catch (error) {
    await clear()
    throw error
  }
}

/** For a bench, which no test runner has started Kafka and PostgreSQL for. */
export async function withSharedParts<T>(work: (parts: SharedParts) => Promise<T>): Promise<T> {
  const parts = await startSharedParts()
  process.env.UNDERSTUDY_TEST_KAFKA = parts.kafka
  process.env.UNDERSTUDY_TEST_POSTGRES = parts.postgres
  try {
    return await work(parts)
  } finally {
    await parts.stop()
  }
}
