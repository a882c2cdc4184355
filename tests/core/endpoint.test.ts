import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { endpointOf } from '../../collector/core/endpoint.ts'

describe('endpointOf', () => {
  it.each([
    ['GET', '/', 'GET /'],
    ['GET', '', 'GET /'],
    ['GET', '/tickets', 'GET /tickets'],
    ['GET', '/tickets/', 'GET /tickets/'],
    ['GET', '/tickets//7', 'GET /tickets//{id}'],
    ['GET', '/tickets/7?page=2', 'GET /tickets/{id}'],
    ['GET', '/tickets/7#part', 'GET /tickets/{id}'],
    ['GET', '/tickets/-7', 'GET /tickets/{id}'],
    ['GET', '/tickets/7.json', 'GET /tickets/{id}.json'],
    ['GET', '/days/2024-05-01/events', 'GET /days/{id}/events'],
    ['GET', '/users/018f2b1c-7c1e-7abc-8def-0123456789ab', 'GET /users/{id}'],
    ['GET', '/users/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'GET /users/{id}'],
    ['GET', '/commits/9a0b1c2d', 'GET /commits/{id}'],
    ['GET', '/objects/507f1f77bcf86cd799439011', 'GET /objects/{id}'],
    ['GET', '/files/aGVsbG8gd29ybGQx-_9', 'GET /files/{id}'],
    ['GET', '/tickets/ticket-1234', 'GET /tickets/ticket-{id}'],
    ['GET', '/users/usr_0a1b2c3d4e', 'GET /users/usr_{id}'],
    ['GET', '/api/v1/tickets', 'GET /api/v1/tickets'],
    ['GET', '/oauth2/authorize', 'GET /oauth2/authorize'],
    ['GET', '/oauth2-authorization/top-10-of-2024', 'GET /oauth2-authorization/top-10-of-2024'],
    ['GET', '/sessions/abc123def456ghi789', 'GET /sessions/{id}'],
    ['GET', '/deadbeef', 'GET /deadbeef'],
    ['GET', '/internationalisation', 'GET /internationalisation'],
    ['GET', '/service-level-agreements', 'GET /service-level-agreements'],
    ['GET', '/a/b/c/d/e/f/g/h', 'GET /a/b/c/d/e/f/g/h'],
    ['GET', '/a/b/c/d/e/f/g/h/i/j', 'GET /a/b/c/d/e/f/g/h/…'],
    ['GET', 'http://host:80/tickets/7', 'GET /tickets/{id}'],
    ['GET', 'http://host', 'GET /'],
    ['OPTIONS', '*', 'OPTIONS /*'],
    ['get', '/x', 'OTHER /x'],
    ['M'.repeat(17), '/x', 'OTHER /x'],
    ['GET', '/caf%C3%A9', 'GET /caf%C3%A9'],
    ['GET', `/${'x'.repeat(16_000)}`, 'GET /{id}'],
  ])('names %s %s', (method, uri, endpoint) => {
    expect(endpointOf(method, uri)).toBe(endpoint)
  })

  it('gives a bounded, well-formed name whatever the request', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 3_000 }), (method, uri) => {
        const endpoint = endpointOf(method, `/${uri}`)
        expect(endpoint.length).toBeLessThanOrEqual(16 + 2 + 9 * 82)
        expect(endpoint.isWellFormed()).toBe(true)
      }),
    )
  })

  it('gives numbers, UUIDs and hex ids of one path one name', () => {
    const id = fc.oneof(fc.nat().map(String), fc.uuid(), fc.stringMatching(/^[0-9a-f]{8,40}$/))
    fc.assert(
      fc.property(id, (value) => {
        fc.pre(/\d/.test(value))
        expect(endpointOf('GET', `/tickets/${value}/comments`)).toBe('GET /tickets/{id}/comments')
      }),
    )
  })
})
