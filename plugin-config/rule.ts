// Traefik's rule language (`Host(`a`) && !PathPrefix(`/b`)`), parsed so that a rule can be checked before Traefik sees it.
import { nearestName } from './nearest-name.ts'

export type RuleExpression =
  | { kind: 'and' | 'or'; of: RuleExpression[] }
  | { kind: 'not'; of: RuleExpression }
  | { kind: 'match'; matcher: string; args: string[] }

export type ParsedRule = { ok: true; expression: RuleExpression } | { ok: false; message: string; at: number }

const MAX_RULE_LENGTH = 4096
const MAX_DEPTH = 50

/** Matchers of rule syntax v3 with the number of their arguments. */
const MATCHERS: Record<string, { least: number; most: number }> = {
  ClientIP: { least: 1, most: 1 },
  Header: { least: 2, most: 2 },
  HeaderRegexp: { least: 2, most: 2 },
  Host: { least: 1, most: 1 },
  HostRegexp: { least: 1, most: 1 },
  Method: { least: 1, most: 1 },
  Path: { least: 1, most: 1 },
  PathPrefix: { least: 1, most: 1 },
  PathRegexp: { least: 1, most: 1 },
  Query: { least: 1, most: 2 },
  QueryRegexp: { least: 1, most: 2 },
}

/**
 * Checks a rule that a user wrote in syntax v3: bounded, balanced, known matchers with the right number of arguments,
 * no template. Returns what is wrong, or undefined.
 */
export function ruleProblem(rule: string): string | undefined {
  if (rule.trim() === '') return 'is empty'
  if (/\p{Cc}/u.test(rule)) return 'holds a control character or line break'
  if (rule.includes('{{')) return "holds {{, which Traefik's file provider would read as a template"
  const parsed = parseRule(rule)
  if (!parsed.ok) return `${parsed.message} (character ${parsed.at + 1})`
  return matcherProblem(parsed.expression)
}

/** Parses a rule's structure, whatever the matchers are called; `at` counts characters from 0. */
export function parseRule(rule: string): ParsedRule {
  if (rule.length > MAX_RULE_LENGTH)
    return { ok: false, message: `is longer than ${MAX_RULE_LENGTH} characters`, at: 0 }
  try {
    const tokens = tokensOf(rule)
    const reader = { tokens, position: 0, end: rule.length }
    const expression = readOr(reader, 0)
    const left = reader.tokens[reader.position]
    if (left) throw new RuleError(`expected && or || before ${left.text}`, left.at)
    return { ok: true, expression }
  } catch (error) {
    if (error instanceof RuleError) return { ok: false, message: error.message, at: error.at }
    throw error
  }
}

class RuleError extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

type Token = { kind: 'name' | 'text' | 'sign'; text: string; at: number }
type Reader = { tokens: Token[]; position: number; end: number }

function tokensOf(rule: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s+|([A-Za-z][A-Za-z0-9]*)|`([^`]*)`|("(?:[^"\\]|\\.)*")|(&&|\|\||[!(),])/gy
  while (pattern.lastIndex < rule.length) {
    const at = pattern.lastIndex
    const found = pattern.exec(rule)
    if (!found) {
      const opens = rule[at] === '`' || rule[at] === '"'
      throw new RuleError(opens ? `the ${rule[at]} is never closed` : `unexpected ${JSON.stringify(rule[at])}`, at)
    }
    const [, name, raw, quoted, sign] = found
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at })
    else if (raw !== undefined) tokens.push({ kind: 'text', text: raw, at })
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: unquoted(quoted, at), at })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, at })
  }
  return tokens
}

function unquoted(quoted: string, at: number): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw new RuleError('cannot read this quoted text: write it between backticks', at)
  }
}

function readOr(reader: Reader, depth: number): RuleExpression {
  return readChain(reader, '||', 'or', () => readChain(reader, '&&', 'and', () => readUnary(reader, depth)))
}

function readChain(reader: Reader, sign: string, kind: 'and' | 'or', next: () => RuleExpression): RuleExpression {
  const first = next()
  const of = [first]
  while (takes(reader, sign)) of.push(next())
  return of.length === 1 ? first : { kind, of }
}

function readUnary(reader: Reader, depth: number): RuleExpression {
  const token = reader.tokens[reader.position]
  if (!token) throw new RuleError('the rule ends where a matcher is expected', reader.end)
  if (depth > MAX_DEPTH) throw new RuleError(`is nested deeper than ${MAX_DEPTH}`, token.at)
  if (takes(reader, '!')) return { kind: 'not', of: readUnary(reader, depth + 1) }
  if (takes(reader, '(')) {
    const inner = readOr(reader, depth + 1)
    if (!takes(reader, ')')) throw new RuleError('this ( is never closed', token.at)
    return inner
  }
  if (token.kind !== 'name') throw new RuleError(`expected a matcher such as PathPrefix, got ${token.text}`, token.at)
  reader.position += 1
  return { kind: 'match', matcher: token.text, args: readArguments(reader, token) }
}

function readArguments(reader: Reader, matcher: Token): string[] {
  if (!takes(reader, '(')) throw new RuleError(`expected ( after ${matcher.text}`, matcher.at)
  const args: string[] = []
  if (takes(reader, ')')) return args
  do {
    const token = reader.tokens[reader.position]
    if (token?.kind !== 'text') throw new RuleError(`expected a value in backticks`, token?.at ?? reader.end)
    args.push(token.text)
    reader.position += 1
  } while (takes(reader, ','))
  if (!takes(reader, ')')) throw new RuleError(`expected ) after the arguments of ${matcher.text}`, matcher.at)
  return args
}

function takes(reader: Reader, sign: string): boolean {
  const token = reader.tokens[reader.position]
  if (token?.kind !== 'sign' || token.text !== sign) return false
  reader.position += 1
  return true
}

function matcherProblem(expression: RuleExpression): string | undefined {
  if (expression.kind === 'not') return matcherProblem(expression.of)
  if (expression.kind !== 'match') {
    for (const part of expression.of) {
      const problem = matcherProblem(part)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  const { matcher, args } = expression
  const known = Object.keys(MATCHERS)
  const arity = MATCHERS[known.find((name) => name.toLowerCase() === matcher.toLowerCase()) ?? '']
  if (!arity) {
    const near = nearestName(matcher, known)
    return `unknown matcher ${matcher}: ${near ? `did you mean ${near}?` : `known are ${known.join(', ')}`}`
  }
  if (args.length < arity.least || args.length > arity.most) {
    return `${matcher} takes ${arity.least === arity.most ? arity.least : `${arity.least} or ${arity.most}`} value(s), got ${args.length}: join several with ||`
  }
  if (/^path(prefix)?$/i.test(matcher) && !args[0]?.startsWith('/'))
    return `${matcher} expects a path that begins with /`
  return undefined
}
