// The share on real Traefik: exact and unbiased for kinds of request that alternate, by user where that is asked, and
// without any overlay's ways changing for the primary.
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type ShareStage, startShareStage } from '../helpers/share-stage.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let stage: ShareStage
beforeAll(async () => {
  stage = await startShareStage()
})
beforeEach(() => stage.clear())
afterAll(async () => {
  agent.destroy()
  await stage?.stop()
})

const mirrored = () => stage.seen.primary.filter(({ headers }) => headers['x-shadowing-enabled'] === 'true')

/** One after the other on one connection, so that kinds alternate strictly. */
function one(path: string, headers: Record<string, string> = {}): Promise<number> {
  const { hostname, port } = new URL(stage.traefik.url)
  return new Promise((done, failed) => {
    request({ hostname, port, path, headers, agent }, (response) => {
      response.resume().once('end', () => done(response.statusCode ?? 0))
    })
      .once('error', failed)
      .end()
  })
}

/** Half the width of the binomial interval of 1 − 10⁻⁶. */
const within = (requests: number, share: number) => 4.9 * Math.sqrt(requests * share * (1 - share)) + 1

describe('a share', () => {
  it.each([
    [50, 2],
    [10, 3],
  ])('of %d %% takes each of %d alternating kinds alike', async (share, kinds) => {
    await stage.apply({ share })
    const each = 600
    for (let count = 0; count < each * kinds; count++) expect(await one(`/app/kind-${count % kinds}`)).toBe(200)
    const found = mirrored()
    for (let kind = 0; kind < kinds; kind++) {
      const taken = found.filter(({ url }) => url.endsWith(`kind-${kind}`)).length
      expect(Math.abs(taken - (each * share) / 100)).toBeLessThan(within(each, share / 100))
    }
    await waitUntil(() => stage.seen.shadow.length === found.length, { what: 'the copies' })
  })

  it('changes under load without a failed request', async () => {
    let isOver = false
    let asked = 0
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        expect((await stage.ask('/app/live')).status).toBe(200)
        asked += 1
      }
    })
    for (let change = 1; change <= 20; change++) {
      await stage.apply({ share: (change * 7) % 100, ...(change % 3 === 0 ? { stickyBy: { cookie: 'sid' } } : {}) })
    }
    isOver = true
    await Promise.all(clients)
    expect(stage.seen.primary).toHaveLength(asked)
  })
})

describe('a share by user', () => {
  const users = async (share: number) => {
    await stage.apply({ share, stickyBy: { header: 'X-User' } })
    stage.clear()
    for (let round = 0; round < 2; round++)
      for (let user = 0; user < 150; user++) expect(await one('/app/u', { 'x-user': `user-${user}` })).toBe(200)
    const found = new Map<string, number>()
    for (const { headers } of mirrored())
      found.set(String(headers['x-user']), (found.get(String(headers['x-user'])) ?? 0) + 1)
    expect(stage.seen.primary).toHaveLength(300)
    expect(stage.seen.primary.filter(({ headers }) => headers['x-understudy-lane'] !== undefined)).toEqual([])
    return found
  }

  it('takes all or nothing of a user, and keeps whoever is in when it grows', async () => {
    const few = await users(20)
    const many = await users(60)
    expect(new Set([...few.values(), ...many.values()])).toEqual(new Set([2]))
    expect([...few.keys()].filter((user) => !many.has(user))).toEqual([])
    expect(Math.abs(few.size - 30)).toBeLessThan(within(150, 0.2))
    expect(Math.abs(many.size - 90)).toBeLessThan(within(150, 0.6))
  })

  it('cannot be chosen by a client, and leaves OPTIONS * to the primary', async () => {
    await stage.apply({ share: 0.01, stickyBy: { cookie: 'sid' } })
    for (let count = 0; count < 50; count++) await one('/app/me', { 'x-understudy-lane': '1', cookie: 'sid=me' })
    expect(mirrored()).toHaveLength(0)
    expect(stage.seen.primary).toHaveLength(50)
    expect(stage.seen.primary.filter(({ headers }) => headers['x-understudy-lane'] !== undefined)).toEqual([])
  })

  it('answers from the primary where the mirrored branch or the lane is broken', async () => {
    const sticky = { share: 50, stickyBy: { header: 'X-User' } }
    await stage.apply(sticky, {}, ({ http }) => {
      delete http.services?.['understudy-app-leg.shadow']
    })
    for (let user = 0; user < 20; user++) expect(await one('/app/b', { 'x-user': `user-${user}` })).toBe(200)
    await stage.apply(sticky, {}, ({ http }) => {
      http.middlewares['understudy-app-lane'] = { plugin: { gone: {} } } as never
    })
    for (let user = 0; user < 20; user++) expect(await one('/app/c', { 'x-user': `user-${user}` })).toBe(200)
    expect(stage.seen.primary).toHaveLength(40)
    expect(stage.seen.shadow).toHaveLength(0)
  })
})
