import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createTraefikApi } from '../../collector/discovery/traefik-api.ts'
import { createOverlaySwitch } from '../../collector/rollout/overlay-switch.ts'
import { createOverlaySync, type OverlaySync } from '../../collector/rollout/overlay-sync.ts'
import type { RouteStatus } from '../../collector/rollout/route-status.ts'
import { createTrafficPort, type TrafficPort } from '../../collector/rollout/traffic-port.ts'
import { renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { type EchoService, startEchoService } from '../helpers/echo-service.ts'
import { passThroughPlugin } from '../helpers/pass-through-plugin.ts'
import { startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const tap = { ingestUrl: 'http://127.0.0.1:9/v1/taps', tokenFile: '', hmacKeyFile: '' }
const now = () => Date.now()

function route(written: Record<string, unknown>): Route {
  const parsed = parseRoute({ share: 100, ...written }, 'file')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.route
}

describe('whatever happens to us, the primary answers', () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  let primary: EchoService
  let shadow: EchoService
  let traefik: TestTraefik
  let port: TrafficPort

  const start = async (options: { withPlugin: boolean } = { withPlugin: true }) => {
    const plugin = await passThroughPlugin()
    primary = await startEchoService('primary')
    shadow = await startEchoService('shadow')
    traefik = await startTraefik({
      pluginsDir: options.withPlugin ? plugin.pluginsDir : undefined,
      dynamic: {
        http: {
          routers: { app: { rule: 'PathPrefix(`/app`)', service: 'app' } },
          services: { app: { loadBalancer: { servers: [{ url: primary.url }] } } },
          middlewares: { closed: { ipAllowList: { sourceRange: ['10.1.2.3/32'] } } },
        },
      },
    })
    port = createTrafficPort({
      dynamicDir: traefik.dynamicDir,
      api: createTraefikApi({ apiUrl: traefik.apiUrl }),
      now,
      confirmWithinMs: 60_000,
    })
    cleanUp.push(() => traefik.stop(), primary.close, shadow.close, plugin.remove)
  }

  const writeShadow = () =>
    traefik.writeDynamic('shadow.yaml', {
      http: { services: { 'app-shadow': { loadBalancer: { servers: [{ url: shadow.url }] } } } },
    })

  const sync = (routes: Route[], log: string[] = []): OverlaySync => {
    const said = (fields: unknown, text?: string) => log.push(`${text} ${JSON.stringify(fields)}`)
    const started = createOverlaySync({
      port,
      overlaySwitch: createOverlaySwitch(traefik.dynamicDir),
      discover: createTraefikApi({ apiUrl: traefik.apiUrl }).discover,
      getRoutes: () => routes,
      tap,
      log: { info: said, warn: said } as Parameters<typeof createOverlaySync>[0]['log'],
      now,
      intervalMs: 100,
    })
    cleanUp.unshift(started.stop)
    return started
  }

  const isNow = (of: OverlaySync, state: RouteStatus['state']) =>
    waitUntil(() => of.status().find((status) => status.state === state), { what: `state ${state}` })

  const get = async (path: string) => {
    const response = await fetch(`${traefik.webUrl}${path}`)
    await response.text()
    return response.status
  }

  const ofService = () =>
    route({ name: 'app', primary: { service: 'app@file' }, shadows: [{ name: 'shadow', service: 'app-shadow@file' }] })
  const ofUrl = () =>
    route({
      name: 'own',
      rule: 'PathPrefix(`/own`)',
      primary: { url: primary.url },
      shadows: [{ name: 'shadow', url: shadow.url }],
    })

  beforeEach(() => {
    cleanUp.length = 0
  })

  afterEach(async () => {
    for (const step of cleanUp) await step()
  })

  it('with 200 throughout while the shadow vanishes and comes back', async () => {
    await start()
    await writeShadow()
    const overlays = sync([ofService()])
    await isNow(overlays, 'applied')
    expect(await get('/app/1')).toBe(200)
    await waitUntil(() => shadow.received.length > 0)

    const statuses = new Map<number, number>()
    let isDone = false
    const load = (async () => {
      while (!isDone) {
        const status = await get('/app/2')
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    })()
    await rm(join(traefik.dynamicDir, 'shadow.yaml'))
    const waiting = await isNow(overlays, 'waiting')
    expect(waiting.reason).toContain('app-shadow@file')
    await writeShadow()
    await isNow(overlays, 'applied')
    await waitUntil(() => (statuses.get(200) ?? 0) > 50, { what: 'more than 50 answers' })
    isDone = true
    await load
    expect([...statuses.keys()]).toEqual([200])
    expect(statuses.get(200)).toBeGreaterThan(50)
  })

  it('through the plain router in the gap before we have seen that the shadow is gone', async () => {
    await start()
    await writeShadow()
    const rendered = renderTraefik({
      routes: [ofService()],
      base: (await createTraefikApi({ apiUrl: traefik.apiUrl }).discover()).routers,
      tap,
    })
    await waitUntil(async () => (await port.apply(rendered)).confirmed)
    await rm(join(traefik.dynamicDir, 'shadow.yaml'))
    const seen = await waitUntil(async () => {
      const check = await port.check(rendered.revision)
      return check.confirmed ? undefined : check
    })
    expect(seen).toMatchObject({ loaded: true, problems: [{ router: 'understudy-app-overlay@file' }] })
    expect(seen.reason).toContain('app-shadow@file')
    expect(await get('/app/3')).toBe(200)
  })

  it('without the plugin: Traefik refuses the overlays, and we tell its reason', async () => {
    await start({ withPlugin: false })
    const overlays = sync([ofUrl()])
    const waiting = await waitUntil(() => overlays.status().find(({ reason }) => reason?.includes('Traefik:')))
    expect(waiting).toMatchObject({ route: 'own', state: 'waiting' })
    expect(await get('/own')).toBe(200)
    expect(await get('/app')).toBe(200)
  })

  it('when overlays are switched off, also after a restart, until they are switched on', async () => {
    await start()
    await writeShadow()
    const first = sync([ofService(), ofUrl()])
    await waitUntil(() => first.status().filter(({ state }) => state === 'applied').length === 2)
    expect(await first.off()).toEqual({ overlay: 'off', routes: 2 })
    const { routers } = await createTraefikApi({ apiUrl: traefik.apiUrl }).renderedState()
    expect(routers.map(({ name }) => name)).toEqual(['understudy-own-plain@file'])
    await first.stop()

    const second = sync([ofService(), ofUrl()])
    await waitUntil(() => second.status().filter(({ state }) => state === 'off').length === 2)
    expect(await get('/own')).toBe(200)
    expect(await get('/app')).toBe(200)
    expect(shadow.received).toEqual([])
    expect(await second.on()).toEqual({ overlay: 'on', routes: 2 })
    expect(await get('/own')).toBe(200)
    await waitUntil(() => shadow.received.length === 1)
  })

  it('and an overlay follows its base router when that becomes stricter', async () => {
    await start()
    await writeShadow()
    const overlays = sync([ofService()])
    await isNow(overlays, 'applied')
    await traefik.writeDynamic('test.yaml', {
      http: {
        routers: { app: { rule: 'PathPrefix(`/app`)', service: 'app', middlewares: ['closed'] } },
        services: { app: { loadBalancer: { servers: [{ url: primary.url }] } } },
        middlewares: { closed: { ipAllowList: { sourceRange: ['10.1.2.3/32'] } } },
      },
    })
    expect(await waitUntil(async () => (await get('/app')) === 403)).toBe(true)
    expect((await isNow(overlays, 'applied')).reason).toBeNull()
  })

  it('and a file of ours that someone changed is written again', async () => {
    await start()
    const overlays = sync([ofUrl()])
    await isNow(overlays, 'applied')
    await traefik.writeDynamic('understudy.yaml', '# nothing\n')
    await waitUntil(async () => (await port.current())?.includes('understudy-own-overlay'))
    await waitUntil(async () => (await get('/own')) === 200)
  })
})

describe('confirmation', () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const step of cleanUp.splice(0)) await step()
  })

  const rendered = () =>
    renderTraefik({
      routes: [
        route({
          name: 'own',
          rule: 'PathPrefix(`/own`)',
          primary: { url: 'http://127.0.0.1:9' },
          shadows: [{ name: 'shadow', service: 'nobody@file' }],
        }),
      ],
      base: [],
      tap,
    })

  const start = async () => {
    const plugin = await passThroughPlugin()
    const traefik = await startTraefik({
      pluginsDir: plugin.pluginsDir,
      dynamic: {
        http: {
          routers: {
            app: { rule: 'PathPrefix(`/app`)', service: 'ping@internal' },
          },
        },
      },
    })
    cleanUp.push(() => traefik.stop(), plugin.remove)
    return traefik
  }

  it("reports Traefik's own words about a reference that leads nowhere", async () => {
    const traefik = await start()
    const port = createTrafficPort({
      dynamicDir: traefik.dynamicDir,
      api: createTraefikApi({ apiUrl: traefik.apiUrl }),
      now,
      confirmWithinMs: 60_000,
    })
    const errors = ['building HTTP service "nobody@file": the service "nobody@file" does not exist']
    expect(await port.apply(rendered())).toEqual({
      confirmed: false,
      loaded: true,
      reason: `Traefik: understudy-own-overlay@file: ${errors[0]}`,
      problems: [{ router: 'understudy-own-overlay@file', errors }],
    })
  })

  it('names the broken file of someone else that keeps Traefik from reading ours', async () => {
    const traefik = await start()
    const api = createTraefikApi({ apiUrl: traefik.apiUrl })
    await traefik.writeDynamic('theirs.yaml', 'http: [unclosed\n')
    const port = createTrafficPort({ dynamicDir: traefik.dynamicDir, api, now, confirmWithinMs: 1_500 })
    const confirmation = await port.apply(rendered())
    expect(confirmation).toMatchObject({ confirmed: false, loaded: false })
    expect('reason' in confirmation && confirmation.reason).toContain('theirs.yaml: ')
  })

  it('says that the folder cannot be written, and throws nothing', async () => {
    const traefik = await start()
    const api = createTraefikApi({ apiUrl: traefik.apiUrl })
    const port = createTrafficPort({ dynamicDir: join(traefik.dynamicDir, 'no-such-folder'), api, now })
    expect(await port.apply(rendered())).toMatchObject({
      confirmed: false,
      loaded: false,
      reason: expect.stringContaining('cannot be written'),
    })
  })
})
