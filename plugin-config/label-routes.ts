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
import { type LabelField, nested, type ReadLabels, readLabels } from './labels.ts'
import { type NamedService, type NamePair, pairByName, traefikName } from './pairing-by-name.ts'
import { mirrorsWrites, parseRoute, type Route } from './route.ts'
import { limits } from './route-schema.ts'
import type { Rule } from './rules.ts'

export type LabelInput = {
  services: readonly Pick<DiscoveredService, 'name' | 'servers'>[]
  /** Left out without a connection to Docker: names alone pair then, with the defaults. */
  containers?: readonly Container[]
  /** Every other route: what a person wrote wins. */
  others: readonly Pick<Route, 'name' | 'primary' | 'shadows'>[]
  /** Services of containers that are not known yet: no new route before their labels are. */
  unknown?: ReadonlySet<string>
  /** The routes of the last time: one of them stays while a container is not known. */
  before?: readonly Route[]
}

/** Something that a person may accept, with the reason for and against it. */
export type Proposal = { route: string; field: 'control'; value: number; reason: string }

export type DiscoveredPair = NamePair & {
  /** The route that mirrors it, whoever made that. */
  route: string | null
}

export type LabelOutcome = {
  routes: Route[]
  /** Compare rules from labels. */
  rules: { route: string; label: string; rule: Rule }[]
  pairs: DiscoveredPair[]
  proposals: Proposal[]
  problems: DiscoveryProblem[]
  containers: Map<string, Container[]>
}

const PROPOSED_CONTROL = 5

export function routesFromLabels(input: LabelInput): LabelOutcome {
  const { containers, strangers } = joinContainers(input.containers ?? [], input.services)
  const out: LabelOutcome = { routes: [], rules: [], pairs: [], proposals: [], problems: [], containers }
  out.problems.push(...strangers.map(whyStranger), ...routersDefinedTwice(input.containers ?? []))
  const labels = new Map([...containers].map(([service, of]) => [service, labelsOf(of, out.problems)]))
  const pairs = pairByName(input.services.map(({ name }) => namedService(name, containers.get(name))))
  const groups = Map.groupBy(pairs, ({ primary }) => primary)
  for (const [primary, shadows] of groups) {
    if (primary === null) out.pairs.push(...shadows.map((pair) => ({ ...pair, route: null })))
    else addRoute(primary, shadows, { input, labels, out })
  }
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
    if (ofPrimary?.enable === false) tell(pair, null, `understudy.enable=false on ${primary}`)
    else if (labels.get(pair.shadow)?.enable === false) tell(pair, null, `understudy.enable=false on ${pair.shadow}`)
    else if (isUnknown && !wasThere) tell(pair, null, 'Docker has not told its container yet, and so no labels')
    else if (wanted.length >= limits.shadows) tell(pair, null, `a route has at most ${limits.shadows} shadows`)
    else wanted.push(pair)
  }
  if (wanted.length === 0) return
  const named = wanted.map(({ shadow }) => ({ service: shadow, read: labels.get(shadow) }))
  const fields = mergedFields([{ service: primary, read: ofPrimary }, ...named], out.problems)
  const name = routeName(primary, fields, { input, out })
  const written = {
    primary: { service: primary },
    shadows: wanted.map(({ shadow, variant }) => ({
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
  for (const { read } of [{ read: ofPrimary }, ...named]) {
    out.rules.push(...(read?.rules ?? []).map((rule) => ({ route: route.name, ...rule })))
  }
  const proposal = proposedControl(route, primary)
  if (proposal) out.proposals.push(proposal)
}

function namedService(name: string, containers: readonly Container[] | undefined): NamedService {
  const [container] = containers ?? []
  const compose = container && composeNames(container)
  if (!container || !compose) return { name }
  const isUnlabelled = name === `${defaultServiceName(container)}@docker`
  const bare = name.slice(0, name.lastIndexOf('@'))
  return { name, project: compose.project, plain: isUnlabelled ? traefikName(compose.service) : bare }
}

/** A service's containers are meant to have the same labels; of what differs, the first one's count. */
function labelsOf(containers: readonly Container[], problems: DiscoveryProblem[]): ReadLabels {
  const reads = containers.map((container) => ({ container, read: readLabels(container.labels) }))
  for (const { container, read } of reads) {
    for (const { label, message, mend } of read.problems) {
      problems.push({ where: `container ${container.name}, label ${label}`, what: message, mend })
    }
  }
  const [first] = reads
  if (!first) throw new Error('a service without containers has no labels')
  for (const { container, read } of reads.slice(1)) {
    if (sameWords(read, first.read)) continue
    problems.push({
      where: `container ${container.name}`,
      what: `has other understudy labels than ${first.container.name} of the same service, whose count`,
      mend: 'give all of them the same labels',
    })
  }
  return { ...first.read, enable: reads.every(({ read }) => read.enable) }
}

function sameWords(a: ReadLabels, b: ReadLabels): boolean {
  const words = ({ enable, sandbox, fields, rules }: ReadLabels) => JSON.stringify([enable, sandbox, fields, rules])
  return words(a) === words(b)
}

type Speaker = { service: string; read: ReadLabels | undefined }
type SaidField = LabelField & { service: string }

/** The primary's word goes before a shadow's: it is its traffic. */
function mergedFields(speakers: readonly Speaker[], problems: DiscoveryProblem[]): SaidField[] {
  const said: SaidField[] = []
  for (const { service, read } of speakers) {
    for (const field of read?.fields ?? []) {
      const holder = said.find((each) => isSameField(each.path, field.path))
      if (!holder) said.push({ ...field, service })
      else if (JSON.stringify([holder.path, holder.value]) !== JSON.stringify([field.path, field.value])) {
        problems.push({
          where: `service ${service}, label ${field.label}`,
          what: `says ${String(field.value)}, and ${holder.service} says ${String(holder.value)}, which holds`,
          mend: 'leave one out',
        })
      }
    }
  }
  return said
}

function isSameField(a: readonly string[], b: readonly string[]): boolean {
  return a[0] === b[0] && (a[0] === 'store' || a[0] === 'stickyBy' || a[1] === b[1])
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

/** Fields that do not go together are left out and told, rather than the route. */
function routeOf(
  written: Record<string, unknown>,
  fields: readonly SaidField[],
  problems: DiscoveryProblem[],
): Route | undefined {
  let kept = fields.filter(({ path }) => path[0] !== 'name')
  for (;;) {
    const parsed = parseRoute(merged(written, kept), 'discovered')
    if (parsed.ok) return parsed.route
    const [problem] = parsed.problems
    const field = problem?.pointer.split('/')[1]
    const culprit = kept.find(({ path }) => path[0] === field) ?? kept.find(({ path }) => path[0] === 'control')
    if (!culprit) {
      problems.push({
        where: `route ${String(written.name)}`,
        what: problem?.message ?? 'is no route',
        mend: 'write a route instead',
      })
      return undefined
    }
    kept = kept.filter((each) => each !== culprit)
    const where = `service ${culprit.service}, label ${culprit.label}`
    problems.push({ where, what: problem?.message ?? 'does not fit', mend: 'it is left out until it fits' })
  }
}

function merged(written: Record<string, unknown>, fields: readonly SaidField[]): Record<string, unknown> {
  const route: Record<string, unknown> = { ...written }
  for (const { path, value } of fields) {
    const [field = ''] = path
    const inner = nested(path, value)[field]
    const there = route[field]
    const isMap = typeof there === 'object' && there !== null && typeof inner === 'object' && inner !== null
    route[field] = isMap ? { ...there, ...inner } : inner
  }
  return route
}

function proposedControl(route: Route, primary: string): Proposal | undefined {
  if (route.control !== 0 || mirrorsWrites(route)) return undefined
  const reason = `without control traffic a difference that ${primary} has with itself (a time, an id) looks like the shadow's. ${PROPOSED_CONTROL} % of the sampled requests would reach ${primary} a second time: GET, HEAD and OPTIONS only, but a second one may cost money or quota. Accept with the label understudy.control=${PROPOSED_CONTROL}`
  return { route: route.name, field: 'control', value: PROPOSED_CONTROL, reason }
}

function unique(problems: readonly DiscoveryProblem[]): DiscoveryProblem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()]
}
