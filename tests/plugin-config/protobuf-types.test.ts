import { describe, expect, it } from '@jest/globals'
import { messageTypeOf } from '../../plugin-config/protobuf-types.ts'
import { parseRoute } from '../../plugin-config/route.ts'

const read = (message: unknown) =>
  parseRoute(
    {
      name: 'shop',
      rule: 'PathPrefix(`/shop`)',
      primary: { url: 'http://127.0.0.1:3000' },
      shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3001' }],
      protobuf: { file: '/etc/shop.binpb', message },
    },
    'file',
  )

describe('the types of plain protobuf bodies', () => {
  it('are one for all of a route, or one by endpoint, of which the longest that fits holds', () => {
    expect(messageTypeOf(undefined)('GET', '/orders/7')).toBeUndefined()
    expect(messageTypeOf('shop.Order')('GET', '/anything')).toBe('shop.Order')
    const typeOf = messageTypeOf({
      '* /**': 'shop.Any',
      'GET /orders/{id}': 'shop.Order',
      'GET /orders/*/lines': 'shop.Line',
    })
    expect(typeOf('GET', '/orders/7')).toBe('shop.Order')
    expect(typeOf('GET', '/orders/7/lines')).toBe('shop.Line')
    expect(typeOf('PUT', '/orders/7')).toBe('shop.Any')
  })

  it.each([
    ['shop.Order', 'shop.Order'],
    [{ 'GET /orders/{id}': 'shop.Order' }, { 'GET /orders/{id}': 'shop.Order' }],
  ])('take %j', (message, expected) => {
    expect(read(message)).toMatchObject({ ok: true, route: { protobuf: { message: expected } } })
  })

  it.each([
    [''],
    ['shop Order'],
    [7],
    [{ orders: 'shop.Order' }],
    [{ 'GET /orders': 'no type' }],
    [{ 'GET /orders': null }],
  ])('refuse %j', (message) => {
    const refused = read(message)
    expect(refused).toMatchObject({ ok: false })
    expect(JSON.stringify(refused)).toContain('/protobuf/message')
  })
})
