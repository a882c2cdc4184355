// Discovered services and their containers' labels → the routes that come up by themselves. Routes that a person wrote
// go first; a label's mistake is told and stops nothing else.
import {
  type Container,
  composeNames,
  type DiscoveryProblem,
  defaultServiceName,
  joinContainers,
  routersDefinedTwice,
  whyStranger,
} from './container-services.ts'
import type { DiscoveredService } from './discovered.ts'
import { labelsOf, mergedFields, mergedRules, routeOf, type SaidField } from './label-fields.ts'
import type { ReadLabels } from './labels.ts'
import { type NamedService, type NamePair, pairByName, traefikName } from './pairing-by-name.ts'
import { controlPercent, mirrorsWrites, type Route } from './route.ts'
import { limits } from './route-schema.ts'

/** `rate`: requests a second at most. */
export type AcceptedControl = { percent: number; rate: number }

export type LabelInput = {
  services: readonly Pick<DiscoveredService, 'name' | 'servers'>[]
  /** Left out without a connection to Docker: names alone pair then, with the defaults. */
  containers?: readonly Container[]
  /** Every other route: what a person wrote wins. */
  others: readonly Pick<Route, 'name' | 'primary' | 'shadows'>[]
  /** Services that a router leads to; left out, every one is. Nothing could be laid over any other. */
  routed?: ReadonlySet<string>
  /** Services of containers that are not known yet: no new route before their labels are. */
  unknown?: ReadonlySet<string>
  /** The routes of the last time: one of them stays while a container is not known. */
  before?: readonly Route[]
  /** Control traffic that a person accepted, by the primary's service; a label that says another goes first. */
  accepted?: Readonly<Record<string, AcceptedControl>>
  /** Services that were there moments ago: what stood on one of them stays for now. */
  recent?: ReadonlySet<string>
}

/** Something that a person may accept, with the reason for and against it. */
export type Proposal = { route: string; field: 'control'; value: number; reason: string }

export type DiscoveredPair = NamePair & {
  /** The route that mirrors it, whoever made that. */
  route: string | null
}

export type LabelOutcome = {
  routes: Route[]
  pairs: DiscoveredPair[]
  proposals: Proposal[]
  problems: DiscoveryProblem[]
  containers: Map<string, Container[]>
}

const PROPOSED_CONTROL = 5

export function routesFromLabels(input: LabelInput): LabelOutcome {
  const { containers, strangers } = joinContainers(input.containers ?? [], input.services)
  const out: LabelOutcome = { routes: [], pairs: [], proposals: [], problems: [], containers }
  out.problems.push(...strangers.map(whyStranger), ...routersDefinedTwice(input.containers ?? []))
  const labels = new Map([...containers].map(([service, of]) => [service, labelsOf(of, out.problems)]))
  const pairs = pairByName(input.services.map(({ name }) => namedService(name, containers.get(name))))
  const groups = Map.groupBy(pairs, ({ primary }) => primary)
  for (const [primary, shadows] of groups) {
    if (primary === null) out.pairs.push(...shadows.map((pair) => ({ ...pair, route: null })))
    else addRoute(primary, shadows, { input, labels, out })
  }
  for (const route of input.before ?? []) keepRecent(route, input, out)
  out.pairs.sort((a, b) => (a.shadow < b.shadow ? -1 : 1))
  out.problems = unique(out.problems)
  return out
}

type Context = { input: LabelInput; labels: Map<string, ReadLabels>; out: LabelOutcome }

function addRoute(primary: string, pairs: readonly NamePair[], { input, labels, out }: Context): void {
  const tell = (pair: NamePair, route: string | null, reason: string | null) =>
    out.pairs.push({ ...pair, reason, route })
  const ofPrimary = labels.get(primary)
  const other = input.others.find((route) => 'service' in route.primary && route.primary.service === primary)
  if (other) {
    for (const pair of pairs) {
      const isListed = other.shadows.some((each) => 'service' in each && each.service === pair.shadow)
      tell(pair, isListed ? other.name : null, isListed ? null : `route ${other.name} of ${primary} does not list it`)
    }
    return
  }
  const before = input.before?.find((route) => 'service' in route.primary && route.primary.service === primary)
  const wanted: NamePair[] = []
  for (const pair of pairs) {
    const wasThere = before?.shadows.some((each) => 'service' in each && each.service === pair.shadow) ?? false
    const isUnknown = (input.unknown?.has(primary) ?? false) || (input.unknown?.has(pair.shadow) ?? false)
    if (input.routed && !input.routed.has(primary)) tell(pair, null, `no router leads to ${primary}`)
    else if (ofPrimary?.enable === false) tell(pair, null, `understudy.enable=false on ${primary}`)
    else if (labels.get(pair.shadow)?.enable === false) tell(pair, null, `understudy.enable=false on ${pair.shadow}`)
    else if (isUnknown && !wasThere) tell(pair, null, 'Docker has not told its container yet, and so no labels')
    else if (wanted.length >= limits.shadows) tell(pair, null, `a route has at most ${limits.shadows} shadows`)
    else wanted.push(pair)
  }
  if (wanted.length === 0) return
  const named = wanted.map(({ shadow }) => ({ service: shadow, read: labels.get(shadow) }))
  const said = mergedFields([{ service: primary, read: ofPrimary }, ...named], out.problems)
  const fields = [...said, ...acceptedFields(primary, said, input)]
  const name = routeName(primary, fields, { input, out })
  const rules = mergedRules([ofPrimary, ...named.map(({ read }) => read)])
  const written = {
    ...(rules.length > 0 ? { rules } : {}),
    primary: { service: primary, ...primarySide(ofPrimary) },
    shadows: wanted.map(({ shadow, variant }) => ({
      ...labels.get(shadow)?.side,
      name: variant,
      service: shadow,
      sandbox: labels.get(shadow)?.sandbox ?? false,
    })),
    name,
  }
  const route = routeOf(written, fields, out.problems)
  if (!route) {
    for (const pair of wanted) tell(pair, null, `${primary} cannot be a route's primary`)
    return
  }
  out.routes.push(route)
  for (const pair of wanted) tell(pair, route.name, null)
  const proposal = proposedControl(route, primary)
  if (proposal) out.proposals.push(proposal)
}

function primarySide(read: ReadLabels | undefined): Record<string, unknown> {
  return read?.side.version === undefined ? {} : { version: read.side.version }
}

function acceptedFields(primary: string, said: readonly SaidField[], { accepted }: LabelInput): SaidField[] {
  const control = accepted?.[primary]
  if (!control) return []
  const isSaid = (part: string) => said.some(({ path }) => path[0] === 'control' && path[1] === part)
  // Who says 0 by a label takes the acceptance back.
  if (isSaid('percent')) return []
  return Object.entries(control)
    .filter(([part]) => !isSaid(part))
    .map(([part, value]) => ({ path: ['control', part], value, service: primary, label: 'accepted control' }))
}

/** What a route had on services that went a moment ago stays: a container that is replaced is back soon. */
function keepRecent(before: Route, input: LabelInput, out: LabelOutcome): void {
  const { primary } = before
  if (!('service' in primary) || input.others.some((other) => isSamePrimary(other, before))) return
  const there = new Set(input.services.map(({ name }) => name))
  const isAway = (service: string) => !there.has(service) && (input.recent?.has(service) ?? false)
  const away = before.shadows.filter((shadow) => 'service' in shadow && isAway(shadow.service))
  const now = out.routes.find((route) => isSamePrimary(route, before))
  if (now) {
    const names = new Set(now.shadows.map(({ name }) => name))
    const back = away.filter(({ name }) => !names.has(name)).slice(0, limits.shadows - now.shadows.length)
    now.shadows = [...now.shadows, ...back].sort((a, b) => (a.name < b.name ? -1 : 1))
  } else if (!out.routes.some(({ name }) => name === before.name)) {
    const isWhole = before.shadows.every((shadow) => away.includes(shadow))
    const isKept = isAway(primary.service) || (there.has(primary.service) && isWhole)
    if (isKept) out.routes.push(before)
  }
}

function isSamePrimary(a: Pick<Route, 'primary'>, b: Pick<Route, 'primary'>): boolean {
  return 'service' in a.primary && 'service' in b.primary && a.primary.service === b.primary.service
}

function namedService(name: string, containers: readonly Container[] | undefined): NamedService {
  const [container] = containers ?? []
  const compose = container && composeNames(container)
  if (!container || !compose) return { name }
  const isUnlabelled = name === `${defaultServiceName(container)}@docker`
  const bare = name.slice(0, name.lastIndexOf('@'))
  return { name, project: compose.project, plain: isUnlabelled ? traefikName(compose.service) : bare }
}

function routeName(
  primary: string,
  fields: readonly SaidField[],
  { input, out }: Pick<Context, 'input' | 'out'>,
): string {
  const taken = new Set([...input.others, ...out.routes].map(({ name }) => name))
  const said = fields.find(({ path }) => path[0] === 'name')
  if (said && !taken.has(String(said.value))) return String(said.value)
  if (said) {
    const mend = 'choose another name, or leave the label out'
    out.problems.push({
      where: `service ${said.service}, label ${said.label}`,
      what: `there is another route ${String(said.value)}`,
      mend,
    })
  }
  const container = out.containers.get(primary)
  const named = namedService(primary, container)
  const at = primary.lastIndexOf('@')
  const plain = slug(named.plain ?? primary.slice(0, at))
  const names = [plain, `${plain}-${slug(primary.slice(at + 1))}`, slug(primary.slice(0, at))]
  for (let count = 2; count < 100; count += 1) names.push(`${plain}-${count}`)
  return names.find((name) => !taken.has(name)) ?? plain
}

function slug(text: string): string {
  const clean = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return clean.slice(0, 55) || 'route'
}

function proposedControl(route: Route, primary: string): Proposal | undefined {
  if (controlPercent(route) > 0 || mirrorsWrites(route)) return undefined
  const reason = `without control traffic a difference that ${primary} has with itself (a time, an id) looks like the shadow's. ${PROPOSED_CONTROL} % of the sampled requests would reach ${primary} a second time: GET, HEAD and OPTIONS only, but a second one may cost money or quota. Accept with \`understudy discovery accept ${route.name}\` or the label understudy.control=${PROPOSED_CONTROL}`
  return { route: route.name, field: 'control', value: PROPOSED_CONTROL, reason }
}

function unique(problems: readonly DiscoveryProblem[]): DiscoveryProblem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()]
}
