import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseRule, ruleProblem } from '../../plugin-config/rule.ts'
import { mayBothMatch } from '../../plugin-config/rule-overlap.ts'

const match = (matcher: string, ...args: string[]) => ({ kind: 'match', matcher, args })

describe('parsing a rule', () => {
  it('binds && closer than ||, and ! closest', () => {
    expect(parseRule('Host(`a`) || !Host(`b`) && Path(`/c`)')).toEqual({
      ok: true,
      expression: {
        kind: 'or',
        of: [match('Host', 'a'), { kind: 'and', of: [{ kind: 'not', of: match('Host', 'b') }, match('Path', '/c')] }],
      },
    })
  })

  it('reads parentheses, several arguments and both kinds of quotes', () => {
    expect(parseRule('(Host(`a`,"b\\"c")) && (Query(`x`))')).toEqual({
      ok: true,
      expression: { kind: 'and', of: [match('Host', 'a', 'b"c'), match('Query', 'x')] },
    })
  })

  it.each([
    ['Host(`a', 'the ` is never closed (character 6)'],
    ['(Host(`a`)', 'this ( is never closed (character 1)'],
    ['Host(`a`))', 'expected && or || before ) (character 10)'],
    ['Host(`a`) && ', 'the rule ends where a matcher is expected (character 14)'],
    ['Host', 'expected ( after Host (character 1)'],
    ['Hots(`a`)', 'unknown matcher Hots: did you mean Host?'],
    ['HeaderRegexp(`a`)', 'HeaderRegexp takes 2 value(s), got 1: join several with ||'],
  ])('explains %s', (rule, problem) => {
    expect(ruleProblem(rule)).toBe(problem)
  })

  it('never throws', () => {
    const pieces = fc.constantFrom(
      'Host',
      '(',
      ')',
      '`a`',
      '"b"',
      '&&',
      '||',
      '!',
      ',',
      ' ',
      '`',
      '/',
      'PathPrefix(`/`)',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (rule) => void ruleProblem(rule.join(''))),
      { numRuns: 3_000 },
    )
  })
})

describe('whether two rules may match the same request', () => {
  it.each([
    ['Host(`a.b`)', 'Host(`c.d`)', false],
    ['Host(`a.b`)', 'Host(`A.B`)', true],
    ['Host(`a.b`) || Host(`c.d`)', 'Host(`c.d`) && Path(`/x`)', true],
    ['Host(`a.b`)', 'HostRegexp(`^.*$`)', true],
    ['Host(`a.b`)', 'PathPrefix(`/x`)', true],
    ['PathPrefix(`/users`)', 'PathPrefix(`/orders`)', false],
    ['PathPrefix(`/api`)', 'PathPrefix(`/apis`)', true],
    ['PathPrefix(`/api/`)', 'Path(`/api`)', false],
    ['Path(`/a`)', 'Path(`/b`)', false],
    ['Path(`/api/x`)', 'PathPrefix(`/api`)', true],
    ['PathPrefix(`/a`)', 'PathRegexp(`^/b`)', true],
    ['Method(`GET`)', 'Method(`POST`)', false],
    ['PathPrefix(`/a`) && Method(`GET`)', '(Method(`POST`) || Method(`PUT`)) && PathPrefix(`/a`)', false],
    ['!Host(`a.b`)', 'Host(`a.b`)', true],
    ['Host(`a.b`) && !Path(`/x`)', 'Host(`c.d`)', false],
    ['Header(`X`, `1`)', 'Header(`X`, `2`)', true],
    ['not a rule', 'Host(`c.d`)', true],
    [Array.from({ length: 300 }, (_, index) => `Host(\`h${index}\`)`).join(' || '), 'Host(`other`)', true],
  ])('%s and %s: %p', (left, right, expected) => {
    expect(mayBothMatch({ rule: left }, { rule: right })).toBe(expected)
    expect(mayBothMatch({ rule: right }, { rule: left })).toBe(expected)
  })

  it('takes several values of syntax v2 as alternatives, and templates as anything', () => {
    const v2 = (rule: string) => ({ rule, ruleSyntax: 'v2' })
    expect(mayBothMatch(v2('Host(`a.b`, `c.d`)'), { rule: 'Host(`c.d`)' })).toBe(true)
    expect(mayBothMatch(v2('Path(`/{x:.*}`)'), { rule: 'Path(`/y`)' })).toBe(true)
  })

  it('is always true for a request that both were made to match', () => {
    const hosts = fc.constantFrom('a.b', 'c.d', 'e.f')
    const paths = fc.constantFrom('/', '/a', '/a/b', '/c')
    const request = fc.record({ host: hosts, path: paths, method: fc.constantFrom('GET', 'POST') })
    const noise = fc.constantFrom('', ' && !Header(`X`, `1`)', ' && !Path(`/zzz`)')
    const rule = (of: { host: string; path: string; method: string }, other: string, tail: string) =>
      `(Host(\`${other}\`) || Host(\`${of.host}\`)) && PathPrefix(\`${of.path.slice(0, 2)}\`) && Method(\`${of.method}\`)${tail}`
    fc.assert(
      fc.property(request, hosts, hosts, noise, (of, left, right, tail) => {
        return mayBothMatch({ rule: rule(of, left, tail) }, { rule: rule(of, right, '') })
      }),
    )
  })
})
