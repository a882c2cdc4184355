import { describe, expect, it } from '@jest/globals'
import { createEndpoints } from '../../collector/pipeline/endpoints.ts'

describe('the endpoints of requests', () => {
  it('are those that the route gives, from the first request on, and follow it when it changes', () => {
    let given: readonly string[] = ['GET /users/{name}/posts']
    const endpoints = createEndpoints(new Map(), () => given)
    const ask = () => endpoints.endpointOf('shop', 'GET', '/users/ann/posts?page=2')
    expect(ask()).toBe('GET /users/{name}/posts')
    given = ['GET /users/{login}/posts']
    expect(ask()).toBe('GET /users/{login}/posts')
    given = []
    expect(ask()).toBe('GET /users/ann/posts')
  })

  it('are those that were learned before', () => {
    const endpoints = createEndpoints(new Map([['shop', ['GET /tags/{value}']]]))
    expect(endpoints.endpointOf('shop', 'GET', '/tags/blue')).toBe('GET /tags/{value}')
    expect(endpoints.endpointOf('other', 'GET', '/tags/blue')).toBe('GET /tags/blue')
  })
})
