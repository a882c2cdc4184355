import { describe, expect, it } from '@jest/globals'
import { externalRoutes } from '../../collector/discovery/external-routes.ts'

const tap = (name: string, config: object) => ({ name, provider: 'file', plugin: { understudy: config } })
const middlewares = [
  tap('shop-tap@file', { route: 'shop', side: 'primary', keepPpm: '100000' }),
  tap('shop-tap-next@file', { route: 'shop', side: 'shadow', variant: 'next' }),
  tap('understudy-own-tap@file', { route: 'own', side: 'primary' }),
  tap('bad@file', { route: '<img>', side: 'primary' }),
  tap('lone@file', { route: 'lone', side: 'primary', keepPpm: 'x' }),
  { name: 'auth@file', provider: 'file', basicAuth: {} },
  null,
]
const services = [
  {
    name: 'shop-mirrored@file',
    middlewares: ['shop-tap'],
    mirroring: { service: 'shop', mirrors: [{ name: 'next-tapped' }] },
  },
  { name: 'next-tapped@file', middlewares: ['shop-tap-next@file'], weighted: { services: [{ name: 'next@docker' }] } },
  { name: 'other@docker', middlewares: ['shop-tap'] },
  7,
]

describe('taps attached by hand', () => {
  it('are shown as routes, with what they lead to', () => {
    expect(externalRoutes(services, middlewares)).toEqual([
      {
        ...{ name: 'lone', primary: { service: '' }, shadows: [], share: 100 },
        reason: 'no mirroring service uses the tap lone@file',
      },
      {
        ...{ name: 'shop', primary: { service: 'shop@file' }, share: 10, reason: null },
        shadows: [{ name: 'next', service: 'next@docker' }],
      },
    ])
  })
})
