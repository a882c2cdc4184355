import { describe, expect, it } from '@jest/globals'
import { createLabelDiscovery } from '../../collector/roles/label-discovery.ts'
import type { Container } from '../../plugin-config/container-services.ts'
import type { Discovered } from '../../plugin-config/discovered.ts'
import type { Route } from '../../plugin-config/route.ts'
import { composed, serviceOf } from '../plugin-config/containers.ts'

const found = (services: { name: string; servers: Record<string, string> }[]): Discovered => ({
  version: '3.7.15',
  routers: services.map(({ name }) => ({
    ...{ name, rule: 'PathPrefix(`/`)', priority: 1, entryPoints: ['web'], service: name },
    ...{ status: 'enabled' as const, middlewares: [] },
  })),
  middlewares: [],
  entryPoints: [],
  services: services.map((each) => ({ ...each, type: 'loadbalancer', status: 'enabled' })),
})
const named = (...names: string[]) => found(names.map((name) => ({ name, servers: {} })))

function start(containers?: { list: Container[] | undefined; reachable?: boolean }) {
  let kept: readonly Route[] = []
  let time = 1_000_000
  let fails = false
  const log: string[] = []
  let accepted: Record<string, { percent: number; rate: number }> = {}
  const said = (fields: unknown, text?: string) => log.push(`${text} ${JSON.stringify(fields)}`)
  const discovery = createLabelDiscovery({
    keeper: {
      acceptedControls: async () => accepted,
      entries: () => kept.map((route) => ({ route, managedBy: 'label' })),
      async keepLabelRoutes(routes) {
        if (fails) throw new Error('the database is away')
        kept = routes
      },
    },
    ...(containers && {
      docker: {
        containers: () => containers.list,
        state: () => ({ host: '/d', reachable: containers.reachable ?? true, detail: '', containers: 0 }),
      },
    }),
    log: { info: said, warn: said } as unknown as Parameters<typeof createLabelDiscovery>[0]['log'],
    now: () => time,
  })
  return {
    discovery,
    log,
    routes: () => kept.map(({ name }) => name),
    pass: (ms: number) => {
      time += ms
    },
    controls: () => kept.map(({ control }) => control),
    accept: (controls: typeof accepted) => {
      accepted = controls
    },
    fail: (value: boolean) => {
      fails = value
    },
  }
}

describe('routes from discovery', () => {
  it('have the control traffic that was accepted, also after their containers were away', async () => {
    const { discovery, controls, accept, pass } = start()
    const both = named('x@docker', 'x-shadow@docker')
    await discovery.look(both)
    expect([controls(), discovery.outcome().proposals.length]).toEqual([[0], 1])
    accept({ 'x@docker': { percent: 5, rate: 5 }, 'other@docker': { percent: 9, rate: 9 } })
    await discovery.look(both)
    expect([controls(), discovery.outcome().proposals.length]).toEqual([[{ percent: 5, rate: 5 }], 0])
    await discovery.look(named('x@docker'))
    pass(31_000)
    await discovery.look(named('x@docker'))
    expect(controls()).toEqual([])
    await discovery.look(both)
    expect(controls()).toEqual([{ percent: 5, rate: 5 }])
  })

  it('come when the shadow comes, and go half a minute after it went', async () => {
    const { discovery, routes, pass } = start()
    await discovery.look(named('x@docker'))
    expect(routes()).toEqual([])
    await discovery.look(named('x@docker', 'x-shadow@docker'))
    expect(routes()).toEqual(['x'])
    pass(20_000)
    await discovery.look(named('x@docker'))
    expect(routes()).toEqual(['x'])
    pass(20_000)
    await discovery.look(named('x@docker'))
    expect(routes()).toEqual([])
  })

  it('stay through a restart loop without a change', async () => {
    const { discovery, log, pass } = start()
    for (let second = 0; second < 60; second += 1) {
      await discovery.look(second % 2 === 0 ? named('x@docker', 'x-shadow@docker') : named('x@docker'))
      pass(1_000)
    }
    expect(log.filter((line) => line.includes('"state":"paired"')).length).toBeLessThan(40)
    expect(discovery.outcome().routes).toHaveLength(1)
  })

  it('wait for the labels of a new container, and not for ever', async () => {
    const containers = { list: [] as Container[] }
    const { discovery, routes, pass } = start(containers)
    const x = composed('x')
    const shadow = composed('x-shadow', { 'understudy.share': '2' })
    await discovery.look(found([x, shadow].map(serviceOf)))
    expect(routes()).toEqual([])
    containers.list = [x, shadow]
    await discovery.look(found([x, shadow].map(serviceOf)))
    expect(discovery.outcome().routes).toMatchObject([{ name: 'x', share: 2 }])

    const elsewhere = start({ list: [] })
    await elsewhere.discovery.look(named('y@docker', 'y-shadow@docker'))
    elsewhere.pass(6_000)
    await elsewhere.discovery.look(named('y@docker', 'y-shadow@docker'))
    expect(elsewhere.routes()).toEqual(['y'])
    pass(0)
  })

  it('do not come while Docker is away, and those that are there stay', async () => {
    const x = composed('x')
    const shadow = composed('x-shadow')
    const containers = { list: [x, shadow], reachable: true }
    const { discovery, routes, pass } = start(containers)
    await discovery.look(found([x, shadow].map(serviceOf)))
    containers.reachable = false
    pass(60_000)
    await discovery.look(found([x, shadow, composed('y'), composed('y-shadow')].map(serviceOf)))
    expect(routes()).toEqual(['x'])
    expect(discovery.outcome().pairs.find(({ shadow: name }) => name.startsWith('y'))?.reason).toContain(
      'Docker has not',
    )
  })

  it('do not come for a primary that no router leads to', async () => {
    const { discovery, routes } = start()
    await discovery.look({ ...named('x@file', 'x-shadow@file'), routers: [] })
    expect(routes()).toEqual([])
    expect(discovery.outcome().pairs).toMatchObject([{ state: 'paired', reason: 'no router leads to x@file' }])
  })

  it('are tried again when they could not be kept', async () => {
    const { discovery, routes, fail, log } = start()
    fail(true)
    await discovery.look(named('x@docker', 'x-shadow@docker'))
    await discovery.look(named('x@docker', 'x-shadow@docker'))
    expect(routes()).toEqual([])
    expect(log.filter((line) => line.includes('the database is away'))).toHaveLength(1)
    fail(false)
    await discovery.look(named('x@docker', 'x-shadow@docker'))
    expect(routes()).toEqual(['x'])
  })

  it('tell a mistake in a label once, and the image behind each service', async () => {
    const x = composed('x', { 'understudy.shaer': '5' })
    const { discovery, log } = start({ list: [x] })
    for (let count = 0; count < 3; count += 1) await discovery.look(found([serviceOf(x)]))
    expect(log.filter((line) => line.includes('did you mean understudy.share?'))).toHaveLength(1)
    expect(discovery.images()).toEqual([
      {
        service: 'x-shop@docker',
        container: 'shop-x-1',
        image: 'shop-x-1:latest',
        imageId: 'sha256:shop-x-1',
        version: null,
      },
    ])
  })

  it('come for fifty containers that start at once', async () => {
    const all = Array.from({ length: 25 }, (_, index) => [composed(`s${index}`), composed(`s${index}-shadow`)]).flat()
    const { discovery, routes } = start({ list: all })
    await discovery.look(found(all.map(serviceOf)))
    expect(routes()).toHaveLength(25)
  })
})
