import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AuditPage } from '../../collector/api/audit-schemas.ts'
import type { Applied, RoutePreview, RouteVersion, RouteView } from '../../collector/api/route-schemas.ts'
import type { Problem } from '../../collector/api/schemas.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { type RouteWorld, startRouteWorld } from './route-world.ts'

let world: RouteWorld
beforeAll(async () => {
  world = await startRouteWorld()
})
afterAll(() => world?.close())

const written = (name: string) => ({
  name,
  rule: `PathPrefix(\`/${name}\`)`,
  primary: { url: 'http://127.0.0.1:3000' },
  shadows: [{ name: 'shadow', url: 'http://127.0.0.1:3001' }],
})
const viewOf = async (name: string) => (await world.ask('GET', `routes/${name}`)).json as RouteView
const problem = ({ json }: { json: unknown }) => json as Problem

describe('a route over REST', () => {
  it('goes its way from made to restored, each step with version, audit and event', async () => {
    const heard: string[] = []
    const unsubscribe = world.api.parts.subscribe?.((event) => {
      if (event.kind === 'event' && event.event.route === 'shop') heard.push(event.event.kind)
    })
    const made = await world.ask('POST', 'routes', written('shop'))
    expect(made).toMatchObject({ status: 201, json: { name: 'shop', version: 1, managedBy: 'rest', share: 10 } })
    expect(made.headers.get('location')).toBe('/api/v1/routes/shop')
    expect(made.headers.get('etag')).toBe('"1"')

    const patched = await world.ask('PATCH', 'routes/shop', { share: 25, protect: { rate: 7 } }, '"1"')
    expect(patched).toMatchObject({ status: 200, json: { version: 2, share: 25, protect: { rate: 7, burst: 200 } } })
    const same = await world.ask('PATCH', 'routes/shop', { share: 25 }, '"2"')
    expect(same).toMatchObject({ status: 200, json: { version: 2 } })
    const put = await world.ask('PUT', 'routes/shop', { ...written('shop'), share: 50 }, '"2"')
    expect(put).toMatchObject({ status: 200, json: { version: 3, share: 50, protect: { rate: 100 } } })
    expect((await world.ask('PUT', 'routes/shop', await viewOf('shop'), '"3"')).json).toMatchObject({ version: 3 })

    expect((await world.ask('DELETE', 'routes/shop', undefined, '"3"')).status).toBe(204)
    expect((await world.ask('GET', 'routes/shop')).status).toBe(404)
    const versions = (await world.ask('GET', 'routes/shop/versions')).json as { items: RouteVersion[] }
    expect(versions.items.map(({ version, action }) => [version, action])).toEqual([
      [4, 'deleted'],
      [3, 'changed'],
      [2, 'changed'],
      [1, 'created'],
    ])
    const restored = await world.ask('POST', 'routes/shop/restore', { version: 2 })
    expect(restored).toMatchObject({ status: 200, json: { version: 5, share: 25, protect: { rate: 7 } } })

    const audit = (await world.ask('GET', 'audit?route=shop')).json as AuditPage
    const shares = (of: unknown) => (of as { share?: number } | null)?.share ?? null
    expect(
      audit.items.map(({ kind, actor, details }) => {
        const { before, after } = details as { before: unknown; after: unknown }
        return [kind, actor, shares(before), shares(after)]
      }),
    ).toEqual([
      ['route.restored', 'rest', null, 25],
      ['route.deleted', 'rest', 50, null],
      ['route.changed', 'rest', 25, 50],
      ['route.changed', 'rest', 10, 25],
      ['route.created', 'rest', null, 10],
    ])
    await waitUntil(() => heard.length === 5)
    expect(heard).toEqual(audit.items.map(({ kind }) => kind).reverse())
    unsubscribe?.()
  })

  it('shows the exact change in Traefik and changes nothing with dryRun', async () => {
    const trial = await world.ask('POST', 'routes?dryRun=true', { ...written('trial'), share: 33 })
    const preview = trial.json as RoutePreview
    expect(trial.status).toBe(200)
    expect(preview.before).toBeNull()
    expect(preview.after).toContain('understudy-trial-overlay:')
    expect(preview.diff).toMatch(/^--- \/dev\/null\n\+\+\+ b\/trial\n@@/)
    expect((await world.ask('GET', 'routes/trial')).status).toBe(404)
    expect((await world.ask('GET', 'routes/trial/versions')).status).toBe(404)

    await world.ask('POST', 'routes', written('trial'))
    const change = (await world.ask('PATCH', 'routes/trial?dryRun=true', { share: 20 })).json as RoutePreview
    expect(change.before).toContain('weight: 11')
    expect(change.after).toContain('weight: 21')
    expect(change.diff).toMatch(/\n-\s+weight: 11\n\+\s+weight: 21\n/)
    expect(await viewOf('trial')).toMatchObject({ version: 1, share: 10 })
    const discovered = {
      name: 'app',
      primary: { service: 'app@docker' },
      shadows: [{ name: 'shadow', service: 'app-shadow@docker' }],
    }
    const found = (await world.ask('POST', 'routes?dryRun=true', discovered)).json as RoutePreview
    expect(found.after).toContain('(Host(`app.example`)) && (Method(`GET`)')
    expect(found.after).toContain('priority: 191')
    const tied = { ...written('tied'), rule: 'Host(`app.example`)', priority: 190 }
    const refused = (await world.ask('POST', 'routes?dryRun=true', tied)).json as RoutePreview
    expect(refused.notes.join()).toContain('refused: router app@docker (priority 190) may match the same requests')
    const gone = (await world.ask('DELETE', 'routes/trial?dryRun=true')).json as RoutePreview
    expect(gone).toMatchObject({ route: null, after: null })
    expect((await viewOf('trial')).version).toBe(1)
  })

  it('lets only one of two who save at once win, and tells the other which version is there', async () => {
    await world.ask('POST', 'routes', written('raced'))
    const answers = await Promise.all([20, 30].map((share) => world.ask('PATCH', 'routes/raced', { share }, '"1"')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
    const lost = answers.find(({ status }) => status === 412)!
    expect(lost.headers.get('etag')).toBe('"2"')
    expect(problem(lost).detail).toContain('is at version 2 (by rest')
    const made = await Promise.all([1, 2, 3].map(() => world.ask('POST', 'routes', written('once'))))
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  it.each([
    ['nothing', undefined, 428],
    ['an old version', '"7"', 412],
    ['a weak tag', 'W/"1"', 412],
    ['no tag at all', 'x', 412],
    ['any version', '*', 200],
    ['one of several', '"9", "1"', 200],
  ])('takes If-Match with %s', async (_what, ifMatch, status) => {
    const name = `match-${String(status)}-${(ifMatch ?? 'none').replaceAll(/[^0-9a-z]/g, '')}-x`
    await world.ask('POST', 'routes', written(name))
    expect((await world.ask('PATCH', `routes/${name}`, { share: 11 }, ifMatch)).status).toBe(status)
    if (status !== 200) expect((await world.ask('DELETE', `routes/${name}`, undefined, ifMatch)).status).toBe(status)
  })

  it('keeps the last 50 versions and restores any of them', async () => {
    await world.ask('POST', 'routes', written('long'))
    for (let share = 11; share < 66; share += 1) await world.ask('PATCH', 'routes/long', { share }, '*')
    const { items } = (await world.ask('GET', 'routes/long/versions')).json as { items: RouteVersion[] }
    expect(items).toHaveLength(50)
    expect(items.at(-1)?.version).toBe(7)
    expect((await world.ask('POST', 'routes/long/restore', { version: 7 }, '*')).json).toMatchObject({
      share: 16,
      version: 57,
    })
    expect((await world.ask('POST', 'routes/long/restore', { version: 1 }, '*')).status).toBe(404)
  })

  it('refuses to change what a file or a label manages, and says where to', async () => {
    const { routes } = { routes: world.store }
    await routes.change(async (turn) => {
      for (const managedBy of ['file', 'label'] as const) {
        const route = { ...(await turn.get('shop'))!.route, name: `by-${managedBy}` }
        await turn.put(route, { managedBy, actor: managedBy })
      }
    })
    await world.registry.refresh()
    for (const [managedBy, mend] of [
      ['file', 'the routes file'],
      ['label', 'labels at its container'],
    ]) {
      const path = `routes/by-${managedBy}`
      expect(await viewOf(`by-${managedBy}`)).toMatchObject({ managedBy })
      for (const answer of [
        await world.ask('PATCH', path, { share: 1 }, '*'),
        await world.ask('PUT', path, written(`by-${managedBy}`), '*'),
        await world.ask('DELETE', path, undefined, '*'),
        await world.ask('POST', `${path}/restore`, { version: 1 }, '*'),
        await world.ask('POST', 'routes/apply', { routes: [written(`by-${managedBy}`)] }),
      ]) {
        expect(answer).toMatchObject({ status: 409, json: { type: 'urn:understudy:problem:managed-elsewhere' } })
        expect(problem(answer).detail).toContain(mend)
      }
    }
  })

  it('keeps its name', async () => {
    const answer = await world.ask('PATCH', 'routes/shop', { name: 'trial' }, '*')
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '/body/name' }] } })
  })
})

describe('many routes at once', () => {
  it('are made so, all or none, and told before', async () => {
    const list = [written('apply-a'), { ...written('apply-b'), share: 40 }]
    const dry = (await world.ask('POST', 'routes/apply', { routes: list, dryRun: true })).json as Applied
    expect(dry.items.map(({ name, action }) => [name, action])).toEqual([
      ['apply-a', 'create'],
      ['apply-b', 'create'],
    ])
    expect(dry.items[1]?.diff).toContain('+share: 40')
    expect(dry.items[1]?.traefik).toContain('+    understudy-apply-b-overlay:')
    expect((await world.ask('GET', 'routes/apply-a')).status).toBe(404)

    const broken = await world.ask('POST', 'routes/apply', { routes: [...list, { ...written('x'), share: 101 }] })
    expect(broken).toMatchObject({ status: 400, json: { errors: [{ pointer: '/body/routes/2/share' }] } })
    expect((await world.ask('GET', 'routes/apply-a')).status).toBe(404)

    await world.ask('POST', 'routes/apply', { routes: list })
    const again = (await world.ask('POST', 'routes/apply', { routes: [list[0], { ...list[1], share: 41 }] }))
      .json as Applied
    expect(again.items.map(({ action }) => action)).toEqual(['unchanged', 'change'])
    const everyone = ((await world.ask('GET', 'routes')).json as { items: RouteView[] }).items
    const rest = everyone.filter(({ name }) => name !== 'apply-b')
    const pruned = (await world.ask('POST', 'routes/apply', { routes: rest, prune: true })).json as Applied
    expect(
      pruned.items.filter(({ action }) => action !== 'unchanged').map(({ name, action }) => [name, action]),
    ).toEqual([['apply-b', 'delete']])
  })

  it('a thousand are taken in one request', async () => {
    const routes = Array.from({ length: 1000 }, (_, index) => written(`many-${index}`))
    const answer = await world.ask('POST', 'routes/apply', { routes })
    expect(answer.status).toBe(200)
    expect(world.registry.routes().length).toBeGreaterThanOrEqual(1000)
    const tooMany = Array.from({ length: 1001 }, (_, index) => written(`more-${index}`))
    expect((await world.ask('POST', 'routes/apply', { routes: tooMany })).status).toBe(409)
    const kept = world.registry.entries().filter(({ route }) => !route.name.startsWith('many-'))
    const back = { routes: kept.map(({ route }) => route), prune: true }
    expect((await world.ask('POST', 'routes/apply', back)).status).toBe(200)
  })
})

describe('what must not become a route', () => {
  const shadow = [{ name: 'shadow', url: 'http://127.0.0.1:3001' }]
  it.each<[string, Record<string, unknown>, string]>([
    ...([-1, 100.5, '50', 1e308, 0, null, true, [10]] as const).map(
      (share): [string, Record<string, unknown>, string] => [
        `share ${JSON.stringify(share)}`,
        { share, ...(share === null ? { name: 'A' } : {}) },
        share === null ? '/body/name' : '/body/share',
      ],
    ),
    ['a control of 101', { control: 101 }, '/body/control'],
    ...['a/b', 'a@b', '..', '😀', 'x'.repeat(300), '', 'A b'].map((name): [string, Record<string, unknown>, string] => [
      `name ${name.slice(0, 10)}`,
      { name },
      '/body/name',
    ]),
    ...[
      'http://169.254.169.254',
      'http://[::ffff:169.254.169.254]',
      'http://0x7f.1',
      'http://2130706433',
      'file:///etc/passwd',
      'http://a@b:80#@c',
      'http://metadata.google.internal',
      'http://[fd00:ec2::254]',
      'http://0.0.0.0',
      'http://x/{{env "X"}}',
      'http://x`y',
      'gopher://127.0.0.1',
    ].map((url): [string, Record<string, unknown>, string] => [
      `target ${url}`,
      { shadows: [{ name: 'shadow', url }] },
      '/body/shadows/0/url',
    ]),
    ...['api@internal', 'dashboard@internal', 'understudy-x-share@file', 'x', 'x@file`', '../x@file'].map(
      (service): [string, Record<string, unknown>, string] => [
        `service ${service}`,
        { primary: { service }, rule: undefined },
        '/body/primary/service',
      ],
    ),
    ...[
      'Host(`a',
      'Host(`{{env "X"}}`)',
      'Host(`a`) && Evil(`x`)',
      'Host(`a`)\nrouters: x',
      `Host(\`${'a'.repeat(10_240)}\`)`,
      '',
    ].map((rule): [string, Record<string, unknown>, string] => [`rule ${rule.slice(0, 24)}`, { rule }, '/body/rule']),
    ['an unknown field', { shadowPercnt: 5 }, '/body/shadowPercnt'],
    ['two shadows of one name', { shadows: [...shadow, ...shadow] }, '/body/shadows/1/name'],
    [
      'the reserved name control',
      { shadows: [{ name: 'control', url: 'http://127.0.0.1:1' }] },
      '/body/shadows/0/name',
    ],
    ['no shadow', { shadows: [] }, '/body/shadows'],
    [
      '10,000 shadows',
      { shadows: Array.from({ length: 900 }, (_, index) => ({ name: `s${index}`, url: 'http://127.0.0.1' })) },
      '/body/shadows',
    ],
  ])('%s', async (_what, changed, pointer) => {
    const body = { ...written('bad'), ...changed }
    for (const answer of [
      await world.ask('POST', 'routes', body),
      await world.ask('POST', 'routes?dryRun=true', body),
    ]) {
      expect(answer.status).toBe(400)
      expect(problem(answer).errors?.map((each) => each.pointer)).toContain(pointer)
    }
    expect((await world.ask('GET', 'routes/bad')).status).toBe(404)
  })

  it.each([
    ['a body of 2 MB', `{"name":"${'x'.repeat(2_000_000)}"}`, 413],
    ['duplicate keys', '{"name":"a","name":"b"}', 400],
    ['a prototype', '{"__proto__":{"share":1},"name":"a"}', 400],
    ['text', 'hello', 400],
    ['a list', '[]', 400],
  ])('%s', async (_what, body, status) => {
    const headers = { 'Content-Type': 'application/json' }
    expect((await world.api.send('POST', '/api/v1/routes', { headers, body })).status).toBe(status)
  })

  it('the form of another site', async () => {
    const body = JSON.stringify(written('forged'))
    for (const headers of [
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/json', Origin: 'http://evil' },
      { 'Content-Type': 'application/json', Origin: 'null' },
    ])
      expect(
        (await world.api.send('POST', '/api/v1/routes', { headers: headers as Record<string, string>, body })).status,
      ).toBeGreaterThanOrEqual(403)
    const origin = { Origin: 'http://evil', 'If-Match': '*' }
    expect((await world.api.send('DELETE', '/api/v1/routes/shop', { headers: origin })).status).toBe(403)
  })
})
