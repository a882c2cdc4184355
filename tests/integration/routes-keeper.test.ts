import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createLog } from '../../collector/log.ts'
import { openRoutesKeeper, type RoutesKeeper } from '../../collector/roles/routes-keeper.ts'
import type { RouteEntry } from '../../collector/store/route-store.ts'
import { parseRoute } from '../../plugin-config/route.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { type RouteWorld, startRouteWorld } from './route-world.ts'

let world: RouteWorld
let folder: string
let keeper: RoutesKeeper | undefined
const log = createLog('silent')
const file = () => join(folder, 'understudy.yaml')
const seed = () => join(folder, 'seed.yaml')
const text = (share: number, name = 'shop', port = 3000) =>
  `routes:\n  - { name: ${name}, rule: PathPrefix(\`/${name}\`), primary: { url: 'http://127.0.0.1:${port}' }, shadows: [{ name: shadow, url: 'http://127.0.0.1:3001' }], share: ${share} }\n`

beforeAll(async () => {
  world = await startRouteWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-keeper-'))
})
afterEach(async () => {
  keeper?.close()
  await rm(folder, { recursive: true, force: true })
  await world.store.change(async (turn) => {
    for (const { route } of await turn.list()) await turn.remove(route.name, 'test')
  })
})

async function open(files: { file?: string; seedFile?: string }): Promise<void> {
  keeper?.close()
  keeper = await openRoutesKeeper({
    ...{ file: files.file, seedFile: files.seedFile, isControl: true },
    ...{ store: world.store, changed: () => undefined, log },
  })
  await keeper.start()
}
const entries = (): Promise<RouteEntry[]> => world.store.change((turn) => turn.list())
const shop = async () => (await entries()).find(({ route }) => route.name === 'shop')
const edit = (share: number) =>
  world.store.change(async (turn) => {
    const known = (await turn.get('shop'))!
    await turn.put({ ...known.route, share }, { managedBy: known.managedBy, actor: 'rest' })
  })

describe('routes of the flags', () => {
  it('are ordinary ones whose edits outlive a start with the same flags', async () => {
    await writeFile(seed(), text(100))
    await open({ seedFile: seed() })
    expect(await shop()).toMatchObject({ managedBy: 'flags', version: expect.any(Number), route: { share: 100 } })
    await edit(25)
    const edited = await shop()
    await open({ seedFile: seed() })
    expect(await shop()).toEqual(edited)
  })

  it('take what other flags change, and keep the rest of the edits', async () => {
    await writeFile(seed(), text(100))
    await open({ seedFile: seed() })
    await edit(25)
    await writeFile(seed(), text(100, 'shop', 4000))
    await open({ seedFile: seed() })
    expect(await shop()).toMatchObject({ route: { share: 25, primary: { url: 'http://127.0.0.1:4000' } } })
    await writeFile(seed(), text(50, 'shop', 4000))
    await open({ seedFile: seed() })
    expect(await shop()).toMatchObject({ route: { share: 50 } })
  })

  it('go when the flags no longer name them, and come back when they do', async () => {
    await writeFile(seed(), text(100))
    await open({ seedFile: seed() })
    await writeFile(seed(), 'routes: []\n')
    await open({ seedFile: seed() })
    expect(await entries()).toEqual([])
    await writeFile(seed(), text(100))
    await open({ seedFile: seed() })
    expect((await world.store.versions('shop')).slice(0, 2).map(({ action, actor }) => [action, actor])).toEqual([
      ['created', 'flags'],
      ['deleted', 'flags'],
    ])
  })

  it('leave alone what a person made over REST', async () => {
    const parsed = parseRoute(
      {
        name: 'mine',
        rule: 'Host(`m`)',
        primary: { url: 'http://10.0.0.1' },
        shadows: [{ name: 's', url: 'http://10.0.0.2' }],
      },
      'rest',
    )
    if (!parsed.ok) throw new Error('the route of this test is not right')
    await world.store.change((turn) => turn.put(parsed.route, { managedBy: 'rest', actor: 'rest' }))
    await writeFile(seed(), text(100))
    await open({ seedFile: seed() })
    expect((await entries()).map(({ route, managedBy }) => [route.name, managedBy])).toEqual([
      ['mine', 'rest'],
      ['shop', 'flags'],
    ])
  })
})

describe('a watched file', () => {
  it('has the say over its names, and lets go of them when it is no longer set', async () => {
    await writeFile(seed(), text(100))
    await open({ seedFile: seed() })
    await writeFile(file(), text(10))
    await open({ file: file() })
    expect(await shop()).toMatchObject({ managedBy: 'file', route: { share: 10 } })
    await open({})
    expect(await shop()).toMatchObject({ managedBy: 'rest', route: { share: 10 } })
  })

  it('is taken again within a second, whole or not at all', async () => {
    await writeFile(file(), text(10))
    await open({ file: file() })
    for (const broken of [
      '',
      'routes:\n  - name: shop\n',
      '\troutes:',
      `${text(20)}  - {`,
      '\uFEFF',
      text(20).slice(0, 40),
    ]) {
      await writeFile(file(), broken)
      await waitUntil(() => keeper?.problem() !== undefined)
      expect((await shop())?.route.share).toBe(10)
      await writeFile(file(), text(10))
      await waitUntil(() => keeper?.problem() === undefined)
    }
    await rm(file())
    await waitUntil(() => keeper?.problem()?.includes('cannot be read'))
    await symlink(file(), `${file()}.loop`)
    await writeFile(file(), text(20))
    await waitUntil(async () => (await shop())?.route.share === 20)
    await waitUntil(() => keeper?.problem() === undefined)
  })

  it.each([
    ['a folder', () => folder],
    ['a file that is not there', () => join(folder, 'nowhere.yaml')],
    ['a loop of links', () => join(folder, 'loop.yaml')],
  ])('stops the start where it is %s', async (_what, path) => {
    await symlink(join(folder, 'loop.yaml'), join(folder, 'loop.yaml')).catch(() => undefined)
    await expect(open({ file: path() })).rejects.toMatchObject({ code: 'config-invalid' })
  })
})
