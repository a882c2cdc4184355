// Whether two of Traefik's rules may match one and the same request. Errs towards yes: a no is certain.
import { parseRule, type RuleExpression } from './rule.ts'

export type RuleInSyntax = { rule: string; ruleSyntax?: string | undefined }

/** One way of matching a rule: a value of each list must hold; whatever has no list may be anything. */
export type Clause = { hosts: string[][]; methods: string[][]; paths: PathPattern[][] }
type PathPattern = { kind: 'exact' | 'prefix'; path: string }

const MAX_CLAUSES = 256
const ANYTHING: Clause = { hosts: [], methods: [], paths: [] }

/** True unless hosts, methods or paths show that no request can match both rules. */
export function mayBothMatch(left: RuleInSyntax, right: RuleInSyntax): boolean {
  return mayMeet(clausesOf(left), clausesOf(right))
}

/** `mayBothMatch` for rules that are compared with many others. */
export function mayMeet(left: readonly Clause[], right: readonly Clause[]): boolean {
  return left.some((a) => right.some((b) => mayHoldTogether(a, b)))
}

/** The ways of matching a rule; a rule that cannot be read may match anything. */
export function clausesOf({ rule, ruleSyntax }: RuleInSyntax): Clause[] {
  const parsed = parseRule(rule)
  if (!parsed.ok) return [ANYTHING]
  return expand(parsed.expression, ruleSyntax === 'v2')
}

/** Disjunctive normal form; past the bound a rule counts as one that matches anything. */
function expand(expression: RuleExpression, isV2: boolean): Clause[] {
  if (expression.kind === 'not') return [ANYTHING]
  if (expression.kind === 'match') return [clauseOf(expression.matcher.toLowerCase(), expression.args, isV2)]
  const parts = expression.of.map((part) => expand(part, isV2))
  if (expression.kind === 'or') return bounded(parts.flat())
  return parts.reduce((all, next) => bounded(all.flatMap((a) => next.map((b) => joined(a, b)))), [ANYTHING])
}

function bounded(clauses: Clause[]): Clause[] {
  return clauses.length > MAX_CLAUSES ? [ANYTHING] : clauses
}

function clauseOf(matcher: string, args: string[], isV2: boolean): Clause {
  // In syntax v2 a value may hold {name:regexp}, which stands for more than itself.
  if (isV2 && args.some((value) => value.includes('{'))) return ANYTHING
  if (matcher === 'host') return { ...ANYTHING, hosts: [args.map((host) => host.toLowerCase().replace(/\.$/, ''))] }
  if (matcher === 'method') return { ...ANYTHING, methods: [args.map((method) => method.toUpperCase())] }
  if (matcher === 'path') return { ...ANYTHING, paths: [args.map((path) => ({ kind: 'exact', path }))] }
  if (matcher === 'pathprefix') return { ...ANYTHING, paths: [args.map((path) => ({ kind: 'prefix', path }))] }
  return ANYTHING
}

function joined(a: Clause, b: Clause): Clause {
  return { hosts: [...a.hosts, ...b.hosts], methods: [...a.methods, ...b.methods], paths: [...a.paths, ...b.paths] }
}

function mayHoldTogether(a: Clause, b: Clause): boolean {
  return (
    listsMeet(a.hosts, b.hosts, isSame) &&
    listsMeet(a.paths, b.paths, pathsMeet) &&
    listsMeet(a.methods, b.methods, isSame)
  )
}

/** True when each list of the one shares a value with each list of the other. */
function listsMeet<T>(ours: T[][], theirs: T[][], meet: (a: T, b: T) => boolean): boolean {
  return ours.every((list) => theirs.every((other) => list.some((a) => other.some((b) => meet(a, b)))))
}

function isSame(a: string, b: string): boolean {
  return a === b
}

function pathsMeet(a: PathPattern, b: PathPattern): boolean {
  if (a.kind === 'exact' && b.kind === 'exact') return a.path === b.path
  if (a.kind === 'exact') return a.path.startsWith(b.path)
  if (b.kind === 'exact') return b.path.startsWith(a.path)
  return a.path.startsWith(b.path) || b.path.startsWith(a.path)
}
