// A rule says which differences are noise, or expected for a while. Whatever a user wrote becomes whole Rules here, or a
// list of problems. The same language for one route and for all of them.
import { type Problem, problemsOf } from './problem.ts'
import {
  knownRuleKeysAt,
  nearestTreatment,
  type ruleKinds,
  ruleLimits,
  ruleSchema,
  type WrittenRule,
} from './rules-schema.ts'

export type RuleKind = (typeof ruleKinds)[number]

/** What a difference has to be for the rule to cover it. */
export type Treatment =
  /** Any difference at the path or below it. `expected` is the same in effect, but ends and has an owner. */
  | { as: 'ignore' | 'expected' }
  /** Both sides are one. A counter is a whole number of 0 or more; of a URL only the host and port may differ. */
  | { as: 'uuid' | 'ulid' | 'token' | 'counter' | 'url-host' }
  | { as: 'timestamp'; skewMs: number }
  | { as: 'number'; within: number }
  | { as: 'number'; percent: number }
  /** The array's order says nothing; elements are told apart by the key `by`, or by being equal. */
  | { as: 'unordered'; by?: string }

/** Through the end of a day (UTC), or until the shadow reports this version or a later one. */
export type Until = { date: string } | { version: string }

export type Rule = {
  /** Unique in its list; every difference that the rule covers carries it. */
  name: string
  at: string[]
  treat: Treatment
  /** Globs; empty: every endpoint. */
  endpoints: string[]
  /** Empty: the kinds that the treatment is about. */
  kinds: RuleKind[]
  until?: Until
  owner?: string
  comment?: string
}

export type ParsedRules = { ok: true; rules: Rule[] } | { ok: false; problems: Problem[] }

/** Where a skew is not given: a mirrored request reaches the shadow within a pair window, 45 s. */
export const DEFAULT_SKEW_MS = 60_000

/** Reads a list of rules as written in a file or a REST body. Pointers of the problems go into the list. */
export function parseRules(written: unknown): ParsedRules {
  const refuse = (message: string) => ({ ok: false as const, problems: [{ pointer: '', message }] })
  if (!Array.isArray(written)) return refuse('expected a list of rules')
  if (written.length > ruleLimits.rules) {
    return refuse(`holds ${written.length} rules: expected at most ${ruleLimits.rules}`)
  }
  const rules: Rule[] = []
  const problems: Problem[] = []
  const names = new Set<string>()
  for (const [index, each] of written.entries()) {
    const parsed = parseRule(each)
    if (!parsed.ok) {
      problems.push(...parsed.problems.map((one) => ({ ...one, pointer: `/${index}${one.pointer}` })))
      continue
    }
    const { name } = parsed.rule
    if (names.has(name)) problems.push({ pointer: `/${index}/name`, message: `the name ${name} is there twice` })
    names.add(name)
    rules.push(parsed.rule)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rules }
}

export type ParsedRule = { ok: true; rule: Rule } | { ok: false; problems: Problem[] }

/** Reads one rule. */
export function parseRule(written: unknown): ParsedRule {
  const parsed = ruleSchema.safeParse(written, { reportInput: true })
  if (!parsed.success) {
    return { ok: false, problems: problemsOf(parsed.error, knownRuleKeysAt).map((one) => withNearest(one, written)) }
  }
  const problems = problemsBetweenFields(parsed.data)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rule: ruleOf(parsed.data) }
}

/** A rule as a user would write it; `parseRule` reads it back to the same. */
export function writtenRule(rule: Rule): Record<string, unknown> {
  const { treat, endpoints, kinds, until, ...rest } = rule
  const only = <T>(list: T[]) => (list.length === 1 ? list[0] : list)
  return {
    ...rest,
    at: only(rule.at),
    treat: writtenTreatment(treat),
    ...(endpoints.length === 0 ? {} : { endpoint: only(endpoints) }),
    ...(kinds.length === 0 ? {} : { kinds }),
    ...(until === undefined ? {} : { until: 'date' in until ? until.date : until }),
  }
}

function writtenTreatment(treat: Treatment): unknown {
  if (treat.as === 'timestamp') return { timestamp: { skewMs: treat.skewMs } }
  if (treat.as === 'number') {
    return { number: 'within' in treat ? { within: treat.within } : { percent: treat.percent } }
  }
  return treat.as === 'unordered' && treat.by !== undefined ? { unordered: { by: treat.by } } : treat.as
}

function ruleOf(written: WrittenRule): Rule {
  const treat = treatmentOf(written.treat)
  return {
    name: written.name ?? givenName(treat, written),
    at: written.at,
    treat,
    endpoints: written.endpoint ?? [],
    kinds: written.kinds ?? [],
    ...(written.until === undefined
      ? {}
      : { until: typeof written.until === 'string' ? { date: written.until } : written.until }),
    ...(written.owner === undefined ? {} : { owner: written.owner }),
    ...(written.comment === undefined ? {} : { comment: written.comment }),
  }
}

function givenName(treat: Treatment, { at, endpoint }: WrittenRule): string {
  const scope = endpoint === undefined ? '' : ` in ${endpoint[0]}`
  return `${treat.as} ${at[0] || 'body'}${scope}`.slice(0, 80)
}

function treatmentOf(written: WrittenRule['treat']): Treatment {
  if (written === 'timestamp') return { as: 'timestamp', skewMs: DEFAULT_SKEW_MS }
  if (typeof written === 'string') return { as: written }
  if ('timestamp' in written) return { as: 'timestamp', ...written.timestamp }
  if ('number' in written) return { as: 'number', ...written.number }
  return { as: 'unordered', ...written.unordered }
}

function problemsBetweenFields(written: WrittenRule): Problem[] {
  const problems: Problem[] = []
  if (written.treat === 'expected') {
    for (const field of ['until', 'owner', 'comment'] as const) {
      if (written[field] !== undefined) continue
      problems.push({
        pointer: `/${field}`,
        message: `expected ${field}: what is expected has an end, an owner and a comment`,
      })
    }
  }
  const isUnordered =
    written.treat === 'unordered' || (typeof written.treat === 'object' && 'unordered' in written.treat)
  if (isUnordered && written.at.some((path) => path !== '' && !path.startsWith('/'))) {
    problems.push({ pointer: '/at', message: 'unordered is about arrays in bodies: expected pointers' })
  }
  return problems
}

/** A mistyped treatment gets its nearest name, as an unknown key does. */
function withNearest(problem: Problem, written: unknown): Problem {
  if (problem.pointer !== '/treat' || typeof written !== 'object' || written === null || !('treat' in written)) {
    return problem
  }
  const near = typeof written.treat === 'string' ? nearestTreatment(written.treat) : undefined
  return near === undefined || near === written.treat ? problem : { ...problem, didYouMean: near }
}
