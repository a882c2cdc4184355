import { describe, expect, it } from '@jest/globals'
import { sideUrls } from '../../collector/roles/side-urls.ts'

const discovered = {
  services: [
    {
      name: 'shop@docker',
      type: 'loadbalancer',
      status: 'enabled' as const,
      servers: { 'http://10.0.0.1:80': 'DOWN', 'http://10.0.0.2:80': 'UP' },
    },
  ],
}
const route = {
  primary: { service: 'shop@docker' },
  shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3001', sandbox: false }],
  control: 5,
}

describe('the servers of the two sides', () => {
  it.each([
    ['shadow', { primary: 'http://10.0.0.2:80', shadow: 'http://127.0.0.1:3001' }],
    ['control', { primary: 'http://10.0.0.2:80', shadow: 'http://10.0.0.2:80' }],
    ['gone', { primary: 'http://10.0.0.2:80' }],
  ])('of %s', (variant, expected) => expect(sideUrls(route, variant, discovered)).toEqual(expected))

  it('are the control instance where there is one, and unknown without Traefik or a route', () => {
    const own = { ...route, control: { url: 'http://127.0.0.1:3002', percent: 1 } }
    expect(sideUrls(own, 'control', discovered).shadow).toBe('http://127.0.0.1:3002')
    expect(sideUrls(route, 'shadow', undefined)).toEqual({ shadow: 'http://127.0.0.1:3001' })
    expect(sideUrls(undefined, 'shadow', discovered)).toEqual({})
  })
})
