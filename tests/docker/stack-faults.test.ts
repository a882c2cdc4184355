// Restarting and killing each service of the production stack in turn, while requests come: clients notice nothing but
// the proxy's own restart, every pair is accounted for once, and all is healthy again by itself.
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, type DockerStack, openDockerStack } from '../helpers/docker-stack.ts'
import { waitUntil } from '../helpers/wait-until.ts'

type Coverage = { tapped: number | null; compared: number; waiting: number | null }

const HEALTHY_WITHIN_MS = 60_000
const PER_SECOND = 40
let stack: DockerStack

beforeAll(async () => {
  stack = await openDockerStack({ profiles: [], settings: { UNDERSTUDY_PAIR_WINDOW_MS: '20000' } })
  await stack.up()
  const port = (name: string) => ({ [`traefik.http.services.${name}.loadbalancer.server.port`]: '8080' })
  const rule = { 'traefik.http.routers.steady.rule': 'PathPrefix(`/steady`)' }
  await stack.ownProject('steady', { steady: { ...rule, ...port('steady') }, candidate: port('candidate') })
  // Two names that do not pair by themselves: this route comes over REST.
  const route = {
    name: 'steady',
    primary: { service: 'steady@docker' },
    shadows: [{ name: 'shadow', service: 'candidate@docker' }],
    share: 100,
  }
  await stack.post('/api/v1/routes', route)
  await waitUntil(
    async () => {
      await ask(`${stack.webUrl}/steady/first`)
      return (await coverage()).compared > 0
    },
    { withinMs: 120_000, everyMs: 500, what: 'the first comparison' },
  )
})

afterAll(() => stack?.remove())

const coverage = async () => (await stack.api<{ coverage: Coverage }>('/api/v1/routes/steady/report')).coverage

/** Requests at a steady rate until `stop`, which gives how many there were and which failed. */
function load() {
  const agent = new Agent({ keepAlive: true })
  const failed: string[] = []
  let sent = 0
  let isOver = false
  const underWay = new Set<Promise<void>>()
  const running = (async () => {
    while (!isOver) {
      sent += 1
      const one: Promise<void> = ask(`${stack.webUrl}/steady/${sent}`, {}, agent)
        .then(
          ({ status }) => void (status === 200 || failed.push(`status ${status}`)),
          (error: Error) => void failed.push(error.message),
        )
        .finally(() => underWay.delete(one))
      underWay.add(one)
      await delay(1000 / PER_SECOND)
    }
    await Promise.all(underWay)
    agent.destroy()
  })()
  return {
    /** Those that have an answer, or none to come. */
    over: () => sent - underWay.size,
    async stop() {
      isOver = true
      await running
      return { sent, failed }
    },
  }
}

/** Since when the container of a service runs: another time after each start. */
async function startedAt(service: string): Promise<string> {
  return stack.docker.run('inspect', '--format', '{{.State.StartedAt}}', await stack.id(service))
}

async function isHealthy(): Promise<boolean> {
  const ids = (await stack.compose(['ps', '--all', '--quiet'])).output.trim().split(/\s+/)
  const states = await stack.docker.run('inspect', '--format', '{{.State.Health.Status}}', ...ids)
  return states.split('\n').every((state) => state === 'healthy')
}

const services = ['collector', 'kafka', 'postgres', 'docker-proxy', 'traefik']
const ways = [
  { way: 'restarted', act: (service: string) => stack.compose(['restart', service]) },
  {
    // Not `docker kill`: the engine takes that for a wish, and leaves the container down.
    way: 'killed',
    async act(service: string) {
      const pid = Number(await stack.docker.run('inspect', '--format', '{{.State.Pid}}', await stack.id(service)))
      process.kill(pid, 'SIGKILL')
    },
  },
]

describe.each(services)('%s', (service) => {
  it.each(ways)('may be $way under load', async ({ act }) => {
    const before = await startedAt(service)
    const { over, stop } = load()
    await waitUntil(() => over() >= PER_SECOND, { what: 'a second of requests' })
    const actedAt = performance.now()
    await act(service)
    // The engine hears of an end a moment later.
    await waitUntil(async () => (await startedAt(service)) !== before, {
      everyMs: 100,
      what: `${service} to start anew`,
    })
    await waitUntil(isHealthy, { withinMs: HEALTHY_WITHIN_MS, everyMs: 500, what: 'every service to be healthy' })
    const seconds = (performance.now() - actedAt) / 1000
    const { sent, failed } = await stop()
    process.stderr.write(`${service}: healthy after ${seconds.toFixed(0)} s, failed: ${failed.length} of ${sent}\n`)
    if (service !== 'traefik') expect(failed).toEqual([])
  })
})

it('accounts for every expected pair once', async () => {
  const settled = await waitUntil(
    async () => {
      const found = await coverage()
      return found.waiting === 0 && found
    },
    { withinMs: 300_000, everyMs: 1_000, what: 'tapped = compared + unpaired + dropped' },
  )
  process.stderr.write(`${JSON.stringify(settled)}\n`)
  const id = await stack.id('postgres')
  const sql = 'SELECT count(*) - count(DISTINCT (exchange_id, variant)) FROM comparisons'
  const url = `postgres://understudy:$(cat /run/secrets/postgres-password)@127.0.0.1/understudy`
  expect(await stack.docker.run('exec', id, 'sh', '-c', `psql "${url}" -Atc '${sql}'`)).toBe('0')
})
