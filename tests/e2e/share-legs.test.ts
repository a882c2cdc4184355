// What each leg gets and what it is spared, with real Traefik: several shadows, headers, GraphQL, loops, the breaker.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { goroutines } from '../helpers/share-bench.ts'
import { type ShareStage, startShareStage } from '../helpers/share-stage.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let stage: ShareStage
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-legs-'))
  stage = await startShareStage({ debug: true })
})
beforeEach(() => stage.clear())
afterAll(async () => {
  await stage?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('several shadows', () => {
  it('each get what is sampled, with headers of their own, and the primary gets its own', async () => {
    const file = join(folder, 'next.credentials')
    await writeFile(file, 'Bearer of-the-shadow\n')
    await stage.apply({
      shadows: [
        {
          name: 'a',
          url: stage.urls.shadow,
          credentials: { file },
          host: 'a.example',
          headers: { set: { 'X-Env': 'a' } },
        },
        { name: 'b', url: stage.urls.other, credentials: 'strip', host: 'target', headers: { remove: ['X-Debug'] } },
      ],
    })
    const client = { authorization: 'Bearer of-the-client', cookie: 'sid=1', 'x-debug': '1', 'user-agent': 'legs/1' }
    await stage.ask('/app/x?y=1', { headers: { ...client, 'x-shadow-request': 'true', 'x-original-host': 'forged' } })
    await waitUntil(() => stage.records.length >= 3, { what: 'three records' })
    const [primary] = stage.seen.primary
    const [a] = stage.seen.shadow
    const [b] = stage.seen.other
    const host = stage.traefik.url.replace('http://', '')
    expect(primary?.headers).toMatchObject({
      ...{
        ...client,
        host,
        'x-shadowing-enabled': 'true',
        'x-shadow-target': `${stage.urls.shadow},${stage.urls.other}`,
      },
    })
    for (const name of ['x-shadow-request', 'x-original-host', 'x-understudy-hop'])
      expect(primary?.headers).not.toHaveProperty(name)
    const original = {
      ...{
        'x-shadow-request': 'true',
        'x-original-host': host,
        'x-original-uri': '/app/x?y=1',
        'x-original-method': 'GET',
      },
      ...{ 'x-original-user-agent': 'legs/1', 'x-original-forwarded-for': '127.0.0.1' },
      'x-original-remote-addr': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    }
    expect(a?.headers).toMatchObject({
      ...original,
      ...{ host: 'a.example', authorization: 'Bearer of-the-shadow', 'x-env': 'a', 'x-debug': '1' },
    })
    expect(b?.headers).toMatchObject({ ...original, host: stage.urls.other.replace('http://', '') })
    expect(a?.headers).not.toHaveProperty('cookie')
    for (const name of ['authorization', 'cookie', 'x-debug']) expect(b?.headers).not.toHaveProperty(name)
    expect(stage.records.map(({ side, variant }) => `${side} ${variant}`).sort()).toEqual([
      'primary ',
      'shadow a',
      'shadow b',
    ])
  })
})

describe('GraphQL over POST', () => {
  it('is mirrored where it only reads, whole, and reaches the primary either way', async () => {
    await stage.apply({ graphql: ['/app/graphql'] })
    const post = (query: string) =>
      stage.ask('/app/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
    await post('mutation { pay }')
    await post('query { tickets { id } }')
    await stage.ask('/app/else', { method: 'POST', body: 'x' })
    await waitUntil(() => stage.records.length >= 2, { what: 'two records' })
    expect(stage.seen.primary.map(({ body }) => body)).toEqual([
      '{"query":"mutation { pay }"}',
      '{"query":"query { tickets { id } }"}',
      'x',
    ])
    expect(stage.seen.shadow.map(({ body }) => body)).toEqual(['{"query":"query { tickets { id } }"}'])
  })
})

describe('a shadow that leads back to Traefik', () => {
  it('ends at the first turn, is recorded as a loop, and the client does not notice', async () => {
    await stage.apply({ shadows: [{ name: 'shadow', url: stage.traefik.url }] })
    expect(await stage.ask('/app/round')).toMatchObject({ status: 200, text: 'ok' })
    await waitUntil(() => stage.records.length >= 2, { what: 'two records' })
    expect(stage.records.find(({ side }) => side === 'shadow')).toMatchObject({ skipped: 'loop' })
    expect(stage.seen.primary).toHaveLength(1)
    await waitUntil(async () => (await stage.traefik.log()).includes("the shadow's target leads back to this proxy"))
  })
})

describe('a shadow that fails', () => {
  it('is left alone for a while, which each record, the counters and the log say', async () => {
    await stage.apply({ protect: { rate: 0, breakAtPercent: 50, pauseMs: 8_000 } })
    stage.shadowAnswers((response) => void response.writeHead(500).end())
    const until = async (sent: number) => {
      for (let count = 1; count <= 40; count++) {
        expect((await stage.ask('/app/f')).status).toBe(200)
        // A copy ends after its client has its answer: the one that fails last has to be over before the next one comes.
        if (count === 20 || count === 21)
          await waitUntil(() => stage.records.length >= count * 2, { what: 'the copies so far to be over' })
      }
      await waitUntil(() => stage.records.length >= 80, { what: 'the records of both sides' })
      expect(stage.seen.shadow).toHaveLength(sent)
      return stage.records.filter(({ skipped }) => skipped === 'shed-breaker').length
    }
    expect(await until(21)).toBe(19)
    await waitUntil(() => stage.head()?.routes.app?.shed?.['shed-breaker'] === 19, { what: 'the counters' })
    const line = /route app: \d+ of \d+ requests to shadow failed: it gets none until/
    await waitUntil(async () => line.test(await stage.traefik.log()), { what: 'the line in the log' })
    await waitUntil(async () => {
      stage.clear()
      await stage.ask('/app/again')
      await waitUntil(() => stage.records.length >= 2, { what: 'both records' })
      return stage.seen.shadow.length === 1
    })
    stage.clear()
    expect(await until(40)).toBe(0)
  })
})

describe('a shadow that hangs', () => {
  it("takes no more of Traefik than the guard lets it, gives it back, and no request of a client's fails", async () => {
    await stage.apply({ protect: { rate: 0, inFlight: 20, timeoutMs: 1_000, breakAtPercent: 0 } })
    for (let count = 0; count < 20; count++) await stage.ask('/app/warm')
    const before = await goroutines(stage.traefik)
    stage.shadowAnswers(() => {})
    let most = 0
    const count = async (clients: number) => {
      const answers = await Promise.all(Array.from({ length: clients }, () => stage.ask('/app/h')))
      expect(answers.filter(({ status }) => status !== 200)).toEqual([])
      most = Math.max(most, await goroutines(stage.traefik))
    }
    // One after another, each is mirrored: every one has a record of both sides.
    for (let request = 0; request < 200; request++) await count(1)
    await waitUntil(() => stage.records.length >= 220 * 2, { what: 'the records of both sides' })
    expect(stage.records).toHaveLength(220 * 2)
    for (let round = 0; round < 10; round++) await count(40)
    expect(stage.seen.shadow.length).toBeGreaterThan(20)
    // Each copy under way has a few of its own, and each client's connection two.
    expect(most - before).toBeLessThan(20 * 6 + 40 * 4)
    // Of several at once, Traefik may leave one unmirrored; what it mirrored is recorded, however long it takes.
    await waitUntil(
      async () => {
        const primaries = stage.records.filter(({ side }) => side === 'primary').length
        const { seen, shipped } = stage.head()?.totals ?? { seen: 0, shipped: 1 }
        return primaries === 620 && seen === shipped && (await goroutines(stage.traefik)) < before + 100
      },
      { what: 'all records, and Traefik to be as it was' },
    )
    const reasons = new Set(stage.records.flatMap(({ skipped }) => skipped ?? []))
    expect(reasons).toEqual(new Set(['shed-inflight', 'timeout']))
  })
})
