// A route joins a primary to its shadows. Whatever a user wrote becomes a whole Route here, or a list of problems.
import { z } from 'zod'
import { type Problem, problemsOf } from './problem.ts'
import type { ProtobufTypes } from './protobuf-types.ts'
import { knownKeysAt, limits, routeSchema, type WrittenRoute } from './route-schema.ts'
import { parseRules, writtenRule } from './rules.ts'
import type { ShadowHeaders } from './shadow-headers.ts'
import type { Target } from './target.ts'
import { controlKindOf, parsePolicy, type WrittenPolicy } from './verdict-policy.ts'

/** Where a route was written; the defaults differ, so that a try-out shows everything and a real service is spared. */
export type RouteOrigin = 'discovered' | 'file' | 'rest' | 'flags'

/** `sandbox`: the shadow cannot touch anything real, so mutating requests may reach it. */
export type Shadow = Versioned & { name: string; sandbox: boolean } & ShadowHeaders

/** `version`: what runs there, in the author's words; when it changes, the evidence of a verdict starts anew. */
export type Versioned = Target & { version?: string }

/**
 * Percent of the sampled GET, HEAD and OPTIONS requests that go to the primary again, or to a control instance of the
 * same version. The first `learn` requests of a generation go there whatever the percentage; `rate` a second at most in
 * either case (0: no limit).
 */
export type Control = number | (Partial<Record<'url' | 'service', string>> & ControlPart & Partial<ControlBounds>)
type ControlPart = { percent: number }
export type ControlBounds = { rate: number; learn: number }

/** What is kept: everything, what differs, or what differs and `sample` percent of the rest. */
export type StorePolicy = 'all' | 'differing' | { sample: number }

/**
 * The shadows' guard in the tap. `rate` a second (0: no limit) with `burst`; requests at once; time-out. A shadow of
 * which more than `breakAtPercent` of the requests fail (0: no limit) gets none for `pauseMs`.
 */
export type Protection = {
  rate: number
  burst: number
  inFlight: number
  timeoutMs: number
  breakAtPercent: number
  pauseMs: number
}

export type StickyBy = { header: string } | { cookie: string }

export type Route = {
  name: string
  /** Traefik's rule. Needed with `primary.url`; with `primary.service` it narrows the discovered router's rule. */
  rule?: string
  /** With `primary.url`: the entry points, all default ones when empty. */
  entryPoints: string[]
  /** With `primary.url`: of the plain router; Traefik's own default (the rule's length) when left out. */
  priority?: number
  primary: Versioned
  shadows: Shadow[]
  control: Control
  /** Percent of the requests that are mirrored, 0.01 to 100. */
  share: number
  stickyBy?: StickyBy
  methods: string[]
  /** Further requests that may be mirrored: `POST /path/{id}`. */
  operations: string[]
  /** Templates of paths that are known beforehand: `GET /users/{name}`. The others are learned from the traffic. */
  endpoints: string[]
  /** Paths where a POST is mirrored that holds GraphQL queries and nothing else. */
  graphql: string[]
  /** What gRPC and protobuf answers are made of; without it they are compared by their bytes. */
  protobuf?: ProtobufTypes
  store: StorePolicy
  exposeId: boolean
  enabled: boolean
  protect: Protection
  /** Bytes of each body that the tap captures at most. */
  captureBytes: number
  /** Bytes of a request's body above which Traefik does not mirror it; allocated for each mirrored request. */
  maxBodySize: number
  /** Names whose values become keyed hashes, besides the tap's own list. */
  redact: { headers: string[]; query: string[] }
  /** This route's own rules as `writtenRule` writes them, so that a route that is shown can be given again. */
  rules?: Record<string, unknown>[]
  /** What the verdict asks for, as written; `parsePolicy` fills in the defaults. */
  policy?: WrittenPolicy
}

export type ParsedRoute = { ok: true; route: Route } | { ok: false; problems: Problem[] }

const readMethods = ['GET', 'HEAD', 'OPTIONS']

/** What a route has where its author said nothing. */
export function routeDefaults(origin: RouteOrigin): Omit<Route, 'name' | 'primary' | 'shadows'> {
  const tryOut = origin === 'flags'
  return {
    entryPoints: [],
    // A second GET may cost money or quota, so nobody's service gets one unasked.
    control: tryOut ? 5 : 0,
    share: tryOut ? 100 : 10,
    methods: readMethods,
    operations: [],
    endpoints: [],
    graphql: [],
    store: tryOut ? 'all' : { sample: 1 },
    exposeId: tryOut,
    enabled: true,
    protect: tryOut
      ? { rate: 0, burst: 200, inFlight: 200, timeoutMs: 5000, breakAtPercent: 0, pauseMs: 60_000 }
      : { rate: 100, burst: 200, inFlight: 50, timeoutMs: 5000, breakAtPercent: 50, pauseMs: 60_000 },
    captureBytes: 262_144,
    maxBodySize: 65_536,
    redact: { headers: [], query: [] },
  }
}

/** Reads one route as written in a file, a REST body or made from flags, and fills in the origin's defaults. */
export function parseRoute(given: unknown, origin: RouteOrigin): ParsedRoute {
  const parsed = routeSchema.safeParse(given, { reportInput: true })
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, knownKeysAt) }
  const { rules: writtenRules, ...written } = parsed.data
  const route = withDefaults(written, origin)
  const problems = problemsBetweenFields(route)
  if (writtenRules !== undefined && writtenRules !== null) {
    const rules = parseRules(writtenRules)
    if (rules.ok) route.rules = rules.rules.map(writtenRule)
    else problems.push(...rules.problems.map((problem) => ({ ...problem, pointer: `/rules${problem.pointer}` })))
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, route }
}

const controlBounds: ControlBounds = { rate: 5, learn: 250 }

/** What control traffic a route has, whole; `target` undefined: the primary itself. */
export function controlOf(route: Pick<Route, 'control'>): ControlPart & ControlBounds & { target: Target | undefined } {
  const { url, service, ...written } = typeof route.control === 'number' ? { percent: route.control } : route.control
  const target = url !== undefined ? { url } : service !== undefined ? { service } : undefined
  return { ...controlBounds, ...written, target }
}

/** Percent of the sampled requests that go to the primary again. */
export function controlPercent(route: Pick<Route, 'control'>): number {
  return typeof route.control === 'number' ? route.control : route.control.percent
}

/** True when requests may be mirrored that change something, or carry a body at least. */
export function mirrorsWrites(route: Pick<Route, 'methods' | 'operations' | 'graphql'>): boolean {
  return (
    route.operations.length + route.graphql.length > 0 || route.methods.some((method) => !readMethods.includes(method))
  )
}

function withDefaults(written: WrittenRoute, origin: RouteOrigin): Route {
  const defaults = routeDefaults(origin)
  const given = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined && value !== null))
  return {
    ...defaults,
    ...(given as WrittenRoute),
    shadows: written.shadows.map((shadow) => ({ ...shadow, sandbox: shadow.sandbox ?? false })),
    protect: {
      ...defaults.protect,
      ...z
        .object({})
        .loose()
        .parse(written.protect ?? {}),
    },
    redact: {
      ...defaults.redact,
      ...z
        .object({})
        .loose()
        .parse(written.redact ?? {}),
    },
  } as Route
}

function problemsBetweenFields(route: Route): Problem[] {
  const problems: Problem[] = []
  if ('url' in route.primary && route.rule === undefined) {
    problems.push({ pointer: '', message: 'a primary with a url needs a rule, such as PathPrefix(`/`)' })
  }
  if ('service' in route.primary && route.priority !== undefined) {
    problems.push({ pointer: '/priority', message: "a discovered primary keeps its router's priority: leave it out" })
  }
  if ('service' in route.primary && route.entryPoints.length > 0) {
    problems.push({ pointer: '/entryPoints', message: "a discovered primary keeps its router's: leave them out" })
  }
  const policy = parsePolicy(route.policy ?? {}, controlKindOf(route))
  if (!policy.ok) {
    for (const problem of policy.problems) problems.push({ ...problem, pointer: `/policy${problem.pointer}` })
  }
  const names = route.shadows.map((shadow) => shadow.name)
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index)
      problems.push({ pointer: `/shadows/${index}/name`, message: `${name} is there twice` })
  }
  if (route.graphql.length > 0 && [...route.methods, ...route.operations].some((each) => /^POST\b/.test(each))) {
    const message = 'a route that mirrors other POSTs cannot tell queries among them: give GraphQL a route of its own'
    problems.push({ pointer: '/graphql', message })
  }
  for (const [index, shadow] of route.shadows.entries()) {
    if (shadow.host === 'target' && 'service' in shadow) {
      const message = 'target is for a shadow with a url: a service decides itself'
      problems.push({ pointer: `/shadows/${index}/host`, message })
    }
  }
  const legs = route.shadows.length + (controlPercent(route) > 0 ? 1 : 0)
  if (legs * route.protect.timeoutMs > limits.legsTimeoutMs) {
    problems.push({
      pointer: '/protect/timeoutMs',
      message: `${legs} shadows and controls one after the other take up to ${legs * route.protect.timeoutMs} ms: expected at most ${limits.legsTimeoutMs} together`,
    })
  }
  return problems
}
