import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createDockerApi, dockerAddress } from '../../collector/discovery/docker-api.ts'
import { type DockerWatch, watchDocker } from '../../collector/discovery/docker-watch.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { type FakeEngine, shownContainer, startFakeEngine } from './docker-engine.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function engine(options: Parameters<typeof startFakeEngine>[0] = {}): Promise<FakeEngine> {
  const started = await startFakeEngine(options)
  cleanups.push(started.close)
  return started
}

function watch(host: string): { watch: DockerWatch; changes: () => number; log: string[] } {
  let changes = 0
  const log: string[] = []
  const said = (fields: unknown, text?: string) => log.push(`${text} ${JSON.stringify(fields)}`)
  const started = watchDocker({
    api: createDockerApi({ host, timeoutMs: 2_000 }),
    log: { info: said, warn: said } as unknown as Parameters<typeof watchDocker>[0]['log'],
    changed: () => {
      changes += 1
    },
    leastGapMs: 20,
  })
  cleanups.unshift(started.close)
  return { watch: started, changes: () => changes, log }
}

describe('where Docker is', () => {
  it.each([
    ['unix:///var/run/docker.sock', { socketPath: '/var/run/docker.sock' }],
    ['/run/docker.sock', { socketPath: '/run/docker.sock' }],
    ['tcp://docker-proxy:2375', { host: 'docker-proxy', port: 2375 }],
    ['tcp://[::1]:2375', { host: '::1', port: 2375 }],
    ['tcp://host', undefined],
    ['tcp://host:99999', undefined],
    ['tcp://user@host:2375', undefined],
    ['ssh://host', undefined],
    ['', undefined],
  ])('%s', (text, address) => {
    expect(dockerAddress(text)).toEqual(address)
  })
})

describe('reading Docker', () => {
  it('gives what is needed of each container, over TCP and over a socket', async () => {
    const socket = join(await mkdtemp(join(tmpdir(), 'understudy-docker-')), 'docker.sock')
    for (const options of [{}, { socket }]) {
      const docker = await engine(options)
      docker.containers.push(shownContainer('x', { 'understudy.share': '5', __proto__: 'x' }), { Id: 5 }, 'rubbish')
      const [found, ...rest] = await createDockerApi({ host: docker.host }).containers()
      expect(rest).toEqual([])
      expect(found).toMatchObject({
        ...{ id: 'id-x', name: 'x', image: 'x:1', imageId: 'sha256:x', state: 'running', health: 'starting' },
        ...{ networks: [{ name: 'shop', address: '172.18.0.2' }], ports: [80] },
      })
      expect({ ...found?.labels }).toEqual({ 'understudy.share': '5' })
    }
  })

  it.each([
    ['an error', { status: { '/containers/json': 403 } }, 'HTTP 403'],
    ['something that is no list', { body: '{}' }, 'is no list'],
    ['something that is no JSON', { body: '<html>' }, 'is not valid JSON'],
    ['more than is read', { body: `["${'x'.repeat(33 * 1024 * 1024)}"]` }, 'larger than'],
  ])('tells %s', async (_what, options, message) => {
    const docker = await engine(options)
    await expect(createDockerApi({ host: docker.host }).containers()).rejects.toMatchObject({
      code: 'docker-unavailable',
      message: expect.stringContaining(message),
    })
  })

  it('tells a socket that is not there', async () => {
    await expect(createDockerApi({ host: '/no/such.sock' }).containers()).rejects.toThrow(
      'Docker at /no/such.sock: is not there',
    )
  })

  it('asks with GET for two paths alone', async () => {
    const docker = await engine()
    const watching = watch(docker.host)
    await waitUntil(() => watching.watch.containers())
    await waitUntil(() => {
      docker.happen()
      return docker.asked.includes('GET /events') && docker.asked.length > 3
    })
    expect([...new Set(docker.asked)].sort()).toEqual(['GET /containers/json', 'GET /events'])
  })
})

describe('watching Docker', () => {
  it('reads again when something happens', async () => {
    const docker = await engine()
    const watching = watch(docker.host)
    await waitUntil(() => watching.watch.containers())
    docker.containers.push(shownContainer('x'))
    await waitUntil(() => {
      docker.happen()
      return watching.watch.containers()?.length === 1
    })
    expect(watching.watch.state()).toEqual({
      host: docker.host,
      reachable: true,
      detail: '1 containers run',
      containers: 1,
    })
  })

  it('takes many events at once for one reading or two, and tells no change where there is none', async () => {
    const docker = await engine()
    const watching = watch(docker.host)
    await waitUntil(() => docker.asked.includes('GET /events') && watching.watch.containers())
    const before = docker.asked.length
    for (let count = 0; count < 200; count += 1) docker.happen()
    await waitUntil(() => docker.asked.length > before)
    expect(docker.asked.length - before).toBeLessThan(20)
    expect(watching.changes()).toBe(1)
  })

  it('keeps what it knew while Docker is away, tells it once, and reads again when it is back', async () => {
    const socket = join(await mkdtemp(join(tmpdir(), 'understudy-docker-')), 'docker.sock')
    const docker = await startFakeEngine({ socket })
    docker.containers.push(shownContainer('x'))
    const watching = watch(socket)
    await waitUntil(() => watching.watch.containers()?.length === 1)
    await docker.close()
    await waitUntil(() => !watching.watch.state().reachable)
    expect(watching.watch.containers()).toHaveLength(1)
    const back = await engine({ socket })
    back.containers.push(shownContainer('x'), shownContainer('y'))
    await waitUntil(() => watching.watch.containers()?.length === 2)
    // Cut off first, not there later: each is told, and once.
    const told = watching.log.filter((line) => line.startsWith('the containers known so far hold'))
    expect(told.length).toBeGreaterThan(0)
    expect(new Set(told).size).toBe(told.length)
  })

  it('opens the events again when they are cut', async () => {
    const docker = await engine()
    watch(docker.host)
    const opened = () => docker.asked.filter((each) => each === 'GET /events').length
    await waitUntil(() => opened() === 1)
    await waitUntil(() => {
      docker.cutEvents()
      return opened() > 1
    })
  })

  it('ends at once, also while Docker does not answer', async () => {
    const started = watch('tcp://127.0.0.1:2')
    await waitUntil(() => started.log.length > 0)
    const startedAt = performance.now()
    await started.watch.close()
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
