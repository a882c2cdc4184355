// What doctor asks the parts themselves, so that it tells about them without a collector too.
import pg from 'pg'
import type { Finding } from './doctor-checks.ts'
import { openKafka } from './kafka-session.ts'
import type { Session } from './session.ts'

export async function checkTraefik(session: Session): Promise<Finding[]> {
  const { traefikApi } = session.stack
  let version: string
  try {
    version = String(part(await getJson(session, `${traefikApi}/api/version`)).Version ?? '')
  } catch (error) {
    const mend =
      'start Traefik, or set UNDERSTUDY_TRAEFIK_API to the address of its API (api.insecure or an entry point of its own)'
    return [
      {
        check: 'traefik',
        state: 'failed',
        detail: `its API does not answer at ${traefikApi}: ${reasonOf(error)}`,
        mend,
      },
    ]
  }
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  const isNew = Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 7)
  const findings: Finding[] = [
    isNew
      ? { check: 'traefik', state: 'passed', detail: `version ${version} at ${traefikApi}` }
      : {
          check: 'traefik',
          state: 'failed',
          detail: `version ${version || 'unknown'}`,
          mend: 'use Traefik 3.7 or newer: service middlewares came with it',
        },
  ]
  return [...findings, await checkPlugin(session)]
}

async function checkPlugin(session: Session): Promise<Finding> {
  const middlewares = await getJson(session, `${session.stack.traefikApi}/api/http/middlewares?per_page=1000`)
  const taps = (Array.isArray(middlewares) ? middlewares : [])
    .map(part)
    .filter((each) => part(each.plugin).understudy !== undefined)
  const broken = taps.find((each) => each.status !== 'enabled')
  if (broken) {
    const reason = Array.isArray(broken.error) ? broken.error.map(String).join('; ') : String(broken.status)
    const mend =
      'Traefik needs experimental.localPlugins.understudy and the folder plugins-local beside where it starts; its log tells more'
    return { check: 'plugin', state: 'failed', detail: `${String(broken.name)}: ${reason}`, mend }
  }
  if (taps.length === 0)
    return {
      check: 'plugin',
      state: 'skipped',
      detail: 'no overlay uses the tap yet, so Traefik has not been asked for it',
    }
  return { check: 'plugin', state: 'passed', detail: `loaded, in ${taps.length} middlewares` }
}

export async function checkKafka(session: Session): Promise<Finding[]> {
  const { kafkaBrokers, topicPrefix } = session.stack
  const admin = openKafka(session, 'quick').admin()
  try {
    await admin.connect()
    const topics = new Set(await admin.listTopics())
    const missing = ['taps', 'comparisons', 'events', 'dead-letters']
      .map((name) => `${topicPrefix}.${name}`)
      .filter((name) => !topics.has(name))
    if (missing.length === 0)
      return [{ check: 'kafka', state: 'passed', detail: `${kafkaBrokers}, with the four topics of ${topicPrefix}` }]
    const mend =
      'the collector makes its topics when it starts: start it, or set UNDERSTUDY_TOPIC_PREFIX to the one it has'
    return [{ check: 'kafka', state: 'failed', detail: `there is no topic ${missing.join(', ')}`, mend }]
  } catch (error) {
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
  if (!databaseUrl)
    return [
      {
        check: 'database',
        state: 'skipped',
        detail: 'DATABASE_URL is not known here',
        mend: 'set DATABASE_URL to have it looked at',
      },
    ]
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: session.timeoutMs,
    statement_timeout: session.timeoutMs,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number; migrations: string | null }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS version, to_regclass('comparisons')::text AS migrations",
    )
    const { version = 0, migrations = null } = rows[0] ?? {}
    const found: Finding =
      version < 15
        ? { check: 'database', state: 'failed', detail: `PostgreSQL ${version}`, mend: 'use PostgreSQL 15 to 18' }
        : {
            check: 'database',
            state: 'passed',
            detail: `PostgreSQL ${version}${version > 18 ? ', newer than what was tried (15 to 18)' : ''}`,
          }
    if (migrations) return [found]
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

async function getJson({ timeoutMs, signal }: Session, url: string): Promise<unknown> {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`answered ${response.status}`)
  return response.json()
}

function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error)
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return reasonOf(error.errors[0])
  if (Error.isError(error.cause)) return reasonOf(error.cause)
  return error.message || error.name
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
