// Whether a request matches one of Traefik's rules, and if not, which part of it is why. For explaining, not for routing.
import { parseRule, type RuleExpression } from './rule.ts'

export type ProbedRequest = {
  method: string
  /** Without port, in lower case. */
  host: string
  path: string
  query: [string, string][]
  /** Names in lower case. */
  headers: Record<string, string>
}

/**
 * `failed`: the parts that this request does not meet, as the rule has them; `unknown`: those that cannot be told from
 * here (`ClientIP`, a matcher or a regular expression that is not known).
 */
export type Match = { verdict: 'yes' | 'no' | 'unknown'; failed: string[]; unknown: string[] }

export function matchRule(rule: string, request: ProbedRequest, ruleSyntax?: string): Match {
  const parsed = parseRule(rule)
  if (!parsed.ok) return { verdict: 'unknown', failed: [], unknown: [rule.slice(0, 100)] }
  return matchExpression(parsed.expression, request, ruleSyntax === 'v2')
}

const YES: Match = { verdict: 'yes', failed: [], unknown: [] }

function matchExpression(expression: RuleExpression, request: ProbedRequest, isV2: boolean): Match {
  if (expression.kind === 'match') return matchOne(expression, request, isV2)
  if (expression.kind === 'not') {
    const inner = matchExpression(expression.of, request, isV2)
    if (inner.verdict === 'unknown') return inner
    return inner.verdict === 'no' ? YES : { verdict: 'no', failed: [textOf(expression)], unknown: [] }
  }
  const parts = expression.of.map((part) => matchExpression(part, request, isV2))
  const all = { failed: parts.flatMap(({ failed }) => failed), unknown: parts.flatMap(({ unknown }) => unknown) }
  const has = (verdict: Match['verdict']) => parts.some((part) => part.verdict === verdict)
  if (expression.kind === 'and') {
    if (has('no')) return { ...all, verdict: 'no' }
    return has('unknown') ? { verdict: 'unknown', failed: [], unknown: all.unknown } : YES
  }
  if (has('yes')) return YES
  return has('unknown') ? { verdict: 'unknown', failed: [], unknown: all.unknown } : { ...all, verdict: 'no' }
}

type Matcher = Extract<RuleExpression, { kind: 'match' }>

function matchOne(matcher: Matcher, request: ProbedRequest, isV2: boolean): Match {
  const isMet = test(matcher, request, isV2)
  if (isMet === undefined) return { verdict: 'unknown', failed: [], unknown: [textOf(matcher)] }
  return isMet ? YES : { verdict: 'no', failed: [textOf(matcher)], unknown: [] }
}

function test({ matcher, args }: Matcher, request: ProbedRequest, isV2: boolean): boolean | undefined {
  // In syntax v2 a value may hold {name:regexp}.
  if (isV2 && args.some((each) => each.includes('{'))) return undefined
  const [first = '', second] = args
  const header = request.headers[first.toLowerCase()]
  const values = request.query.filter(([name]) => name === first).map(([, value]) => value)
  switch (matcher.toLowerCase()) {
    case 'host':
      return args.some((each) => each.toLowerCase().replace(/\.$/, '') === request.host)
    case 'hostregexp':
      return matches(first, request.host)
    case 'method':
      return args.some((each) => each.toUpperCase() === request.method)
    case 'path':
      return args.some((each) => each === request.path)
    case 'pathprefix':
      return args.some((each) => request.path.startsWith(each))
    case 'pathregexp':
      return matches(first, request.path)
    case 'header':
    case 'headers':
      return header === second
    case 'headerregexp':
    case 'headersregexp':
      return header === undefined ? false : matches(second ?? '', header)
    case 'query':
      return second === undefined ? values.length > 0 : values.includes(second)
    case 'queryregexp':
      return values.length === 0 ? false : matches(second ?? '', values[0] ?? '')
    default:
      return undefined
  }
}

const MAX_PATTERN = 300

/** Go's expressions are tried as JavaScript's: what either does not know, or might take long here, is unknown. */
function matches(pattern: string, text: string): boolean | undefined {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? []
  if (rest.length > MAX_PATTERN || text.length > 2_000 || /\(\?[^:]|[+*}]\)?[+*{]|\([^)]*[+*][^)]*\)[+*{]/.test(rest)) {
    return undefined
  }
  try {
    return new RegExp(rest, flags).test(text)
  } catch {
    return undefined
  }
}

function textOf(expression: RuleExpression): string {
  if (expression.kind === 'match') {
    return `${expression.matcher}(${expression.args.map((each) => `\`${each}\``).join(', ')})`
  }
  if (expression.kind === 'not') return `!${textOf(expression.of)}`
  return `(${expression.of.map(textOf).join(expression.kind === 'and' ? ' && ' : ' || ')})`
}
