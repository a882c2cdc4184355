import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  coversPath,
  endpointPattern,
  endpointProblem,
  matchesEndpoint,
  matchesPath,
  pathPattern,
} from '../../plugin-config/rules-path.ts'
import { cpuMs } from '../helpers/cpu-clock.ts'

describe('a path of a rule', () => {
  it.each([
    ['/id', '/id', true],
    ['/id', '/id/x', false],
    ['/id', 'header:id', false],
    ['', '', true],
    ['', '/id', false],
    ['/', '/', true],
    ['/', '', false],
    ['/items/*/id', '/items/3/id', true],
    ['/items/*/id', '/items/id', false],
    ['/items/*', '/items/3/id', false],
    ['/**', '', true],
    ['/**', '/a/b', true],
    ['/**', 'status', false],
    ['/**/id', '/id', true],
    ['/**/id', '/a/b/id', true],
    ['/**/id', '/a/id/b', false],
    ['/a/**/b/*/c', '/a/b/b/1/b/2/c', true],
    ['/a~1b', '/a~1b', true],
    ['/__proto__/*', '/__proto__/x', true],
    ['header:X-Build', 'header:x-build', true],
    ['header:x-*', 'header:x-build', true],
    ['header:x-*', 'header:y', false],
    ['trailer:Grpc-*', 'trailer:grpc-status', true],
    ['trailer:x-sum', 'header:x-sum', false],
    ['status', 'status', true],
    ['line:*', 'line:8', true],
    ['line:8', 'line:80', false],
  ])('%j against %j: %p', (pattern, path, expected) => {
    expect(matchesPath(pathPattern(pattern), path)).toBe(expected)
  })

  it('covers what is below it', () => {
    expect(coversPath(pathPattern('/debug'), '/debug/a/b')).toBe(true)
    expect(coversPath(pathPattern('/*/debug'), '/1/debug')).toBe(true)
    expect(coversPath(pathPattern('/debug'), '/debugging')).toBe(false)
    expect(coversPath(pathPattern(''), '/anything')).toBe(true)
    expect(coversPath(pathPattern(''), 'status')).toBe(false)
    expect(coversPath(pathPattern('status'), 'status')).toBe(true)
  })

  it('finds what a search of every way finds', () => {
    const key = fc.constantFrom('a', 'b', '*', '**')
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 7 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }),
        (p, k) => {
          const pattern = p.map((one) => `/${one}`).join('')
          const path = k.map((one) => `/${one}`).join('')
          expect(matchesPath(pathPattern(pattern), path)).toBe(everyWay(p, k))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it('is matched in no time however it is written', () => {
    const pattern = pathPattern(`${'/**/a'.repeat(20)}/b`)
    const path = '/a'.repeat(2_000)
    const startedAt = cpuMs()
    for (let i = 0; i < 100; i += 1) expect(matchesPath(pattern, path)).toBe(false)
    expect(cpuMs() - startedAt).toBeLessThan(500)
  })
})

function everyWay(pattern: string[], keys: string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return keys.length === 0
  if (first === '**') return everyWay(rest, keys) || (keys.length > 0 && everyWay(pattern, keys.slice(1)))
  return keys.length > 0 && (first === '*' || first === keys[0]) && everyWay(rest, keys.slice(1))
}

describe('an endpoint of a rule', () => {
  it.each([
    ['GET /tickets/{id}', 'GET /tickets/{id}', true],
    ['GET /tickets/*', 'GET /tickets/{id}', true],
    ['* /tickets/**', 'POST /tickets/search', true],
    ['* /tickets/**', 'POST /tickets', true],
    ['GET /tickets', 'POST /tickets', false],
    ['GET /**', 'GET other', false],
  ])('%j against %j: %p', (glob, endpoint, expected) => {
    expect(endpointProblem(glob)).toBeUndefined()
    expect(matchesEndpoint(endpointPattern(glob), endpoint)).toBe(expected)
  })

  it.each([
    '',
    'GET',
    'GET tickets',
    '/tickets',
    'get /x',
    'GET  /x',
    `GET /${'x'.repeat(600)}`,
    `GET ${'/x'.repeat(50)}`,
  ])('is refused when it is %j', (glob) => {
    expect(endpointProblem(glob)).toMatch(/^expected /)
  })
})
