// `doctor --url`: follows one URL the way its requests go, and says where that way ends.
import { explainRequest, type ShownPair, type ShownRoute } from '../../plugin-config/explain-request.ts'
import type { RouteView } from '../api/route-schemas.ts'
import type { ComparisonPage, Report } from '../api/schemas.ts'
import { CliError, exitCodes } from './cli-error.ts'
import type { Finding } from './doctor-checks.ts'
import { reasonOf } from './doctor-parts.ts'
import type { Session } from './session.ts'
import { readTraefik, type TraefikView } from './traefik-view.ts'

export type UrlQuestion = { url: URL; method: string; headers: Record<string, string> }

/** @throws CliError `usage` */
export function readUrlQuestion(options: { url: string; method?: string; header?: string[] }): UrlQuestion {
  const refuse = (message: string) => new CliError(message, exitCodes.usage)
  const isUrl = /^https?:\/\//i.test(options.url) && URL.canParse(options.url)
  if (!isUrl)
    throw refuse(`--url is ${JSON.stringify(options.url)}: expected an address such as http://shop.example/api`)
  const method = (options.method ?? 'GET').toUpperCase()
  if (!/^[A-Z]{1,20}$/.test(method))
    throw refuse(`--method is ${JSON.stringify(options.method)}: expected one such as GET`)
  const headers: Record<string, string> = {}
  for (const header of options.header ?? []) {
    const [, name, value] = /^([A-Za-z0-9!#$%&'*+.^_|~-]+):\s*(.*)$/.exec(header) ?? []
    if (!name) throw refuse(`--header is ${JSON.stringify(header)}: expected "Name: value"`)
    headers[name.toLowerCase()] = value ?? ''
  }
  return { url: new URL(options.url), method, headers }
}

export async function checkUrl(session: Session, question: UrlQuestion): Promise<Finding[]> {
  let view: TraefikView
  try {
    view = await readTraefik(session)
  } catch (error) {
    const detail = `Traefik's API does not answer at ${session.stack.traefikApi}: ${reasonOf(error)}`
    return [{ check: 'url', state: 'failed', detail, mend: 'start Traefik, or set UNDERSTUDY_TRAEFIK_API' }]
  }
  const [routes, pairs] = await Promise.all([readRoutes(session), readPairs(session)])
  const { url, method, headers } = question
  const explained = explainRequest({
    request: {
      method,
      headers,
      scheme: url.protocol === 'https:' ? 'https' : 'http',
      host: (headers.host ?? url.hostname).toLowerCase().replace(/:\d+$/, ''),
      port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      path: url.pathname,
      query: [...url.searchParams],
    },
    entryPoints: view.entryPoints,
    routers: view.routers,
    routes,
    pairs,
    mirroring: new Set(view.services.filter((each) => each.mirroring).map(({ name }) => name)),
  })
  const findings = explained.steps.map(({ step, ...rest }): Finding => ({ check: `url: ${step}`, ...rest }))
  const isMirrored = explained.steps.at(-1)?.step === 'mirrored' && explained.steps.at(-1)?.state === 'passed'
  if (isMirrored && explained.route !== null) {
    findings.push(...(await compared(session, explained.route, method, url.pathname)))
  }
  return findings
}

/** What to do about the reason that took most of the pairs. */
const pairMends: Record<string, string> = {
  'no-shadow': "look at the shadow's log: its answer never came, or its tap's record did not",
  'no-control': "look at the primary's log: the second answer never came",
  'no-primary': 'records of the primary are lost: look at the taps in `understudy status`',
  'client-ended': 'clients ended these requests; Traefik mirrors none of them',
  'shed-rate': "raise the route's protect.rate, or lower its share",
  'shed-inflight': "raise the route's protect.inFlight, or make the shadow faster",
  'pending-full': 'raise UNDERSTUDY_MAX_PENDING, or start more processes with the role compare',
  'queue-full': 'the taps deliver too slowly: look at ingest in `understudy status`',
  'proxy-ended': 'Traefik was killed with records in its queue',
}

async function compared(session: Session, route: string, method: string, path: string): Promise<Finding[]> {
  const check = 'url: compared'
  let report: Report
  let page: ComparisonPage
  try {
    report = await session.api.get<Report>(`/api/v1/routes/${encodeURIComponent(route)}/report`)
    page = await session.api.get<ComparisonPage>('/api/v1/comparisons', { route, limit: 200 })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return [{ check, state: 'doubtful', detail, mend: 'start the collector, or set UNDERSTUDY_API' }]
  }
  const { tapped, compared: pairs, unpaired, dropped } = report.coverage
  const lost = Object.entries({ ...unpaired, ...dropped }).sort(([, a], [, b]) => b - a)
  const [worst] = lost
  const reasons = lost.slice(0, 3).map(([reason, count]) => `${reason} ${count}`)
  if (pairs === 0 && worst) {
    const detail = `nothing of route ${route} is: ${reasons.join(', ')}`
    return [{ check, state: 'failed', detail, mend: pairMends[worst[0]] ?? "see the reason, and the collector's log" }]
  }
  if (pairs === 0) {
    const detail =
      tapped === null || tapped === 0
        ? `no tap of route ${route} has reported a request yet`
        : `${tapped} requests are on their way: a pair takes up to its window, 45 s`
    const mend = 'send such a request some times: only a share of them is mirrored; then look at `understudy status`'
    return [{ check, state: 'doubtful', detail, mend }]
  }
  const same = page.items.find((each) => each.method === method && each.path.split('?')[0] === path)
  const kept = same
    ? `; the latest of this path that was kept is ${same.id}: ${same.outcome}`
    : '; none of this path is among the latest 200 that were kept (store: what differs, and a sample)'
  const note = reasons.length > 0 ? `; not compared: ${reasons.join(', ')}` : ''
  return [{ check, state: 'passed', detail: `${pairs} pairs of route ${route}${kept}${note}` }]
}

async function readRoutes(session: Session): Promise<ShownRoute[] | undefined> {
  const page = await session.api.get<{ items: RouteView[] }>('/api/v1/routes').catch(() => undefined)
  return page?.items.map((route) => {
    const primary = typeof route.primary === 'object' && route.primary !== null ? route.primary : {}
    return {
      name: route.name,
      state: route.state,
      reason: route.reason,
      share: typeof route.share === 'number' ? route.share : 100,
      enabled: route.enabled !== false,
      primary: 'service' in primary && typeof primary.service === 'string' ? primary.service : null,
    }
  })
}

async function readPairs(session: Session): Promise<ShownPair[]> {
  const found = await session.api.get<{ pairs?: ShownPair[] }>('/api/v1/discovery').catch(() => undefined)
  return Array.isArray(found?.pairs) ? found.pairs : []
}
