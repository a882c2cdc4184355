// The lock that says who controls Traefik, when the connection that holds it ends or falls silent. Real PostgreSQL.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { isLed, type Leadership, openLeadership, type Standing } from '../../collector/store/leadership.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

const WITHIN = { withinMs: 60_000 }

let database: FreshDatabase
const cleanups: (() => unknown)[] = []
beforeAll(async () => {
  database = await freshDatabase()
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
afterAll(() => database?.drop())

function stand(databaseUrl: string, changed: (standing: Standing) => void = () => undefined): Leadership {
  const leadership = openLeadership({ databaseUrl, changed, log: { debug: () => undefined }, everyMs: 100 })
  cleanups.push(leadership.close)
  return leadership
}

/** A way to PostgreSQL that can fall silent: nothing passes, and nobody is told that it does not. */
async function passage(): Promise<{ url: string; silence(): void; speak(): void }> {
  const target = new URL(database.url)
  const sockets = new Set<Socket>()
  let isSilent = false
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (bytes) => to.write(bytes))
      from.on('close', () => to.destroy())
      if (isSilent) from.pause()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((done) => server.close(done))
  })
  const url = new URL(database.url)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    silence() {
      isSilent = true
      for (const socket of sockets) socket.pause()
    },
    speak() {
      isSilent = false
      for (const socket of sockets) socket.resume()
    },
  }
}

it('is taken anew when its session was ended', async () => {
  const told: Standing[] = []
  const leadership = stand(database.url, (standing) => told.push(standing))
  await waitUntil(() => leadership.standing() === 'leads', WITHIN)
  const end = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'understudy-leadership'`
  expect((await database.pool.query(end)).rowCount).toBe(1)
  await waitUntil(() => told.length === 3, WITHIN)
  expect(told).toEqual(['leads', 'unsure', 'leads'])
  expect(await isLed(database.pool)).toBe(true)
})

it('passes on when its connection falls silent, and is never held by two', async () => {
  const way = await passage()
  const first = stand(way.url)
  await waitUntil(() => first.standing() === 'leads', WITHIN)
  let whenTaken: Standing | undefined
  const second = stand(database.url, (standing) => {
    if (standing === 'leads') whenTaken ??= first.standing()
  })
  await waitUntil(() => second.standing() === 'follows', WITHIN)
  way.silence()
  await waitUntil(() => first.standing() === 'unsure', WITHIN)
  expect(second.standing()).toBe('follows')
  await waitUntil(() => second.standing() === 'leads', WITHIN)
  expect(whenTaken).toBe('unsure')
  way.speak()
  await waitUntil(() => first.standing() === 'follows', WITHIN)
  expect(second.standing()).toBe('leads')
})
