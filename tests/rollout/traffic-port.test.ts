import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createOverlaySwitch } from '../../collector/rollout/overlay-switch.ts'
import { createTrafficPort } from '../../collector/rollout/traffic-port.ts'
import { renderTraefik } from '../../plugin-config/render-traefik.ts'
import { parseRoute } from '../../plugin-config/route.ts'

let dynamicDir: string
beforeEach(async () => {
  dynamicDir = await mkdtemp(join(tmpdir(), 'understudy-dynamic-'))
})
afterEach(() => rm(dynamicDir, { recursive: true, force: true }))

const revisionIn = (text: string) => /X-Understudy-Revision: (\w+)/.exec(text)?.[1]
const fileText = () => readFile(join(dynamicDir, 'understudy.yaml'), 'utf8')

/** A Traefik that loads whatever is in the folder, `late` looks later. */
function fakeTraefik({ late = 0, errors = [] as string[] } = {}) {
  let looks = 0
  const seen: (string | undefined)[] = []
  const loadedRevision = async () => {
    looks += 1
    const revision = looks > late ? revisionIn(await fileText().catch(() => '')) : undefined
    seen.push(revision)
    return revision
  }
  const renderedState = async () => ({
    revision: await loadedRevision(),
    routers: [{ name: 'understudy-a-overlay@file', status: errors.length > 0 ? 'disabled' : 'enabled', errors }],
  })
  return { loadedRevision, renderedState, seen }
}

const port = (api = fakeTraefik(), confirmWithinMs = 10_000) =>
  createTrafficPort({ dynamicDir, api, confirmWithinMs, pollEveryMs: 1, now: () => performance.now() })

const file = (name = 'a') => {
  const parsed = parseRoute(
    {
      name,
      rule: 'Host(`a.b`)',
      primary: { url: 'http://10.0.0.1' },
      shadows: [{ name: 'b', url: 'http://10.0.0.2' }],
    },
    'file',
  )
  if (!parsed.ok) throw new Error('the route of this test is not right')
  return renderTraefik({
    routes: [parsed.route],
    base: [],
    tap: { ingestUrl: 'http://x', tokenFile: '', hmacKeyFile: '' },
  })
}

describe('the traffic port', () => {
  it('judges by what was just seen of Traefik, without asking it again', async () => {
    const api = fakeTraefik()
    const routers = [{ name: 'understudy-a-overlay@file', status: 'enabled', errors: [] }]
    expect(await port(api).check('abc', { revision: 'abc', routers })).toEqual({ confirmed: true, revision: 'abc' })
    expect(await port(api).check('abc', { revision: 'old', routers })).toMatchObject({ confirmed: false, runs: 'old' })
    expect(api.seen).toEqual([])
  })

  it('waits until Traefik runs what was written', async () => {
    const api = fakeTraefik({ late: 3 })
    expect(await port(api).apply(file())).toEqual({ confirmed: true, revision: file().revision })
    expect(api.seen.slice(0, 4)).toEqual([undefined, undefined, undefined, file().revision])
    expect(await fileText()).toBe(file().yaml)
  })

  it('leaves nothing beside the file', async () => {
    await port().apply(file())
    expect(await readdir(dynamicDir)).toEqual(['understudy.yaml'])
  })

  it('tells which routers Traefik refuses', async () => {
    expect(await port(fakeTraefik({ errors: ['no such service'] })).apply(file())).toMatchObject({
      confirmed: false,
      loaded: true,
      problems: [{ router: 'understudy-a-overlay@file', errors: ['no such service'] }],
    })
  })

  it('says so when Traefik does not take it in time, and names the broken file beside it', async () => {
    await writeFile(join(dynamicDir, 'theirs.yml'), 'a: [')
    await writeFile(join(dynamicDir, 'fine.yaml'), 'http: {}')
    await writeFile(join(dynamicDir, 'template.yaml'), '{{ if }}')
    const confirmation = await port(fakeTraefik({ late: 1e9 }), 20).apply(file())
    expect(confirmation).toMatchObject({
      confirmed: false,
      loaded: false,
      reason: expect.stringContaining('theirs.yml: '),
    })
    expect(JSON.stringify(confirmation)).not.toMatch(/fine\.yaml|template\.yaml/)
  })

  it('reports an API that does not answer, and keeps trying until then', async () => {
    const failing = () => Promise.reject(new Error('connection refused'))
    const confirmation = await port({ ...fakeTraefik(), loadedRevision: failing }, 20).apply(file())
    expect(confirmation).toMatchObject({ confirmed: false, reason: expect.stringContaining('connection refused') })
  })

  it('keeps the old file when the new one cannot be written', async () => {
    await port().apply(file())
    await rm(join(dynamicDir, 'understudy.yaml'))
    const elsewhere = createTrafficPort({ dynamicDir: join(dynamicDir, 'no'), api: fakeTraefik(), now: () => 0 })
    expect(await elsewhere.apply(file())).toMatchObject({
      confirmed: false,
      reason: expect.stringContaining('cannot be written'),
    })
  })

  it('keeps the old file when the disk is full, and leaves nothing behind', async () => {
    await port().apply(file())
    // What the new text is first written to has no room.
    await symlink('/dev/full', join(dynamicDir, `.understudy-${process.pid}.next`))
    const failed = await port().apply(file('b'))
    expect(failed).toMatchObject({ confirmed: false, isWritten: false, reason: expect.stringContaining('ENOSPC') })
    expect(await fileText()).toBe(file().yaml)
    expect(await readdir(dynamicDir)).toEqual(['understudy.yaml'])
  })

  it('stops waiting when another hand changes the file meanwhile', async () => {
    const api = { ...fakeTraefik(), loadedRevision: async () => undefined }
    const waiting = port(api, 60_000).apply(file())
    while ((await fileText().catch(() => '')) === '') await new Promise(setImmediate)
    await writeFile(join(dynamicDir, 'understudy.yaml'), '# of another hand')
    expect(await waiting).toMatchObject({ confirmed: false, reason: expect.stringContaining('by another hand') })
  })

  it('carries out changes one after the other, each read whole', async () => {
    const one = port()
    const texts = new Set<string>()
    const names = ['a', 'b', 'c', 'd', 'e']
    const reader = (async () => {
      for (let reads = 0; reads < 200; reads += 1) texts.add(await fileText().catch(() => ''))
    })()
    const results = await Promise.all(names.map((name) => one.apply(file(name))))
    await reader
    expect(results.every(({ confirmed }) => confirmed)).toBe(true)
    const whole = new Set(['', ...names.map((name) => file(name).yaml)])
    expect([...texts].filter((text) => !whole.has(text))).toEqual([])
    expect(await fileText()).toBe(file('e').yaml)
  })

  it('takes every overlay away and keeps the plain router of a route to a URL', async () => {
    const one = port()
    await one.apply(file())
    expect(await one.off()).toMatchObject({ confirmed: true })
    expect(await fileText()).toContain('understudy-a-plain')
    expect(await fileText()).not.toMatch(/overlay:|plugin/)
  })

  it.each(['', 'http: [', 'routes: []'])('switches off whatever the file holds: %j', async (text) => {
    await writeFile(join(dynamicDir, 'understudy.yaml'), text)
    expect(await port().off()).toMatchObject({ confirmed: true })
  })

  it('replaces a link rather than what it leads to', async () => {
    const target = join(dynamicDir, 'target.txt')
    await writeFile(target, 'mine')
    await symlink(target, join(dynamicDir, 'understudy.yaml'))
    await port().apply(file())
    expect(await readFile(target, 'utf8')).toBe('mine')
  })
})

describe('the overlay switch', () => {
  it('is kept in the folder, under a name that Traefik does not read', async () => {
    const first = createOverlaySwitch(dynamicDir)
    expect(await first.isOff()).toBe(false)
    await first.set(true, '2026-01-01T00:00:00.000Z')
    expect(await createOverlaySwitch(dynamicDir).isOff()).toBe(true)
    expect(await readdir(dynamicDir)).toEqual(['.understudy.off'])
    await first.set(false, '')
    await first.set(false, '')
    expect(await first.isOff()).toBe(false)
  })
})
