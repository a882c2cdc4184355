import { afterEach, describe, expect, it } from '@jest/globals'
import { createOverlaySync, type OverlaySync } from '../../collector/rollout/overlay-sync.ts'
import type { Confirmation } from '../../collector/rollout/traffic-port.ts'
import type { Discovered } from '../../plugin-config/discovered.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'

const route = (name: string, written: Record<string, unknown>): Route => {
  const parsed = parseRoute({ name, shadows: [{ name: 'shadow', url: 'http://10.0.0.2' }], ...written }, 'file')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.route
}
const toUrl = route('own', { rule: 'PathPrefix(`/own`)', priority: 50, primary: { url: 'http://10.0.0.1' } })
const found = route('found', { primary: { service: 'app@docker' } })

const traefik = (middlewares: string[] = []): Discovered => ({
  version: '3.7.15',
  entryPoints: [],
  middlewares: [],
  services: [{ name: 'app@docker', type: 'loadbalancer', status: 'enabled', servers: {} }],
  routers: [
    {
      ...{ name: 'app@docker', rule: 'Host(`app.example`)', priority: 19, entryPoints: ['web'], service: 'app@docker' },
      ...{ status: 'enabled' as const, middlewares },
    },
  ],
})

const syncs: OverlaySync[] = []
afterEach(async () => {
  await Promise.all(syncs.splice(0).map((sync) => sync.stop()))
})

/** A sync on fakes whose state the test changes; it only looks when it is told to. */
function start(options: { text?: string; routes?: Route[]; isOff?: boolean; discovered?: Error } = {}) {
  const world = {
    discovered: (options.discovered ?? traefik()) as Discovered | Error | (() => Discovered),
    isSure: true,
    text: options.text,
    isOff: options.isOff ?? false,
    writes: 0,
    answer: undefined as Confirmation | undefined,
    routes: options.routes ?? [toUrl, found],
    log: [] as string[],
    seen: [] as (string | undefined)[],
  }
  const confirm = (revision: string): Confirmation => world.answer ?? { confirmed: true, revision }
  const write = (yaml: string, revision: string) => {
    world.text = yaml
    world.writes += 1
    return confirm(revision)
  }
  const said = (fields: { state?: string }) => void world.log.push(String(fields.state ?? 'confirmed'))
  const sync = createOverlaySync({
    port: {
      apply: async ({ yaml, revision }) => write(yaml, revision),
      check: async (revision) => confirm(revision),
      current: async () => world.text,
    },
    overlaySwitch: {
      isOff: async () => world.isOff,
      set: async (off) => {
        world.isOff = off
      },
    },
    discover: async () => {
      if (world.discovered instanceof Error) throw world.discovered
      return typeof world.discovered === 'function' ? world.discovered() : world.discovered
    },
    getRoutes: () => world.routes,
    isSure: () => world.isSure,
    tap: { ingestUrl: 'http://x', tokenFile: '', hmacKeyFile: '' },
    onDiscovered: (before) => void world.seen.push(before?.version),
    log: { info: said, warn: said },
    now: () => 0,
    intervalMs: 3_600_000,
  })
  syncs.push(sync)
  return { world, sync }
}

const states = (sync: OverlaySync) => Object.fromEntries(sync.status().map(({ route, state }) => [route, state]))

describe('the overlay sync', () => {
  it('writes once, and again only when something changed', async () => {
    const { world, sync } = start()
    await sync.refresh()
    await sync.refresh()
    expect(world.writes).toBe(1)
    expect(states(sync)).toEqual({ own: 'applied', found: 'applied' })
    world.discovered = traefik(['auth@docker'])
    await sync.refresh()
    expect(world.writes).toBe(2)
    expect(world.text).toContain('auth@docker')
  })

  it('tells what was found before and now', async () => {
    const { world, sync } = start()
    await sync.refresh()
    expect(world.seen).toEqual([undefined, '3.7.15'])
    expect(sync.discovered()?.version).toBe('3.7.15')
  })

  it('leaves the file of an earlier run alone while nothing is known of Traefik', async () => {
    const { world, sync } = start({ text: '# an earlier run', discovered: new Error('connection refused') })
    await sync.refresh()
    expect(world).toMatchObject({ text: '# an earlier run', writes: 0 })
    expect(sync.status()).toMatchObject([
      { route: 'found', state: 'waiting', reason: 'connection refused' },
      { route: 'own', state: 'waiting', reason: 'connection refused' },
    ])
    world.discovered = traefik()
    await sync.refresh()
    expect(states(sync)).toEqual({ own: 'applied', found: 'applied' })
  })

  it('writes plain routers, so that traffic flows, where there is no file and nothing is known of Traefik', async () => {
    const { world, sync } = start({ discovered: new Error('connection refused') })
    await sync.refresh()
    expect(world.text).toContain('understudy-own-plain')
    expect(world.text).not.toContain('-overlay')
  })

  it('keeps overlays while Traefik does not answer for a while', async () => {
    const { world, sync } = start()
    await sync.refresh()
    world.discovered = new Error('connection refused')
    world.answer = { confirmed: false, loaded: false, reason: 'connection refused', problems: [] }
    await sync.refresh()
    expect(world.text).toContain('understudy-found-overlay')
    expect(sync.status()).toContainEqual(
      expect.objectContaining({
        route: 'found',
        state: 'waiting',
        reason: 'connection refused',
        confirmedAt: expect.any(String),
      }),
    )
  })

  it('takes an overlay away when its base router goes', async () => {
    const { world, sync } = start()
    await sync.refresh()
    world.discovered = { ...traefik(), routers: [] }
    await sync.refresh()
    expect(world.text).not.toContain('understudy-found-overlay')
    expect(states(sync)).toEqual({ own: 'applied', found: 'waiting' })
  })

  it("tells Traefik's reason for each route that it refuses, and for no other", async () => {
    const { world, sync } = start()
    world.answer = {
      ...{ confirmed: false, loaded: true, reason: 'x' },
      problems: [{ router: 'web-understudy-own-overlay@file', errors: ['no plugin'] }],
    }
    await sync.refresh()
    await sync.refresh()
    expect(sync.status()).toEqual([
      expect.objectContaining({ route: 'found', state: 'applied', reason: null }),
      expect.objectContaining({ route: 'own', state: 'waiting', reason: 'Traefik: no plugin' }),
    ])
  })

  it('takes one look for a change and for whoever waits for it', async () => {
    const { world, sync } = start()
    await sync.refresh()
    const looks = world.seen.length
    world.routes = [toUrl]
    const changed = sync.refresh()
    await sync.settled()
    expect(states(sync)).toEqual({ own: 'applied' })
    await changed
    expect(world.seen.length).toBe(looks + 1)
    world.routes = [toUrl, found]
    await sync.settled()
    expect(states(sync)).toEqual({ own: 'applied', found: 'applied' })
    expect(world.seen.length).toBe(looks + 2)
  })

  it('puts back what another hand changed before it looks at what there is to route', async () => {
    const { world, sync } = start()
    await sync.refresh()
    const whole = world.text
    const clean = traefik()
    const stranger = { ...clean.routers[0], name: 'stranger@file', rule: 'Host(`app.example`)', priority: 20 }
    world.text = `${whole}# edited`
    world.discovered = () =>
      world.text === whole ? clean : { ...clean, routers: [...clean.routers, stranger as never] }
    await sync.refresh()
    expect(world.text).toBe(whole)
    expect(states(sync)).toEqual({ own: 'applied', found: 'applied' })
    expect(sync.traefik().drift).toMatchObject({ kind: 'changed', count: 1 })
    world.text = undefined
    await sync.refresh()
    expect(world.text).toBe(whole)
    expect(sync.traefik().drift).toMatchObject({ kind: 'deleted', count: 2 })
  })

  it('replaces nothing but its own while another process may lead', async () => {
    const { world, sync } = start()
    await sync.refresh()
    world.isSure = false
    world.text = 'of another process'
    world.discovered = traefik(['auth@docker'])
    await sync.refresh()
    expect(world.text).toBe('of another process')
    expect(states(sync)).toEqual({ own: 'waiting', found: 'waiting' })
    world.isSure = true
    await sync.refresh()
    expect(world.text).toContain('auth@docker')
  })

  it('goes on with its own while PostgreSQL is away', async () => {
    const { world, sync } = start()
    await sync.refresh()
    world.isSure = false
    world.discovered = traefik(['auth@docker'])
    await sync.refresh()
    expect(world.text).toContain('auth@docker')
  })

  it('logs a route when its state changes, not at each look', async () => {
    const { world, sync } = start()
    await sync.refresh()
    const before = world.log.length
    await sync.refresh()
    await sync.refresh()
    expect(world.log.length).toBe(before)
  })

  it('switches off and on, and says how many routes that changed', async () => {
    const { world, sync } = start()
    await sync.refresh()
    expect(await sync.off()).toEqual({ overlay: 'off', routes: 2 })
    expect(world.text).not.toContain('-overlay')
    expect(states(sync)).toEqual({ own: 'off', found: 'off' })
    expect(await sync.off()).toEqual({ overlay: 'off', routes: 0 })
    expect(await sync.on()).toEqual({ overlay: 'on', routes: 2 })
    expect(world.text).toContain('understudy-found-overlay')
  })

  it('switches off even when Traefik does not answer, and says that it is not confirmed', async () => {
    const { world, sync } = start()
    await sync.refresh()
    world.discovered = new Error('connection refused')
    world.answer = { confirmed: false, loaded: false, reason: 'connection refused', problems: [] }
    expect(await sync.off()).toMatchObject({ overlay: 'off', detail: 'connection refused' })
    expect(world.text).not.toContain('-overlay')
  })

  it('starts switched off when it was switched off before', async () => {
    const { world, sync } = start({ isOff: true })
    await sync.refresh()
    expect(world.text).not.toContain('-overlay')
    expect(states(sync)).toEqual({ own: 'off', found: 'off' })
  })

  it('forgets a route that is gone', async () => {
    const { world, sync } = start()
    await sync.refresh()
    world.routes = [toUrl]
    await sync.refresh()
    expect(states(sync)).toEqual({ own: 'applied' })
  })
})
