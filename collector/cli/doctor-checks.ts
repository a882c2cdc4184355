// What doctor looks at. Each finding of something wrong says how to mend it.
import pg from 'pg'
import type { ComparisonPage, RouteView, Status } from '../api/schemas.ts'
import { CliError } from './cli-error.ts'
import { openKafka } from './kafka-session.ts'
import type { Session } from './session.ts'

export type Finding = {
  check: string
  state: 'passed' | 'doubtful' | 'failed' | 'skipped'
  detail: string
  mend?: string
}

export async function checkApi(session: Session): Promise<Finding[]> {
  const status = await orAway(session, () => session.api.get<Status>('/api/status'))
  if ('missing' in status)
    return [
      {
        check: 'api',
        state: 'failed',
        detail: status.missing,
        mend: 'start one with `npm start`, or set UNDERSTUDY_API to where it is',
      },
    ]
  const parts = status.found.components.map((part): Finding => {
    const state = part.state === 'ok' ? 'passed' : part.state === 'down' ? 'failed' : 'doubtful'
    const mend = part.mend ?? (part.state === 'ok' ? undefined : `look for ${part.name} in the collector's log`)
    return { check: `part ${part.name}`, state, detail: part.detail ?? part.state, ...(mend && { mend }) }
  })
  return [{ check: 'api', state: 'passed', detail: `${session.stack.api}, version ${status.found.version}` }, ...parts]
}

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

export async function checkOverlays(session: Session): Promise<Finding[]> {
  const routes = await orAway(session, () => session.api.get<{ items: RouteView[] }>('/api/v1/routes'))
  if ('missing' in routes) return [{ check: 'overlays', state: 'skipped', detail: routes.missing }]
  if (routes.found.items.length === 0) {
    return [
      {
        check: 'overlays',
        state: 'doubtful',
        detail: 'there is no route',
        mend: 'write one into understudy.yaml, or start with --primary and --shadow',
      },
    ]
  }
  return routes.found.items.map(({ name, state, reason }) => overlayFinding(name, state, reason))
}

const overlayMends: Record<RouteView['state'], string | undefined> = {
  applied: undefined,
  refused: "change the route's rule or the priority of the router that is named; the plain route serves meanwhile",
  waiting: 'start the service or router that is named; the overlay follows by itself',
  off: '`understudy on` puts overlays back; a route that is not enabled stays off',
}

function overlayFinding(name: string, state: RouteView['state'], reason: string | null): Finding {
  const mend = overlayMends[state]
  const found = state === 'applied' ? 'passed' : state === 'refused' ? 'failed' : 'doubtful'
  return { check: `route ${name}`, state: found, detail: reason ? `${state}: ${reason}` : state, ...(mend && { mend }) }
}

export async function checkKafka(session: Session): Promise<Finding[]> {
  const { kafkaBrokers, topicPrefix } = session.stack
  const admin = openKafka(session).admin()
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

const skewLimitMs = 2000

export async function checkClock(session: Session): Promise<Finding[]> {
  const before = session.now()
  const status = await orAway(session, () => session.api.get<Status>('/api/status'))
  if ('missing' in status) return [{ check: 'clock', state: 'skipped', detail: status.missing }]
  const serverMs = Date.parse(status.found.now)
  const findings = [clockFinding('clock here', (before + session.now()) / 2 - serverMs, 'of the collector')]
  // The newest exchange got its time from its proxy's clock, and cannot be younger than the collector's now.
  const page = await orAway(session, () => session.api.get<ComparisonPage>('/api/v1/comparisons', { limit: 1 }))
  const [newest] = 'found' in page ? page.found.items : []
  if (newest)
    findings.push(
      clockFinding('clock of the proxy', Math.max(0, Date.parse(newest.createdAt) - serverMs), 'of the collector'),
    )
  return findings
}

function clockFinding(check: string, skewMs: number, other: string): Finding {
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1)
  if (Math.abs(skewMs) <= skewLimitMs)
    return { check, state: 'passed', detail: `within ${skewLimitMs / 1000} s ${other}'s` }
  return {
    check,
    state: 'failed',
    detail: `${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'} ${other}'s`,
    mend: 'set both machines by NTP: times inside exchange ids decide where rows are kept',
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

async function orAway<T>({ stack }: Session, ask: () => Promise<T>): Promise<{ found: T } | { missing: string }> {
  try {
    return { found: await ask() }
  } catch (error) {
    if (error instanceof CliError)
      return { missing: error.isAway ? `the API does not answer at ${stack.api}` : error.message }
    throw error
  }
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
