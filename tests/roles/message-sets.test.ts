import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Log } from '../../collector/log.ts'
import { openMessageSets } from '../../collector/roles/message-sets.ts'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { descriptorSet } from '../helpers/descriptor-set.ts'

let folder: string
let file: string
const closers: (() => void)[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-sets-'))
  file = join(folder, 'shop.binpb')
})
afterAll(async () => {
  for (const close of closers) close()
  await rm(folder, { recursive: true, force: true })
})

function route(name: string, protobuf: object): Route {
  const sides = { primary: { url: 'http://127.0.0.1:1' }, shadows: [{ name: 'shadow', url: 'http://127.0.0.1:2' }] }
  const parsed = parseRoute({ name, rule: 'PathPrefix(`/`)', ...sides, protobuf }, 'rest')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.route
}

function open(routes: readonly Route[]) {
  const told: object[] = []
  const sets = openMessageSets({
    routes: () => routes,
    log: { warn: (what: object) => told.push(what) } as unknown as Log,
  })
  closers.push(sets.close)
  const of = (name: string) =>
    sets.of(name, { method: 'GET', uri: '/shop.Orders/Get' }, { 'Content-Type': ['application/grpc'] })
  return { sets, of, told }
}

it('are held once for all routes that have the same one, and read again when the file is another one', async () => {
  await writeFile(file, descriptorSet)
  const { sets, of, told } = open([route('one', { file }), route('two', { file, message: 'shop.Order' })])
  await sets.refresh()
  const { bytes, id } = of('one') ?? {}
  expect(Buffer.from(bytes ?? [])).toEqual(Buffer.from(descriptorSet))
  expect(of('two')?.bytes).toBe(bytes)
  await sets.refresh()
  expect(of('one')?.bytes).toBe(bytes)

  // As `protoc` writes it, and as somebody puts a finished one in its place.
  const longer = Buffer.concat([descriptorSet, descriptorSet])
  await writeFile(file, longer)
  await sets.refresh()
  expect([of('one')?.bytes.length, of('one')?.id === id]).toEqual([longer.length, false])
  await writeFile(`${file}.new`, descriptorSet)
  await rename(`${file}.new`, file)
  await sets.refresh()
  expect([of('two')?.bytes.length, of('two')?.id]).toEqual([descriptorSet.length, id])
  expect(told).toEqual([])
})

it('are told once when they cannot be read, and read when they can', async () => {
  const missing = join(folder, 'late.binpb')
  const { sets, of, told } = open([
    route('late', { file: missing }),
    route('given', { set: Buffer.from(descriptorSet).toString('base64') }),
  ])
  await sets.refresh()
  await sets.refresh()
  expect([of('late'), of('given')?.bytes.length]).toEqual([undefined, descriptorSet.length])
  expect(told).toEqual([expect.objectContaining({ route: 'late', problem: expect.stringContaining('ENOENT') })])
  await writeFile(missing, 'no descriptor set')
  await sets.refresh()
  expect([of('late'), told.length]).toEqual([undefined, 2])
  await writeFile(missing, descriptorSet)
  await sets.refresh()
  expect(of('late')?.bytes.length).toBe(descriptorSet.length)
})
