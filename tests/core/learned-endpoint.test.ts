import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { endpointOf } from '../../collector/core/endpoint.ts'
import { createEndpointLearner, type EndpointLearner } from '../../collector/core/learned-endpoint.ts'
import { cpuMs } from '../helpers/cpu-clock.ts'

/** Names without a digit, as people choose them. */
const nameOf = (n: number) => `user-${[...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`

function see(learner: EndpointLearner, paths: string[]): string[] {
  return [...new Set(paths.map((path) => learner.endpointOf('GET', path)))]
}

describe('an endpoint learner', () => {
  it('finds values by their number, and names below them', () => {
    const learner = createEndpointLearner()
    see(
      learner,
      Array.from({ length: 100 }, (_, n) => `/users/${nameOf(n)}/posts`),
    )
    expect(learner.endpointOf('GET', '/users/somebody/posts?page=2')).toBe('GET /users/{value}/posts')
    expect(learner.endpointOf('GET', '/users/somebody')).toBe('GET /users/{value}')
    expect(learner.learned()).toEqual(['GET /users/{value}'])
  })

  it('does so soon when no name comes twice, and later when they do', () => {
    const once = createEndpointLearner()
    see(
      once,
      Array.from({ length: 25 }, (_, n) => `/users/${nameOf(n)}`),
    )
    expect(once.learned()).toEqual(['GET /users/{value}'])
    const often = createEndpointLearner()
    for (let round = 0; round < 20; round += 1)
      see(
        often,
        Array.from({ length: 50 }, (_, n) => `/api/${nameOf(n % (1 + round * 3))}`),
      )
    expect(often.learned()).toEqual([])
    for (let round = 0; round < 20; round += 1)
      see(
        often,
        Array.from({ length: 70 }, (_, n) => `/api/${nameOf(n)}`),
      )
    expect(often.learned()).toEqual(['GET /api/{value}'])
  })

  it('keeps the parts of an API, and a name that comes often among values', () => {
    const learner = createEndpointLearner()
    const paths = Array.from({ length: 400 }, (_, n) => (n % 2 === 0 ? '/users/me' : `/users/${nameOf(n)}`))
    see(learner, [...paths, '/tickets', '/tickets/7', '/health'])
    expect(learner.endpointOf('GET', '/users/me')).toBe('GET /users/me')
    expect(learner.endpointOf('GET', '/users/nobody')).toBe('GET /users/{value}')
    expect(learner.endpointOf('GET', '/tickets/8')).toBe('GET /tickets/{id}')
  })

  it('tells methods apart', () => {
    const learner = createEndpointLearner()
    see(
      learner,
      Array.from({ length: 100 }, (_, n) => `/users/${nameOf(n)}`),
    )
    expect(learner.endpointOf('POST', '/users/search')).toBe('POST /users/search')
  })

  it('knows templates from the start, its own of before among them', () => {
    const learner = createEndpointLearner({ templates: ['GET /users/{name}/posts/{slug}', 'GET /users/me'] })
    expect(learner.endpointOf('GET', '/users/anna/posts/hello')).toBe('GET /users/{name}/posts/{slug}')
    expect(learner.endpointOf('GET', '/users/me')).toBe('GET /users/me')
    const again = createEndpointLearner({ templates: learner.learned() })
    expect(again.endpointOf('GET', '/users/bob/posts/x')).toBe('GET /users/{name}/posts/{slug}')
    expect(again.learned()).toEqual(learner.learned())
  })

  it('holds no more endpoints than its limit', () => {
    const learner = createEndpointLearner({ limit: 50, maxNames: 1_000 })
    // Each seen thrice, so that nothing is learned of them.
    const paths = Array.from({ length: 200 }, (_, n) => `/${nameOf(n)}`).flatMap((path) => [path, path, path])
    expect(see(learner, paths)).toHaveLength(51)
    expect(learner.endpointOf('GET', '/new')).toBe('GET other')
    expect(learner.size()).toBe(50)
  })

  it('stays bounded and quick under a flood of made-up paths', () => {
    const learner = createEndpointLearner()
    const names = new Set<string>()
    const startedAt = cpuMs()
    for (let n = 0; n < 50_000; n += 1) {
      names.add(learner.endpointOf('GET', `/${nameOf(n % 97)}/${nameOf(n * 31)}/${nameOf(n * 17)}/${nameOf(n)}`))
    }
    expect(names.size).toBeLessThanOrEqual(501)
    expect(cpuMs() - startedAt).toBeLessThan(3_000)
  })

  it('gives for any request what is bounded and well-formed', () => {
    const learner = createEndpointLearner({ limit: 20 })
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.constantFrom('GET', 'x', 'POST'), fc.string({ unit: 'binary' }), (method, path) => {
        const endpoint = learner.endpointOf(method, `/${path}`)
        seen.add(endpoint)
        expect(endpoint.isWellFormed()).toBe(true)
        expect(endpoint.length).toBeLessThan(700)
        expect(endpoint.split('/').length).toBeLessThanOrEqual(endpointOf(method, `/${path}`).split('/').length)
      }),
      { numRuns: 2_000 },
    )
    expect(seen.size).toBeLessThanOrEqual(20 + 'GET POST OTHER'.split(' ').length)
  })
})
