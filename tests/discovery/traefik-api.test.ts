import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createTraefikApi } from '../../collector/discovery/traefik-api.ts'
import { newlyDiscovered } from '../../plugin-config/discovered.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server?.closeAllConnections()
})

async function answering(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handle)
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Traefik's API over lists, with its paging: `X-Next-Page: 1` after the last page, 400 beyond it. */
const traefik = (lists: Record<string, unknown[]>, one: Record<string, unknown> = {}) =>
  answering((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    const list = lists[pathname]
    if (!list) {
      const found = one[pathname]
      return void response
        .writeHead(found === undefined ? 404 : 200)
        .end(JSON.stringify(found ?? { message: 'not found' }))
    }
    const size = Math.min(Number(searchParams.get('per_page') ?? 100), 500)
    const page = Number(searchParams.get('page') ?? 1)
    const rest = list.slice(page * size).length
    response.setHeader('X-Next-Page', rest > 0 ? page + 1 : 1)
    response.end(JSON.stringify(list.slice((page - 1) * size, page * size)))
  })

const lists = {
  '/api/entrypoints': [{ name: 'web', address: ':80', asDefault: true, http: { middlewares: ['all@file'] } }],
  '/api/http/routers': [
    {
      ...{
        entryPoints: ['web'],
        using: ['web'],
        middlewares: ['all@file', 'auth'],
        service: 'app',
        rule: 'Host(`a.b`)',
      },
      ...{ priority: 11, priorityStr: '11', status: 'enabled', name: 'app@docker', provider: 'docker' },
    },
    {
      name: 'understudy-app-overlay@file',
      rule: 'Host(`a.b`)',
      service: 'x',
      status: 'disabled',
      error: ['no service'],
    },
    { name: 'web-understudy-app-plain@file', rule: 'Host(`a.b`)', service: 'x', status: 'enabled' },
    'rubbish',
    { name: 5 },
  ],
  '/api/http/services': [
    { name: 'app@docker', type: 'loadbalancer', status: 'enabled', serverStatus: { 'http://10.0.0.1': 'UP' } },
    { name: 'understudy-app-share@file', status: 'enabled' },
    null,
  ],
  '/api/http/middlewares': [{ name: 'auth@docker', type: 'basicauth', basicAuth: { users: ['user:secret'] } }],
}

const ownRouters = [
  { name: 'understudy-app-overlay@file', status: 'disabled', errors: ['no service'] },
  { name: 'web-understudy-app-plain@file', status: 'enabled', errors: [] },
]

describe("Traefik's API", () => {
  it('tells routers, services, middlewares and entry points, without what is ours', async () => {
    const apiUrl = await traefik(lists, { '/api/version': { Version: '3.7.15' } })
    expect(await createTraefikApi({ apiUrl }).discover()).toEqual({
      version: '3.7.15',
      routers: [
        {
          ...{ name: 'app@docker', rule: 'Host(`a.b`)', priority: 11, entryPoints: ['web'], service: 'app@docker' },
          ...{ status: 'enabled', middlewares: ['auth@docker'] },
        },
      ],
      services: [{ name: 'app@docker', type: 'loadbalancer', status: 'enabled', servers: { 'http://10.0.0.1': 'UP' } }],
      middlewares: [{ name: 'auth@docker', type: 'basicauth' }],
      entryPoints: [{ name: 'web', address: ':80', isDefault: true, middlewares: ['all@file'] }],
      rendered: { revision: undefined, routers: ownRouters },
    })
  })

  it('tells what became of our own file', async () => {
    const headers = { customResponseHeaders: { 'X-Understudy-Revision': 'abc' } }
    const apiUrl = await traefik(lists, { '/api/http/middlewares/understudy-revision@file': { headers } })
    expect(await createTraefikApi({ apiUrl }).renderedState()).toEqual({
      revision: 'abc',
      routers: ownRouters,
    })
    expect(await createTraefikApi({ apiUrl, provider: 'http' }).loadedRevision()).toBeUndefined()
  })

  it('tells that with all the rest, from the same answers', async () => {
    const headers = { customResponseHeaders: { 'X-Understudy-Revision': 'abc' } }
    const middlewares = [...lists['/api/http/middlewares'], { name: 'understudy-revision@file', headers }]
    const apiUrl = await traefik({ ...lists, '/api/http/middlewares': middlewares })
    const { rendered } = await createTraefikApi({ apiUrl }).discover()
    expect(rendered).toEqual({ revision: 'abc', routers: ownRouters })
  })

  it('is read to the last page', async () => {
    const services = Array.from({ length: 1_201 }, (_, index) => ({ name: `s${index}@docker`, status: 'enabled' }))
    const apiUrl = await traefik({ ...lists, '/api/http/services': services }, {})
    expect((await createTraefikApi({ apiUrl }).discover()).services).toHaveLength(1_201)
  })

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['rubbish', (_, response) => response.end('<html>')],
    ['no list', (_, response) => response.end('{}')],
    ['an error', (_, response) => response.writeHead(500).end('[]')],
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
    [
      'pages without end',
      (request, response) => {
        const page = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('page'))
        response.setHeader('X-Next-Page', page + 1).end('[]')
      },
    ],
    ['nothing', (request) => request.socket.destroy()],
    ['nothing in time', () => undefined],
    [
      'an answer without end',
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(' '.repeat(1_000_000)));
        }
        response.on('drain', more)
        more()
      },
    ],
  ])('that answers with %s is an error that may pass', async (_what, handle) => {
    const apiUrl = await answering(handle)
    await expect(createTraefikApi({ apiUrl, timeoutMs: 1_000 }).discover()).rejects.toMatchObject({
      code: 'traefik-unavailable',
      retriable: true,
      message: expect.stringContaining(apiUrl),
    })
  })
})

describe('what is newly discovered', () => {
  const found = (...names: string[]) => ({
    version: '',
    entryPoints: [],
    middlewares: [],
    routers: [],
    services: names.map((name) => ({ name, type: '', status: 'enabled' as const, servers: {} })),
  })

  it('is everything at first, without what is internal', () => {
    expect(newlyDiscovered(undefined, found('a@docker', 'api@internal')).services).toEqual(['a@docker'])
  })

  it('is what was not there before', () => {
    expect(newlyDiscovered(found('a@docker'), found('a@docker', 'b@docker')).services).toEqual(['b@docker'])
    expect(newlyDiscovered(found('a@docker'), found())).toEqual({ routers: [], services: [] })
  })
})
