// docker-compose.yaml as it is shipped, on real parts: the demo's differences, a stranger's project, who may come in.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { BASE_IMAGE } from '../../collector/local-stack/docker/base-image.ts'
import { PROJECT_FOLDER } from '../../collector/local-stack/docker/production-stack.ts'
import { ask, type DockerStack, openDockerStack } from '../helpers/docker-stack.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'

type Page<Item> = { items: Item[] }
type Comparison = { route: string; outcome: string; path: string }

const FIRST_COMPARISON_SECONDS = 90
let stack: DockerStack
let startedAt = 0
let whenUp: Promise<number>

beforeAll(async () => {
  stack = await openDockerStack({ profiles: ['demo', 'observability'] })
  startedAt = performance.now()
  whenUp = stack.up()
  // Whoever awaits it is told; until then, comparisons come before every service is known to be healthy.
  whenUp.catch(() => undefined)
})

afterAll(() => stack?.remove())

const comparisons = async (route: string, more = '') =>
  (await stack.api<Page<Comparison>>(`/api/v1/comparisons?route=${route}${more}`)).items

describe('the stack', () => {
  it('shows the first comparison of the demo within 90 s, found by label alone', async () => {
    await waitUntilHolds(async () => expect(await comparisons('ticketing')).not.toEqual([]), {
      withinMs: 120_000,
      everyMs: 250,
    })
    const seconds = (performance.now() - startedAt) / 1000
    const upSeconds = await whenUp
    process.stderr.write(`healthy after ${upSeconds.toFixed(0)} s, first comparison after ${seconds.toFixed(0)} s\n`)
    expect(seconds).toBeLessThan(FIRST_COMPARISON_SECONDS)
  })

  it('finds what Express 5 does differently', async () => {
    const found = await waitUntil(
      async () => {
        const items = await comparisons('ticketing', '&outcome=different')
        return items.some(({ path }) => path.includes('/static/priorities.json')) && items
      },
      { withinMs: 120_000, everyMs: 500, what: 'the difference in a static file' },
    )
    expect(found.length).toBeGreaterThan(0)
  })

  it('serves the UI and says that it discovered the services', async () => {
    const page = await ask(`${stack.adminUrl}/routes`, { accept: 'text/html' })
    expect([page.status, /<div id="root">|<script/.test(page.body)]).toEqual([200, true])
    await waitUntilHolds(async () => expect(await stack.logs('collector')).toMatch(/discovered/))
  })

  it('starts shadowing for a container that somebody labels <service>-shadow on the network, and ends with it', async () => {
    const rule = 'PathPrefix(`/shop`)'
    const shop = {
      'traefik.http.routers.shop.rule': rule,
      'traefik.http.services.shop.loadbalancer.server.port': '8080',
    }
    const shadow = { 'traefik.http.services.shop-shadow.loadbalancer.server.port': '8080', 'understudy.share': '100' }
    await stack.ownProject('shopkeeper', { shop })
    await waitUntil(async () => (await ask(`${stack.webUrl}/shop/1`)).status === 200, { withinMs: 120_000 })
    await stack.ownProject('shopkeeper', { shop, 'shop-shadow': shadow })
    await waitUntil(
      async () => {
        await ask(`${stack.webUrl}/shop/2`)
        return (await comparisons('shop')).length > 0
      },
      { withinMs: 120_000, everyMs: 500, what: 'a comparison of the route shop' },
    )
    expect((await ask(`${stack.webUrl}/shop/3`)).headers['x-served-by']).toBe('shop')
  })

  it('leaves a container without a rule unreachable under any host', async () => {
    for (const host of ['shop-shadow', 'shop-shadow-shopkeeper', 'x.invalid'])
      expect((await ask(`${stack.webUrl}/`, { host })).status).toBe(404)
  })
})

describe('who may come in', () => {
  const from = (network: string, script: string) =>
    stack.docker.run('run', '--rm', '--network', network, BASE_IMAGE, 'bash', '-c', script)
  const http = (host: string, port: number, request: string) =>
    `exec 3<>/dev/tcp/${host}/${port} && printf '${request}' >&3 && head -1 <&3`

  it('asks another container for the token, and this machine for none', async () => {
    const request = 'GET /api/v1/routes HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n'
    expect(await from(`${stack.project}_admin`, http('collector', 8081, request))).toContain(' 401 ')
    expect((await ask(`${stack.adminUrl}/api/v1/routes`)).status).toBe(200)
    const bearer = { authorization: `Bearer ${stack.adminToken}` }
    expect((await ask(`${stack.adminUrl}/api/v1/routes`, bearer)).status).toBe(200)
  })

  it('is out of reach for a container among the services', async () => {
    const name = await from('understudy', 'getent hosts collector kafka postgres docker-proxy || echo none')
    expect(name).toBe('none')
  })

  it('lets the engine be read, and not changed', async () => {
    const engine = (request: string) =>
      from(`${stack.project}_internal`, http('docker-proxy', 2375, `${request} HTTP/1.0\\r\\nHost: docker\\r\\n\\r\\n`))
    expect(await engine('GET /v1.41/containers/json')).toContain(' 200 ')
    for (const request of [
      'GET /images/json',
      'GET /containers/x/archive?path=/',
      'GET /secrets',
      'GET /v1.41/exec/x/json',
    ])
      expect(await engine(request)).toContain(' 403 ')
    for (const request of ['POST /containers/create', 'DELETE /containers/x'])
      expect(await engine(request)).toContain(' 405 ')
  })

  it('runs as nobody in particular, on a file system that cannot be written', async () => {
    for (const service of ['collector', 'ticketing', 'kafka', 'prometheus', 'postgres']) {
      const shown = JSON.parse(await stack.docker.run('inspect', await stack.id(service)))[0]
      expect([service, shown.HostConfig.ReadonlyRootfs, /^(0|root)?(:|$)/.test(shown.Config.User)]).toEqual([
        service,
        true,
        false,
      ])
    }
  })

  it('starts the collector from files compiled when the image was built', async () => {
    const id = await stack.id('collector')
    const shown = JSON.parse(await stack.docker.run('inspect', id))[0]
    const looks = `
      const env = { ...process.env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE', DATABASE_URL: '', DATABASE_URL_FILE: '' }
      const options = { env, encoding: 'utf8' }
      const args = [...process.execArgv.filter((flag) => flag.startsWith('--max') || flag.startsWith('--disable')), 'collector/main.ts']
      const { status, stderr } = require('node:child_process').spawnSync(process.execPath, args, options)
      const read = stderr.split('\\n').filter((line) => / reading cache .*\\/app\\/collector\\//.test(line))
      const others = read.filter((line) => !line.includes('... success'))
      console.log(JSON.stringify({ status, files: read.length, others }))`
    const told = await stack.docker.run('exec', id, ...shown.Config.Entrypoint, '--eval', looks)
    const { status, files, others } = JSON.parse(told)
    expect({ status, others }).toEqual({ status: 2, others: [] })
    expect(files).toBeGreaterThan(200)
  })
})

describe("Traefik's examples", () => {
  const shop = (more: Record<string, string>) => ({
    'traefik.http.services.guarded.loadbalancer.server.port': '8080',
    'traefik.http.routers.guarded.rule': 'PathPrefix(`/guarded`)',
    'traefik.http.routers.guarded.middlewares': 'limited@file',
    'traefik.http.routers.auth.rule': 'PathPrefix(`/auth`)',
    'traefik.http.routers.auth.middlewares': 'limited-auth@file',
    'traefik.http.routers.closed.rule': 'PathPrefix(`/closed`)',
    'traefik.http.routers.closed.entrypoints': 'websecure',
    'traefik.http.routers.closed.tls': 'true',
    'traefik.http.routers.closed.middlewares': 'secure@file',
    ...more,
  })

  beforeAll(async () => {
    for (const name of ['security.yaml', 'rate-limits.yaml', 'load-balancing.yaml'])
      copyFileSync(join(PROJECT_FOLDER, 'traefik/examples', name), join(stack.dynamicDir, name))
    await stack.ownProject('guarded', { guarded: shop({}) })
    await waitUntil(async () => (await ask(`${stack.webUrl}/guarded`)).status === 200, { withinMs: 120_000 })
  })

  it('answers the 31st quick request with 429, and the sixth at a login path', async () => {
    const row = async (path: string, count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, () => ask(`${stack.webUrl}${path}`)))
      return answers.map(({ status }) => status)
    }
    // Ten are earned in a second: a row that took longer was none.
    const quick = await waitUntil(async () => {
      const sentAt = performance.now()
      const statuses = await row('/guarded', 31)
      return performance.now() - sentAt < 1_000 && statuses
    })
    expect(quick.filter((status) => status === 200).length).toBeLessThanOrEqual(30)
    expect(quick).toContain(429)
    const logins = await row('/auth', 6)
    expect([logins.filter((status) => status === 200).length, logins.includes(429)]).toEqual([5, true])
  })

  const hello = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((told) => {
      const socket = connect({
        port: stack.tlsPort,
        host: '127.0.0.1',
        minVersion: version,
        maxVersion: version,
        rejectUnauthorized: false,
        // Node itself refuses the old version otherwise.
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
      socket.on('secureConnect', () => {
        socket.write('GET /closed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      })
      let text = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      socket.on('end', () => told(text))
      socket.on('error', (error: NodeJS.ErrnoException) => told(`refused: ${error.code}`))
    })

  it('takes TLS 1.2 and 1.3, and refuses 1.1', async () => {
    await waitUntilHolds(async () => expect(await hello('TLSv1.2')).toMatch(/^HTTP\/1\.1 200/))
    expect(await hello('TLSv1.3')).toMatch(/^HTTP\/1\.1 200/)
    expect(await hello('TLSv1.1')).toMatch(/^refused: .*(PROTOCOL_VERSION|ALERT|VERSION)/)
  })

  it('sends the security headers, HSTS over TLS alone', async () => {
    const head = (await hello('TLSv1.3')).toLowerCase()
    for (const wanted of [
      'strict-transport-security: max-age=31536000; includesubdomains',
      'x-content-type-options: nosniff',
      'x-frame-options: deny',
      'referrer-policy: strict-origin-when-cross-origin',
    ])
      expect(head).toContain(wanted)
    expect((await ask(`${stack.webUrl}/guarded`)).headers['strict-transport-security']).toBeUndefined()
  })
})
