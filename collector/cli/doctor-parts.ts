// What doctor asks the parts themselves, so that it tells about them without a collector too.
import pg from 'pg'
import type { Finding } from './doctor-checks.ts'
import { topicFindings } from './doctor-topics.ts'
import { openKafka } from './kafka-session.ts'
import type { Session } from './session.ts'

export async function checkKafka(session: Session): Promise<Finding[]> {
  const { kafkaBrokers, topicPrefix } = session.stack
  const admin = openKafka(session, 'quick').admin()
  try {
    await admin.connect()
    const topics = new Set(await admin.listTopics())
    const names = ['taps', 'comparisons', 'events', 'dead-letters'].map((name) => `${topicPrefix}.${name}`)
    const missing = names.filter((name) => !topics.has(name))
    if (missing.length === 0) {
      const found: Finding = {
        check: 'kafka',
        state: 'passed',
        detail: `${kafkaBrokers}, with the four topics of ${topicPrefix}`,
      }
      return [found, ...(await topicFindings(admin, names))]
    }
    const mend =
      'the collector makes its topics when it starts: start it, or set UNDERSTUDY_TOPIC_PREFIX to the one it has'
    return [{ check: 'kafka', state: 'failed', detail: `there is no topic ${missing.join(', ')}`, mend }]
  } catch (error) {
    if (session.stack.isGuessed.kafkaBrokers) return [notKnown('kafka', 'KAFKA_BROKERS')]
    return [
      {
        check: 'kafka',
        state: 'failed',
        detail: `${kafkaBrokers}: ${reasonOf(error)}`,
        mend: 'start Kafka, or set KAFKA_BROKERS to where it is',
      },
    ]
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

export async function checkDatabase(session: Session): Promise<Finding[]> {
  const { databaseUrl } = session.stack
  if (!databaseUrl) return [notKnown('database', 'DATABASE_URL')]
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: session.timeoutMs,
    statement_timeout: session.timeoutMs,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number; migrations: string | null; bytes: string }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version, to_regclass('comparisons')::text AS migrations,
              pg_database_size(current_database()) AS bytes`,
    )
    const { version = 0, migrations = null, bytes = '0' } = rows[0] ?? {}
    const others = [...sizeFinding(Number(bytes), session.env.UNDERSTUDY_RETENTION_GIB)]
    const found: Finding =
      version < 15
        ? { check: 'database', state: 'failed', detail: `PostgreSQL ${version}`, mend: 'use PostgreSQL 15 to 18' }
        : {
            check: 'database',
            state: 'passed',
            detail: `PostgreSQL ${version}${version > 18 ? ', newer than what was tried (15 to 18)' : ''}`,
          }
    if (migrations) return [found, ...others]
    return [
      found,
      {
        check: 'schema',
        state: 'failed',
        detail: 'there is no table comparisons',
        mend: 'the collector makes the schema when it starts: start it with this DATABASE_URL',
      },
    ]
  } catch (error) {
    return [
      {
        check: 'database',
        state: 'failed',
        detail: reasonOf(error),
        mend: 'start PostgreSQL, or set DATABASE_URL to where it is',
      },
    ]
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Beside a collector in Compose its parts are out of reach here: what it says of them itself stands above. */
export function notKnown(check: string, setting: string): Finding {
  const mend = `set ${setting} to have it looked at from here too`
  return { check, state: 'skipped', detail: `${setting} is not known here`, mend }
}

export function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error)
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return reasonOf(error.errors[0])
  if (Error.isError(error.cause)) return reasonOf(error.cause)
  return error.message || error.name
}

const GIB = 1024 ** 3

/** Retention is by the size of the comparisons; what is far above it is something else's, or not dropped. */
function sizeFinding(bytes: number, retentionGib: string | undefined): Finding[] {
  const limit = Number(retentionGib || 20)
  if (!(bytes > limit * 1.25 * GIB)) return []
  const detail = `holds ${(bytes / GIB).toFixed(1)} GiB, and UNDERSTUDY_RETENTION_GIB is ${limit}`
  const mend = 'see what else is in that database, and whether the collector logs that retention dropped partitions'
  return [{ check: 'database size', state: 'doubtful', detail, mend }]
}
