// Turns what is found in Traefik and Docker into the routes that come up by themselves, again and again, and keeps what
// there is to tell about it. A shadow that went leaves its route a little later: a restart is no end.
import { type Container, type DiscoveryProblem, joinContainers } from '../../plugin-config/container-services.ts'
import type { Discovered } from '../../plugin-config/discovered.ts'
import { isRecord } from '../../plugin-config/is-record.ts'
import {
  type AcceptedControl,
  type LabelInput,
  type LabelOutcome,
  routesFromLabels,
} from '../../plugin-config/label-routes.ts'
import type { Route } from '../../plugin-config/route.ts'
import type { DockerState } from '../discovery/docker-watch.ts'
import { messageOf } from '../errors.ts'
import { createRateLimit, type Log } from '../log.ts'

/** What holds the routes: only those managed by labels are touched here. */
export type LabelRouteKeeper = {
  /** Undefined until they were read for the first time. */
  entries(): readonly { route: Route; managedBy: string }[] | undefined
  /** Control traffic that a person accepted, by the primary's service. May throw: the last ones hold. */
  acceptedControls(): Promise<Readonly<Record<string, AcceptedControl>>>
  /** Makes the routes managed by labels exactly these. May throw; it is tried again at the next look. */
  keepLabelRoutes(routes: readonly Route[]): Promise<void>
}

/** The image that runs behind a service: what a version of a side is told apart by. */
export type ServiceImage = {
  service: string
  container: string
  image: string
  imageId: string
  version: string | null
}

export type LabelDiscovery = {
  /** Looks at what was found; returns when the routes are as they should be, or have been told why not. */
  look(found: Discovered): Promise<void>
  outcome(): Omit<LabelOutcome, 'containers'>
  images(): ServiceImage[]
  docker(): DockerState | null
}

type Options = {
  keeper: LabelRouteKeeper
  /** Left out without a connection to Docker. */
  docker?: { containers(): readonly Container[] | undefined; state(): DockerState }
  log: Pick<Log, 'info' | 'warn'>
  now: () => number
}

/** A shadow's container that is replaced or restarts is back well before. */
const GONE_AFTER_MS = 30_000
/** Traefik and Docker tell of a new container within moments of each other. */
const LABELS_WITHIN_MS = 5_000
const MAX_REMEMBERED = 10_000

const NOTHING: LabelOutcome = {
  ...{ routes: [], pairs: [], proposals: [], problems: [], containers: new Map() },
}

export function createLabelDiscovery({ keeper, docker, log, now }: Options): LabelDiscovery {
  const firstSeen = new Map<string, number>()
  const lastSeen = new Map<string, number>()
  const told = new Set<string>()
  const mayWarn = createRateLimit(30_000, now)
  let outcome = NOTHING
  let lastKey = ''
  let accepted: Readonly<Record<string, AcceptedControl>> | undefined
  const isRecent = (name: string) => now() - (lastSeen.get(name) ?? 0) < GONE_AFTER_MS

  const unknownServices = (names: readonly string[], joined: ReadonlyMap<string, unknown>): Set<string> => {
    const isRead = docker?.containers() !== undefined && docker.state().reachable
    const isUnknown = (name: string) =>
      docker !== undefined &&
      name.endsWith('@docker') &&
      !joined.has(name) &&
      (!isRead || now() - (firstSeen.get(name) ?? 0) < LABELS_WITHIN_MS)
    return new Set(names.filter(isUnknown))
  }

  /** Each once, until it is gone and comes back. */
  const tell = (before: LabelOutcome, after: LabelOutcome) => {
    const keyOf = ({ where, what }: DiscoveryProblem) => `${where} ${what}`
    const current = new Set(after.problems.map(keyOf))
    for (const key of told) if (!current.has(key)) told.delete(key)
    for (const problem of after.problems) {
      if (told.has(keyOf(problem)) || told.size >= MAX_REMEMBERED) continue
      told.add(keyOf(problem))
      log.warn(problem, 'a label is left out, or a container')
    }
    const known = new Set(before.pairs.map((pair) => JSON.stringify(pair)))
    for (const pair of after.pairs) {
      if (known.has(JSON.stringify(pair))) continue
      const { primary, shadow, variant, state, reason, route } = pair
      log.info({ primary, shadow, variant, state, reason, route }, 'discovered shadow')
    }
  }

  return {
    outcome: () => outcome,
    docker: () => docker?.state() ?? null,
    images: () => imagesOf(outcome),
    async look(found) {
      const names = found.services.map(({ name }) => name)
      remember(firstSeen, lastSeen, names, now())
      const containers = docker?.containers()
      const entries = keeper.entries()
      if (entries === undefined) return
      accepted = await keeper.acceptedControls().catch(() => accepted)
      if (accepted === undefined) return
      const there = new Set(names)
      const ofLabels = entries.filter(({ managedBy }) => managedBy === 'label').map(({ route }) => route)
      const joined = docker && joinContainers(containers ?? [], found.services).containers
      const input: LabelInput = {
        services: found.services.map(({ name, servers }) => ({ name, servers })),
        ...(containers && { containers }),
        others: entries.filter(({ managedBy }) => managedBy !== 'label').map(({ route }) => route),
        routed: new Set(found.routers.filter(({ status }) => status !== 'disabled').map(({ service }) => service)),
        accepted,
        unknown: joined ? unknownServices(names, joined) : new Set(),
        before: ofLabels,
        recent: new Set([...lastSeen.keys()].filter((name) => !there.has(name) && isRecent(name))),
      }
      // Most looks see the same: a thousand routes take a while to make.
      const key = JSON.stringify(input, (_key, value: unknown) => (value instanceof Set ? [...value] : value))
      if (key === lastKey) return
      const next = routesFromLabels(input)
      tell(outcome, next)
      outcome = next
      lastKey = key
      if (sameRoutes(ofLabels, next.routes)) return
      try {
        await keeper.keepLabelRoutes(next.routes)
      } catch (error) {
        lastKey = ''
        const { pass, heldBack } = mayWarn(messageOf(error))
        if (pass) log.warn({ error: messageOf(error), heldBack }, 'routes from labels are kept at the next look')
      }
    },
  }
}

function remember(firstSeen: Map<string, number>, lastSeen: Map<string, number>, names: readonly string[], at: number) {
  for (const name of names) {
    if (!lastSeen.has(name)) firstSeen.set(name, at)
    lastSeen.set(name, at)
  }
  for (const [name, seen] of lastSeen) {
    if (at - seen < GONE_AFTER_MS * 2) continue
    lastSeen.delete(name)
    firstSeen.delete(name)
  }
}

function sameRoutes(a: readonly Route[], b: readonly Route[]): boolean {
  const text = (routes: readonly Route[]) => JSON.stringify(routes.map(sortedEntries).sort())
  return text(a) === text(b)
}

function sortedEntries(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isRecord(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  )
}

function imagesOf({ containers }: LabelOutcome): ServiceImage[] {
  return [...containers].flatMap(([service, of]) =>
    of.map(({ name, image, imageId, labels }) => ({
      service,
      container: name,
      image,
      imageId,
      version: labels['org.opencontainers.image.version'] ?? null,
    })),
  )
}
