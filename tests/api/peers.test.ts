import { afterEach, describe, expect, it } from '@jest/globals'
import { createPeers } from '../../collector/api/peers.ts'
import { gatewayAddresses } from '../../collector/roles/gateway.ts'
import { startApi, type TestApi } from './api-server.ts'

const token = 'a-token-of-24-characters'
let api: TestApi | undefined
afterEach(async () => {
  await api?.close()
  api = undefined
})

describe('networks', () => {
  const peers = createPeers({ networks: ['10.0.0.0/8', '192.168.1.7', 'fc00::/7'], trusted: ['172.18.0.1'] })

  it.each([
    ['10.200.3.4', true],
    ['::ffff:10.200.3.4', true],
    ['192.168.1.7', true],
    ['192.168.1.8', false],
    ['fd12::1', true],
    ['2001:db8::1', false],
    ['8.8.8.8', false],
    [undefined, false],
    ['', false],
  ])('%s is let in: %s', (address, expected) => {
    expect(peers.isLetIn(address)).toBe(expected)
  })

  it('trusts nobody but the addresses that are named', () => {
    expect(['172.18.0.1', '::ffff:172.18.0.1', '172.18.0.2', undefined].map(peers.isTrusted)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(createPeers({}).isTrusted('127.0.0.1')).toBe(false)
  })

  it('answers a foreign network with 403, probes included', async () => {
    api = await startApi({ peers: createPeers({ networks: ['10.0.0.0/8'] }) })
    for (const path of ['/healthz', '/api/status', '/api/v1/routes']) {
      const { status, json } = await api.get(path)
      expect([status, (json as { detail: string }).detail]).toEqual([
        403,
        '127.0.0.1 is in no network of UNDERSTUDY_ADMIN_NETWORKS',
      ])
    }
  })

  it('asks a trusted address for no token, but still for an own Host and a right token', async () => {
    api = await startApi({ adminToken: token, peers: createPeers({ trusted: ['127.0.0.1'] }) })
    expect((await api.get('/api/v1/routes')).status).toBe(200)
    expect((await api.get('/api/v1/routes', { Authorization: 'Bearer wrong-wrong-wrong-wrong' })).status).toBe(401)
    expect((await api.get('/api/v1/routes', { Host: 'evil.example' })).status).toBe(403)
  })
})

describe('the gateway', () => {
  const table = [
    'Iface\tDestination\tGateway\tFlags',
    'eth0\t00000000\t010012AC\t0003',
    'eth0\t000012AC\t00000000\t0001',
    'eth1\t00000000\t00000000\t0001',
    '',
  ].join('\n')

  it('is read from the routing table', () => {
    expect(gatewayAddresses(() => table)).toEqual(['172.18.0.1'])
  })

  it('is nobody where there is no such table', () => {
    expect(
      gatewayAddresses(() => {
        throw new Error('ENOENT')
      }),
    ).toEqual([])
  })
})
