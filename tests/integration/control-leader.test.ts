// Three processes on one database, two of them with the role `control`: one writes what Traefik runs, the others show it
// and ask for it, and when it hangs or dies another one takes over.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RouteView } from '../../collector/api/route-schemas.ts'
import type { OverlaySwitch, Status } from '../../collector/api/schemas.ts'
import { freePorts } from '../../collector/local-stack/ports.ts'
import { type CollectorProcess, startCollectorProcess } from '../helpers/collector-process.ts'
import { type EchoService, startEchoService } from '../helpers/echo-service.ts'
import { freshTopicPrefix, kafka, startTraefik, type TestTraefik } from '../helpers/real-parts.ts'
import { waitUntil, waitUntilHolds } from '../helpers/wait-until.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

const WITHIN = { withinMs: 60_000, everyMs: 100 }
const CONFIRMED = 'Traefik confirmed the rendered routes'
const CURRENT = 'understudy_traefik_current{traefik="traefik"}'

let database: FreshDatabase
let traefik: TestTraefik
let services: EchoService[]
/** With the role; which of them leads is theirs to find out. */
let both: CollectorProcess[]
let shows: CollectorProcess
let leader: CollectorProcess
let follower: CollectorProcess

const get = async <T>(of: CollectorProcess, path: string) => (await (await fetch(`${of.api}${path}`)).json()) as T
const part = async (of: CollectorProcess, name: string) =>
  (await get<Status>(of, '/api/status')).components.find((each) => each.name === name)
const leads = async (of: CollectorProcess) => ((await part(of, 'control'))?.detail ?? '').startsWith('leads')
const metric = async (of: CollectorProcess, name: string) => {
  const text = await (await fetch(`${of.api}/metrics`)).text()
  const value = text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1]
  return value === undefined ? undefined : Number(value)
}
const path = () => join(traefik.dynamicDir, 'understudy.yaml')
const file = () => readFile(path(), 'utf8')
const route = (of: CollectorProcess) => get<RouteView>(of, '/api/v1/routes/app')
const send = (of: CollectorProcess, method: string, to: string, body: unknown = {}, headers = {}) =>
  fetch(`${of.api}${to}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const flip = async (of: CollectorProcess, to: 'on' | 'off') =>
  (await (await send(of, 'POST', `/api/v1/overlay/${to}`)).json()) as OverlaySwitch
const setShare = (of: CollectorProcess, share: number) =>
  send(of, 'PATCH', '/api/v1/routes/app', { share }, { 'if-match': '*' })

beforeAll(async () => {
  services = await Promise.all(['primary', 'shadow'].map(startEchoService))
  database = await freshDatabase()
  traefik = await startTraefik()
  const topicPrefix = freshTopicPrefix()
  // The same for both: it is part of what they render.
  const [ingestPort] = await freePorts(1)
  const start = (roles: string) =>
    startCollectorProcess({
      ...{ databaseUrl: database.url, kafka: kafka(), topicPrefix },
      env: {
        UNDERSTUDY_ROLES: roles,
        ...(roles.includes('control') && {
          UNDERSTUDY_INGEST_URL: `http://127.0.0.1:${ingestPort}/v1/taps`,
          UNDERSTUDY_TRAEFIK_API: traefik.apiUrl,
          UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: traefik.dynamicDir,
        }),
      },
    })
  both = await Promise.all([start('api,control'), start('api,control')])
  shows = await start('ingest,compare,api')
})

afterAll(async () => {
  await Promise.all([...(both ?? []), shows].map((each) => each?.stop()))
  await Promise.all([traefik?.stop(), database?.drop(), ...(services ?? []).map((each) => each.close())])
})

describe('several processes with the role control', () => {
  it('elect one, which the status and the metrics of each of them tell', async () => {
    leader = await waitUntil(async () => {
      const [first, second] = await Promise.all(both.map(leads))
      return first !== second && both[first ? 0 : 1]
    }, WITHIN)
    follower = both.find((each) => each !== leader) as CollectorProcess
    const name = (await part(leader, 'control'))?.detail?.replace('leads: ', '')
    expect(name).toContain(`process ${leader.pid()}`)
    await waitUntil(async () => (await part(follower, 'control'))?.detail === `follows ${name}`, WITHIN)
    await waitUntil(async () => (await part(shows, 'control'))?.detail === `is done by ${name}`, WITHIN)
    await waitUntilHolds(async () => {
      const told = await Promise.all([leader, follower].map((each) => metric(each, 'understudy_control_leader')))
      expect(told).toEqual([1, 0])
    }, WITHIN)
  })

  it('carry out a change that was made at a process without the role, and only one of them writes', async () => {
    const made = await send(shows, 'POST', '/api/v1/routes', {
      ...{ name: 'app', rule: 'PathPrefix(`/app`)', primary: { url: services[0]?.url }, share: 10 },
      shadows: [{ name: 'shadow', url: services[1]?.url }],
    })
    expect(made.status).toBe(201)
    for (const each of [shows, leader, follower])
      await waitUntil(async () => (await route(each)).state === 'applied', WITHIN)
    await waitUntilHolds(() => expect(leader.log()).toContain(CONFIRMED), WITHIN)
    expect(follower.log()).not.toContain(CONFIRMED)
    const seen = () => part(shows, 'traefik')
    await waitUntilHolds(async () => {
      expect(await seen()).toMatchObject({ state: 'ok', detail: expect.stringContaining('1 of 1 routes applied') })
    }, WITHIN)
  })

  it('never show a change as applied before Traefik has it', async () => {
    for (const [each, share] of [
      [shows, 20],
      [follower, 30],
      [leader, 40],
    ] as const) {
      const changed = (await (await setShare(each, share)).json()) as RouteView
      expect(changed).toMatchObject({ share, state: expect.stringMatching(/^(applied|pending)$/) })
      const shown = await waitUntil(async () => {
        const now = await route(each)
        return now.state === 'applied' && now
      }, WITHIN)
      expect(shown.share).toBe(share)
      const loaded = await fetch(`${traefik.apiUrl}/api/http/services/understudy-app-share@file`)
      const { weighted } = (await loaded.json()) as { weighted: { services: { weight: number }[] } }
      expect(weighted.services[0]?.weight).toBe(Math.ceil(share * 1.01))
    }
  })

  it('switch overlays off and on for whoever is asked', async () => {
    expect(await flip(shows, 'off')).toEqual({ overlay: 'off', routes: 1 })
    expect(await file()).not.toContain('-overlay')
    await waitUntil(async () => (await route(shows)).state === 'off', WITHIN)
    expect(await flip(follower, 'on')).toEqual({ overlay: 'on', routes: 1 })
    expect(await file()).toContain('-overlay')
  })

  it('mend what another hand changed or deleted, count it and tell it', async () => {
    const whole = await file()
    const counted = (kind: string) => metric(leader, `understudy_drift_total{traefik="traefik",kind="${kind}"}`)
    const isMended = async (kind: string) => (await file()) === whole && (await counted(kind)) === 1
    await writeFile(path(), whole.replace('-overlay', '-mine'))
    await waitUntil(() => isMended('changed'), { ...WITHIN, what: 'it to be as it was' })
    // Where Traefik has taken the other hand's router, the leader writes some more by itself: until it is gone there, and
    // a look that began after that is over.
    await waitUntil(async () => !(await (await fetch(`${traefik.apiUrl}/api/http/routers`)).text()).includes('-mine'))
    await flip(leader, 'on')
    await waitUntil(() => isMended('changed'), { ...WITHIN, what: 'it to be as it was for good' })
    await rm(path())
    await waitUntil(() => isMended('deleted'), { ...WITHIN, what: 'the file to be back' })
    await waitUntilHolds(async () => {
      expect([await counted('changed'), await counted('deleted')]).toEqual([1, 1])
    }, WITHIN)
    for (const each of [leader, shows]) {
      const told = await waitUntil(async () => {
        const found = await part(each, 'traefik')
        return found?.state === 'degraded' && found.detail?.includes('2 times') && found
      }, WITHIN)
      expect(told.detail).toMatch(/deleted by another hand .*2 times since the start\); written anew/)
      expect(told.mend).toContain('change the routes instead')
    }
  })

  it('let another one lead while the leader hangs, and the former one finds that it no longer does', async () => {
    process.kill(leader.pid(), 'SIGSTOP')
    await waitUntil(() => leads(follower), { ...WITHIN, what: 'the other one to lead' })
    ;[leader, follower] = [follower, leader]
    expect((await setShare(shows, 50)).status).toBe(200)
    await waitUntil(async () => (await file()).includes('weight: 62'), WITHIN)
    const changed = await file()
    const confirmations = follower.log().split(CONFIRMED).length
    process.kill(follower.pid(), 'SIGCONT')
    await waitUntil(async () => ((await part(follower, 'control'))?.detail ?? '').startsWith('follows'), WITHIN)
    await waitUntil(async () => (await route(follower)).state === 'applied', WITHIN)
    // Of what it no longer controls it says nothing.
    await waitUntil(async () => (await metric(follower, CURRENT)) === undefined, WITHIN)
    await waitUntilHolds(async () => expect(await metric(leader, CURRENT)).toBe(1), WITHIN)
    expect(await file()).toBe(changed)
    expect(follower.log().split(CONFIRMED).length).toBe(confirmations)
  })

  it('take over when the leader is killed', async () => {
    await leader.kill()
    const killedAt = performance.now()
    await waitUntil(() => leads(follower), WITHIN)
    expect(performance.now() - killedAt).toBeLessThan(10_000)
    await rm(path())
    expect((await setShare(shows, 33)).status).toBe(200)
    await waitUntil(async () => (await file()).includes('weight: 34'), { ...WITHIN, what: 'the new leader to write' })
    await waitUntil(async () => (await route(shows)).state === 'applied', WITHIN)
  })

  it('say that nobody is there when none of them is, and keep what was asked for', async () => {
    await follower.kill()
    await waitUntil(async () => (await part(shows, 'control'))?.state === 'degraded', WITHIN)
    const answer = await flip(shows, 'off')
    expect(answer).toMatchObject({ overlay: 'off', pending: true, detail: expect.stringContaining('no process') })
    await follower.killAndRestart()
    await waitUntil(async () => !(await file()).includes('-overlay'), { ...WITHIN, what: 'the overlays to go' })
  })
})
