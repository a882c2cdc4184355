// What doctor asks the collector. Each finding of something wrong says how to mend it.
import type { Discovery } from '../api/discovery-schemas.ts'
import type { RouteView } from '../api/route-schemas.ts'
import type { ComparisonPage, Status } from '../api/schemas.ts'
import { CliError } from './cli-error.ts'
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
  pending: 'ask again in a few seconds; if it stays, `understudy status` tells how Traefik is',
  refused: "change the route's rule or the priority of the router that is named; the plain route serves meanwhile",
  waiting: 'start the service or router that is named; the overlay follows by itself',
  off: '`understudy on` puts overlays back; a route that is not enabled stays off',
}

function overlayFinding(name: string, state: RouteView['state'], reason: string | null): Finding {
  const mend = overlayMends[state]
  const found = state === 'applied' ? 'passed' : state === 'refused' ? 'failed' : 'doubtful'
  return { check: `route ${name}`, state: found, detail: reason ? `${state}: ${reason}` : state, ...(mend && { mend }) }
}

/** Labels that are wrong, containers that Traefik does not take, and a Docker that does not answer. */
export async function checkDiscovery(session: Session): Promise<Finding[]> {
  const answer = await orAway(session, () => session.api.get<Discovery>('/api/v1/discovery'))
  if ('missing' in answer) return [{ check: 'discovery', state: 'skipped', detail: answer.missing }]
  const { pairs = [], problems = [], docker = null } = answer.found
  const unpaired = pairs.filter(({ state }) => state !== 'paired')
  const found: Finding[] = [
    { check: 'discovery', state: 'passed', detail: `${pairs.length - unpaired.length} pairs by name` },
    ...unpaired.map(
      ({ shadow, state, reason }): Finding => ({
        check: `shadow ${shadow}`,
        state: 'doubtful',
        detail: `${state}: ${reason ?? ''}`,
        mend: 'rename it, or write a route that lists it',
      }),
    ),
    ...problems.map(({ where, what, mend }): Finding => ({ check: where, state: 'doubtful', detail: what, mend })),
  ]
  if (docker === null || docker.reachable) return found
  const mend = 'start Docker, or correct UNDERSTUDY_DOCKER_HOST; labels that are known hold'
  return [...found, { check: 'docker', state: 'failed', detail: docker.detail, mend }]
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

async function orAway<T>({ stack }: Session, ask: () => Promise<T>): Promise<{ found: T } | { missing: string }> {
  try {
    return { found: await ask() }
  } catch (error) {
    if (error instanceof CliError)
      return { missing: error.isAway ? `the API does not answer at ${stack.api}` : error.message }
    throw error
  }
}
