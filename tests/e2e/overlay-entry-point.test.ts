// Entry points with middlewares of their own, and a configuration written by hand: both on real Traefik.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { createTraefikApi } from '../../collector/discovery/traefik-api.ts'
import { startPartProcess } from '../../collector/local-stack/parts/part-process.ts'
import { findTraefik } from '../../collector/local-stack/parts/traefik.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { createTrafficPort } from '../../collector/rollout/traffic-port.ts'
import { renderStaticConfig } from '../../plugin-config/render-static.ts'
import { renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute } from '../../plugin-config/route.ts'
import { startEchoService } from '../helpers/echo-service.ts'
import { passThroughPlugin } from '../helpers/pass-through-plugin.ts'
import { startTraefik } from '../helpers/real-parts.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step()
})

/** Traefik on the project's own static configuration, with a middleware on each of two entry points. */
async function startWithEntryPointMiddlewares() {
  const plugin = await passThroughPlugin()
  const folder = await mkdtemp(join(tmpdir(), 'understudy-entry-'))
  const dynamicDir = join(folder, 'dynamic')
  await mkdir(dynamicDir)
  const [webPort, otherPort, apiPort] = (await freePorts(3)) as [number, number, number]
  const settings = parse(
    renderStaticConfig({ webAddress: `127.0.0.1:${webPort}`, apiAddress: `127.0.0.1:${apiPort}`, dynamicDir }),
  )
  settings.entryPoints.web.http = { middlewares: ['strip@file'] }
  settings.entryPoints.other = {
    address: `127.0.0.1:${otherPort}`,
    asDefault: true,
    http: { middlewares: ['strip@file'] },
  }
  const configFile = join(folder, 'traefik.yaml')
  await writeFile(configFile, stringify(settings))
  const found = await findTraefik(process.env)
  const part = found.state === 'ready' ? found.part : undefined
  if (!part) throw new Error('Traefik is not there yet: another test of this folder fetches it')
  const running = await startPartProcess({
    name: 'Traefik',
    address: `127.0.0.1:${webPort}`,
    command: part.command,
    args: [`--configFile=${configFile}`],
    cwd: plugin.pluginsDir,
    env: process.env,
    logFile: join(folder, 'traefik.log'),
    isReady: async () => (await fetch(`http://127.0.0.1:${apiPort}/ping`)).ok,
    readyWithinMs: 90_000,
  })
  cleanUp.push(
    () => running.stop(),
    plugin.remove,
    () => rm(folder, { recursive: true, force: true }),
  )
  return {
    dynamicDir,
    apiUrl: `http://127.0.0.1:${apiPort}`,
    webUrls: [webPort, otherPort].map((port) => `http://127.0.0.1:${port}`),
  }
}

describe('an overlay on entry points with middlewares of their own', () => {
  it('gets them once on each, as the base router does', async () => {
    const primary = await startEchoService('primary')
    const shadow = await startEchoService('shadow')
    cleanUp.push(primary.close, shadow.close)
    const { dynamicDir, apiUrl, webUrls } = await startWithEntryPointMiddlewares()
    const dynamic = {
      http: {
        routers: { app: { rule: 'PathPrefix(`/x`)', service: 'app' } },
        services: { app: { loadBalancer: { servers: [{ url: primary.url }] } } },
        middlewares: { strip: { stripPrefix: { prefixes: ['/x'] } } },
      },
    }
    await writeFile(join(dynamicDir, 'theirs.yaml'), stringify(dynamic))
    const urlSeenAt = async (webUrl: string) => {
      const echoed = (await (await fetch(`${webUrl}/x/x/y`)).json()) as { url: string }
      return echoed.url
    }
    const seen = () => Promise.all(webUrls.map(urlSeenAt))
    expect(await waitUntil(seen)).toEqual(['/x/y', '/x/y'])

    const api = createTraefikApi({ apiUrl })
    const discovered = await api.discover()
    const render = (more: Record<string, unknown>) => {
      const primary = { service: 'app@file' }
      const shadows = [{ name: 'shadow', url: shadow.url }]
      const parsed = parseRoute({ name: 'app', share: 100, primary, shadows, ...more }, 'file')
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
      const tap = { ingestUrl: 'http://127.0.0.1:9', tokenFile: '', hmacKeyFile: '' }
      return renderTraefik({ routes: [parsed.route], base: discovered.routers, tap })
    }
    const rendered = render({})
    expect(rendered.routes).toEqual([
      { route: 'app', state: 'applied', routers: ['understudy-app-overlay', 'understudy-app-overlay.2'] },
    ])
    const port = createTrafficPort({ dynamicDir, api, now: Date.now, confirmWithinMs: 60_000 })
    expect(await port.apply(rendered)).toMatchObject({ confirmed: true })
    expect(await seen()).toEqual(['/x/y', '/x/y'])
    await waitUntil(() => shadow.received.length === 2)
    expect(shadow.received).toEqual(['GET /x/y', 'GET /x/y'])
    // The same where the share goes by user: its routers below others get them through those.
    expect(await port.apply(render({ share: 50, stickyBy: { cookie: 'sid' } }))).toMatchObject({ confirmed: true })
    expect(await seen()).toEqual(['/x/y', '/x/y'])
    expect((await api.discover()).routers.map(({ name }) => name)).toEqual(discovered.routers.map(({ name }) => name))
  })
})

describe('the dynamic configuration written by hand', () => {
  it('is taken by Traefik as it is in the examples', async () => {
    const plugin = await passThroughPlugin()
    const example = resolve(import.meta.dirname, '../../plugin-config/examples/hand-written-dynamic.yaml')
    const traefik = await startTraefik({ pluginsDir: plugin.pluginsDir, dynamic: await readFile(example, 'utf8') })
    cleanUp.push(() => traefik.stop(), plugin.remove)
    const discovered = await createTraefikApi({ apiUrl: traefik.apiUrl }).discover()
    const theirs = discovered.routers.filter(({ name }) => name.endsWith('@file'))
    expect(theirs.map(({ name, status }) => [name, status])).toEqual([
      ['shop-plain@file', 'enabled'],
      ['shop@file', 'enabled'],
    ])
  })
})
