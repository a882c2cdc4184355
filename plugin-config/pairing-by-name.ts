// Which of the discovered services are shadows of which others, by their names alone. Ambiguity is told, never guessed.

export type NamedService = {
  /** `name@provider`, as Traefik tells it. */
  name: string
  /** Where its container is known: the name without the Compose project, as Traefik spells it. */
  plain?: string
  /** The Compose project, where it is known. */
  project?: string
}

export type NamePair = {
  shadow: string
  /** Null unless `paired`. */
  primary: string | null
  /** `shadow`, or `shadow-<variant>`. */
  variant: string
  state: 'paired' | 'ambiguous' | 'unpaired'
  /** Why it is not paired; null for a pair. */
  reason: string | null
  /** The services that might be its primary, where there is more than one. */
  candidates: string[]
}

/**
 * `<name>-shadow[-<variant>]` belongs to `<name>`, else to `<name>-prod`. Traefik calls a container without a service
 * label `<compose service>-<project>`: names are compared after taking the project off. Where no container is known,
 * both readings of such a name are tried, and two that fit are ambiguous.
 */
export function pairByName(services: readonly NamedService[]): NamePair[] {
  const known = services.filter(({ name }) => !name.endsWith('@internal') && !name.startsWith('understudy-'))
  const index = indexOf(known)
  const found = new Map<Known, NamePair | undefined>()
  const pairOf = (service: Known): NamePair | undefined => {
    if (!found.has(service)) found.set(service, findPair(service, index, pairOf))
    return found.get(service)
  }
  const pairs = index.all.flatMap((service) => {
    const pair = pairOf(service)
    return pair ? [{ pair, service }] : []
  })
  return withoutTwins(pairs, index)
}

/** A name as Traefik makes it from a container's: letters and digits, joined by `-`. */
export function traefikName(text: string): string {
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join('-')
}

type Known = NamedService & { bare: string; provider: string; plain: string; isPlainKnown: boolean }
type Index = { all: Known[]; byPlain: Map<string, Known[]>; byName: Map<string, Known> }
type Reading = { primary: string; project: string | undefined; variant: string }

const MAX_SHADOW_WORDS = 4

function indexOf(services: readonly NamedService[]): Index {
  const all = services.map((service): Known => {
    const at = service.name.lastIndexOf('@')
    const bare = at < 0 ? service.name : service.name.slice(0, at)
    const provider = at < 0 ? '' : service.name.slice(at + 1)
    return { ...service, bare, provider, plain: service.plain ?? bare, isPlainKnown: service.plain !== undefined }
  })
  const inOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  all.sort((a, b) => inOrder(a.plain, b.plain) || inOrder(a.name, b.name))
  return { all, byPlain: Map.groupBy(all, ({ plain }) => plain), byName: new Map(all.map((each) => [each.name, each])) }
}

/** Undefined for a service that is no shadow by its name. The first `-shadow` that leads to a primary is the one. */
function findPair(service: Known, index: Index, pairOf: (of: Known) => NamePair | undefined): NamePair | undefined {
  const splits = [...service.plain.matchAll(/-shadow(?=-|$)/g)].filter((split) => split.index > 0)
  let missing: NamePair | undefined
  for (const split of splits.slice(0, MAX_SHADOW_WORDS)) {
    const base = service.plain.slice(0, split.index)
    const rest = service.plain.slice(split.index + '-shadow'.length)
    const isPrimary = (each: Known) => each !== service && pairOf(each)?.state !== 'paired'
    const pair = pairFor(service, readingsOf(service, base, rest), index, isPrimary)
    if (pair.state !== 'unpaired') return pair
    missing ??= pair
  }
  return missing
}

function readingsOf(service: Known, base: string, rest: string): Reading[] {
  const whole = { primary: base, project: service.project, variant: variantOf(rest) }
  if (service.isPlainKnown || service.provider !== 'docker') return [whole]
  const words = rest.split('-').slice(1)
  const cut = words.map((_, count) => ({
    primary: base,
    project: words.slice(count).join('-'),
    variant: variantOf(['', ...words.slice(0, count)].join('-')),
  }))
  return [whole, ...cut]
}

function pairFor(
  service: Known,
  readings: readonly Reading[],
  index: Index,
  isPrimary: (each: Known) => boolean,
): NamePair {
  const [whole] = readings
  const pair = { shadow: service.name, variant: whole?.variant ?? 'shadow', primary: null, candidates: [] }
  for (const suffix of ['', '-prod']) {
    const hits = readings.flatMap((reading) =>
      primariesFor(reading, suffix, service, index)
        .filter(isPrimary)
        .map((primary) => ({ primary, variant: reading.variant })),
    )
    const best = nearest(service, hits)
    const [first] = best
    if (first && best.length === 1) {
      return { ...pair, variant: first.variant, primary: first.primary.name, state: 'paired', reason: null }
    }
    if (best.length > 1) {
      const candidates = best.map(({ primary }) => primary.name)
      const reason = `may be a shadow of ${candidates.join(' or of ')}: rename one, or write a route`
      return { ...pair, state: 'ambiguous', reason, candidates }
    }
  }
  const base = whole?.primary ?? service.plain
  const reason = `Traefik has no service ${base} or ${base}-prod`
  return { ...pair, state: 'unpaired', reason }
}

function primariesFor({ primary, project }: Reading, suffix: string, service: Known, index: Index): Known[] {
  if (service.isPlainKnown || project === undefined) return index.byPlain.get(`${primary}${suffix}`) ?? []
  const same = index.byPlain.get(`${primary}${suffix}-${project}`) ?? []
  return same.filter((each) => each.provider === 'docker' && !each.isPlainKnown)
}

type Hit = { primary: Known; variant: string }

/** A primary of the same project goes before others, then one of the same provider. */
function nearest(service: Known, hits: readonly Hit[]): Hit[] {
  const rank = ({ primary }: Hit) => distance(service, primary)
  const least = Math.min(...hits.map(rank))
  return hits.filter((hit) => rank(hit) === least)
}

function distance(a: Known, b: Known): number {
  if (a.provider !== b.provider) return 2
  return a.project === b.project ? 0 : 1
}

/** Two services that would be the same variant of one primary: the nearer one is it, else neither. */
function withoutTwins(found: readonly { pair: NamePair; service: Known }[], index: Index): NamePair[] {
  const paired = found.filter(({ pair }) => pair.state === 'paired')
  const groups = Map.groupBy(paired, ({ pair }) => `${pair.primary} ${pair.variant}`)
  return found.map(({ pair, service }) => {
    const twins = groups.get(`${pair.primary} ${pair.variant}`) ?? []
    const primary = index.byName.get(pair.primary ?? '')
    if (pair.state !== 'paired' || twins.length < 2 || !primary) return pair
    const others = twins.filter((twin) => twin.service !== service)
    const away = distance(service, primary)
    if (others.every((twin) => distance(twin.service, primary) > away)) return pair
    const names = others.map((twin) => twin.pair.shadow)
    const reason = `is ${pair.variant} of ${primary.name}, and so is ${names.join(', ')}: rename one to ${primary.plain}-shadow-<variant>`
    return { ...pair, primary: null, state: 'ambiguous', reason, candidates: [primary.name] }
  })
}

/** As a route may name a shadow: 63 of a-z, 0-9 and -. */
function variantOf(rest: string): string {
  return `shadow${rest}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
}
