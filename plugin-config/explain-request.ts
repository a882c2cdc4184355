// Why a request is not routed, or not mirrored: the same choice that Traefik makes, told step by step. Pure.
import { matchRule, type ProbedRequest } from './rule-match.ts'

export type ShownRouter = {
  /** `name@provider`. */
  name: string
  rule: string
  ruleSyntax?: string
  priority: number
  entryPoints: string[]
  service: string
  status: string
  errors: string[]
  hasTls: boolean
}

export type ShownRoute = {
  name: string
  state: 'applied' | 'pending' | 'refused' | 'waiting' | 'off'
  reason: string | null
  share: number
  enabled: boolean
  /** `name@provider`; null for a primary that is a URL. */
  primary: string | null
}

export type ShownPair = { primary: string | null; shadow: string; state: string; reason: string | null }

export type Situation = {
  request: ProbedRequest & { scheme: 'http' | 'https'; port: number }
  entryPoints: { name: string; port: number }[]
  routers: ShownRouter[]
  /** Undefined where the collector does not answer. */
  routes: ShownRoute[] | undefined
  pairs: ShownPair[]
  /** Services that mirror, by hand or rendered. */
  mirroring: ReadonlySet<string>
}

export type Step = {
  step: 'entry point' | 'router' | 'mirrored'
  state: 'passed' | 'doubtful' | 'failed'
  detail: string
  mend?: string
}
export type Explanation = { steps: Step[]; router: string | null; route: string | null }

export function explainRequest(situation: Situation): Explanation {
  const { request } = situation
  const reached = situation.entryPoints.filter(({ port }) => port === request.port).map(({ name }) => name)
  const steps: Step[] = [entryPointStep(situation, reached)]
  const served = situation.routers.filter(
    (router) => reached.length === 0 || router.entryPoints.some((name) => reached.includes(name)),
  )
  const tried = served
    .map((router) => ({ router, match: matchRule(router.rule, request, router.ruleSyntax) }))
    .sort((a, b) => b.router.priority - a.router.priority)
  const usable = tried.filter(
    ({ router }) => router.status !== 'disabled' && router.hasTls === (request.scheme === 'https'),
  )
  const winner = usable.find(({ match }) => match.verdict === 'yes')
  const perhaps = usable.filter(
    ({ match, router }) => match.verdict === 'unknown' && router.priority >= (winner?.router.priority ?? 0),
  )
  if (!winner) {
    steps.push(noRouter(situation, tried, perhaps))
    return { steps, router: null, route: null }
  }
  const doubt = perhaps[0]
  steps.push({
    step: 'router',
    state: doubt ? 'doubtful' : 'passed',
    detail: `${winner.router.name} (priority ${winner.router.priority}) takes it${doubt ? `, unless ${doubt.router.name} does: ${doubt.match.unknown.join(', ')} cannot be told from here` : ''}`,
    ...(doubt && { mend: 'try it, and look at the answer' }),
  })
  const { step, route } = mirroredStep(situation, winner.router)
  steps.push(step)
  return { steps, router: winner.router.name, route }
}

function entryPointStep({ request, entryPoints }: Situation, reached: string[]): Step {
  if (reached.length > 0)
    return { step: 'entry point', state: 'passed', detail: `${reached.join(', ')} listens on port ${request.port}` }
  const known = entryPoints.map(({ name, port }) => `${name} on ${port}`).join(', ')
  return {
    step: 'entry point',
    state: 'doubtful',
    detail: `no entry point listens on port ${request.port} (${known || 'there is none'}); every one is looked at`,
    mend: 'fine where a port is published under another number; else ask on one of these',
  }
}

type Tried = { router: ShownRouter; match: ReturnType<typeof matchRule> }

function noRouter({ request }: Situation, tried: Tried[], perhaps: Tried[]): Step {
  const told = `${request.method} ${request.scheme}://${request.host}${request.path}`
  const refused = tried.find(({ router, match }) => router.status === 'disabled' && match.verdict !== 'no')
  if (refused) {
    const why = refused.router.errors.join('; ') || 'it does not say why'
    const mend = `mend what Traefik says of router ${refused.router.name}`
    return {
      step: 'router',
      state: 'failed',
      detail: `${refused.router.name} would take it, and Traefik refuses that router: ${why}`,
      mend,
    }
  }
  const otherTls = tried.find(
    ({ router, match }) => match.verdict === 'yes' && router.hasTls !== (request.scheme === 'https'),
  )
  if (otherTls) {
    const other = otherTls.router.hasTls ? 'https' : 'http'
    return {
      step: 'router',
      state: 'failed',
      detail: `${otherTls.router.name} takes it by ${other} alone`,
      mend: `ask by ${other}, or ${other === 'https' ? 'take tls off that router' : 'add tls to that router'}`,
    }
  }
  if (perhaps[0]) {
    const { router, match } = perhaps[0]
    return {
      step: 'router',
      state: 'doubtful',
      detail: `${router.name} may take it: ${match.unknown.join(', ')} cannot be told from here`,
      mend: 'try it, and look at the answer',
    }
  }
  const [near] = tried
    .filter(({ router }) => !/@internal$/.test(router.name) && !/(^|-)understudy-/.test(router.name))
    .sort((a, b) => a.match.failed.length - b.match.failed.length)
  const nearest = near ? `; the nearest, ${near.router.name}, wants ${near.match.failed.slice(0, 5).join(', ')}` : ''
  return {
    step: 'router',
    state: 'failed',
    detail: `no router matches ${told}: Traefik answers 404${nearest}`,
    mend: near
      ? 'correct the URL, or the rule of that router'
      : 'give the service a router: traefik.http.routers.<name>.rule',
  }
}

function mirroredStep(situation: Situation, winner: ShownRouter): { step: Step; route: string | null } {
  const own = /(?:^|-)understudy-([a-z0-9-]+?)-(overlay(?:\.\d+)?|plain)@(?:file|http)$/.exec(winner.name)
  const [, name = '', kind = ''] = own ?? []
  const above = own ? name : routeAbove(winner, situation.routers)
  const routes = situation.routes ?? []
  const route = routes.find((each) => each.name === above) ?? routes.find((each) => each.primary === winner.service)
  if (kind.startsWith('overlay')) {
    const share = route ? `${route.share} % of such requests` : 'a share of such requests'
    return { step: { step: 'mirrored', state: 'passed', detail: `by route ${name}: ${share}` }, route: name }
  }
  if (!own && situation.mirroring.has(winner.service)) {
    const detail = `by ${winner.service}, which was written by hand`
    return { step: { step: 'mirrored', state: 'passed', detail }, route: null }
  }
  if (situation.routes === undefined) {
    const step: Step = {
      step: 'mirrored',
      state: 'doubtful',
      detail: 'not by an overlay; the collector does not answer, so no more is known',
      mend: 'start the collector, or set UNDERSTUDY_API',
    }
    return { step, route: null }
  }
  return route
    ? { step: whyNotByRoute(situation, winner, route), route: route.name }
    : { step: whyNoRoute(situation, winner), route: null }
}

/** The route whose overlay was rendered above this router, though it does not take the request. */
function routeAbove(base: ShownRouter, routers: readonly ShownRouter[]): string | undefined {
  const overlay = routers.find(({ name, rule }) => OVERLAY.test(name) && rule.startsWith(`(${base.rule}) && `))
  return overlay && OVERLAY.exec(overlay.name)?.[1]
}

const OVERLAY = /(?:^|-)understudy-([a-z0-9-]+?)-overlay(?:\.\d+)?@(?:file|http)$/

function whyNotByRoute({ routers, request }: Situation, winner: ShownRouter, route: ShownRoute): Step {
  const failed = (detail: string, mend: string): Step => ({ step: 'mirrored', state: 'failed', detail, mend })
  if (!route.enabled) return failed(`route ${route.name} is not enabled`, `understudy routes enable ${route.name}`)
  if (route.state !== 'applied') {
    const mends = {
      refused: `change what is named there; until then ${winner.name} answers alone`,
      pending: 'ask again in a few seconds',
      waiting: 'start what is named there; the overlay follows by itself',
      off: '`understudy on` puts overlays back',
    }
    return failed(`route ${route.name} is ${route.state}: ${route.reason ?? 'no reason is told'}`, mends[route.state])
  }
  const overlay = routers.find(({ name }) => OVERLAY.exec(name)?.[1] === route.name)
  if (!overlay)
    return failed(`route ${route.name} has no overlay in Traefik`, "see what Traefik's log says of understudy.yaml")
  const { failed: parts } = matchRule(overlay.rule, request, overlay.ruleSyntax)
  const isMethod = parts.some((part) => /^Method\(/.test(part))
  const what = isMethod
    ? `${request.method} ${request.path} is none of its methods and operations`
    : `it leaves out ${parts.slice(0, 4).join(', ') || 'this request'}`
  const mend = isMethod
    ? `add "${request.method} ${request.path}" to its operations, if the shadow may carry it out`
    : 'upgrades, gRPC and what its rule leaves out are not mirrored'
  return failed(`route ${route.name} is applied, but ${what}`, mend)
}

function whyNoRoute({ pairs }: Situation, winner: ShownRouter): Step {
  const service = winner.service
  const pair = pairs.find((each) => each.primary === service)
  if (pair) {
    const detail = `${pair.shadow} pairs with ${service}, but has no route: ${pair.reason ?? 'it comes with the next look'}`
    return { step: 'mirrored', state: 'failed', detail, mend: 'mend what is named there' }
  }
  const near = pairs.find(({ shadow, state }) => state !== 'paired' && shadow.startsWith(service.replace(/@.*$/, '')))
  if (near) {
    return {
      step: 'mirrored',
      state: 'failed',
      detail: `${near.shadow} is ${near.state}: ${near.reason ?? ''}`,
      mend: 'rename it, or write a route',
    }
  }
  const plain = service.replace(/@.*$/, '')
  return {
    step: 'mirrored',
    state: 'failed',
    detail: `there is no route for ${service || winner.name}, and no service ${plain}-shadow`,
    mend: `start one called ${plain}-shadow, or write a route with primary: { service: ${service} }`,
  }
}
