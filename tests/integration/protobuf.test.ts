// gRPC and protobuf answers compared by their fields, with the descriptor set of a route: from a file and over REST.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { descriptorSet, grpcFrame, lineBytes, orderBytes } from '../helpers/descriptor-set.ts'
import { type OwnCollector, startOwnCollector } from '../helpers/own-collector.ts'
import { hashOf, tapRecord } from '../helpers/tap-batches.ts'
import { postRecords } from '../helpers/tapped-exchanges.ts'
import { waitUntil } from '../helpers/wait-until.ts'

let folder: string
let collector: OwnCollector
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-protobuf-'))
  await writeFile(join(folder, 'shop.binpb'), descriptorSet)
  collector = await startOwnCollector({
    routes: `
routes:
  - name: shop
    rule: PathPrefix(\`/shop\`)
    primary: { url: "http://127.0.0.1:1" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:2" }]
    store: all
    protobuf: { file: ${join(folder, 'shop.binpb')}, message: shop.Order }
  - name: depot
    rule: PathPrefix(\`/depot\`)
    primary: { url: "http://127.0.0.1:1" }
    shadows: [{ name: shadow, url: "http://127.0.0.1:2" }]
    store: all
    protobuf:
      file: ${join(folder, 'shop.binpb')}
      message: { "GET /orders/{id}": shop.Order, "* /lines/**": shop.Line }
`,
  })
})
afterAll(async () => {
  await collector?.end()
  await rm(folder, { recursive: true, force: true })
})

const one = orderBytes({ id: '7', lines: [{ name: 'tea', count: 1 }] })
const two = orderBytes({ id: '7', lines: [{ name: 'tea', count: 2 }] })

async function compared(route: string, uri: string, type: string, bodies: [Buffer, Buffer]): Promise<string[]> {
  const [first, second] = bodies.map((bytes, n) => ({
    ...tapRecord({ route, side: n === 0 ? 'primary' : 'shadow', request: { ...tapRecord().request, uri } }),
    response: {
      ...{ status: 200, headers: { 'Content-Type': [type] }, bodyBytes: bytes.length, truncated: false },
      ...{ body: bytes.toString('base64'), bodyEncoding: 'base64' as const, bodyHash: hashOf(bytes.toString('hex')) },
    },
  }))
  if (first === undefined || second === undefined) throw new Error('two bodies')
  await postRecords(collector.ingest, [first, { ...second, id: first.id }])
  const found = await waitUntil(async () => {
    const response = await fetch(`${collector.api}/api/v1/comparisons/${first.id}`)
    return response.ok ? ((await response.json()) as { differences: { path: string; kind: string }[] }) : undefined
  })
  return found.differences.map(({ path, kind }) => `${path} ${kind}`)
}

describe('a route with a descriptor set', () => {
  it('names the field of a gRPC answer, by its path, and of a plain protobuf body', async () => {
    const frames: [Buffer, Buffer] = [grpcFrame(one), grpcFrame(two)]
    expect(await compared('shop', '/shop.Orders/Get', 'application/grpc-web+proto', frames)).toEqual([
      '/frames/0/lines/0/count changed',
    ])
    expect(await compared('shop', '/orders/7', 'application/x-protobuf', [one, two])).toEqual([
      '/lines/0/count changed',
    ])
  })

  it('reads plain protobuf bodies of several types, by the endpoint they come from', async () => {
    const [tea, mate] = [lineBytes({ name: 'tea', count: 1 }), lineBytes({ name: 'mate', count: 1 })]
    const type = 'application/x-protobuf'
    expect(await compared('depot', '/orders/7?full=1', type, [one, two])).toEqual(['/lines/0/count changed'])
    expect(await compared('depot', '/lines/7/first', type, [tea, mate])).toEqual(['/name changed'])
    expect(await compared('depot', '/orders', type, [one, two])).toEqual([' changed'])
  })

  it('takes the set over REST, and says what is wrong with one', async () => {
    const put = async (protobuf: unknown) => {
      const route = { name: 'till', rule: 'PathPrefix(`/till`)', primary: { url: 'http://127.0.0.1:1' }, protobuf }
      const response = await fetch(`${collector.api}/api/v1/routes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...route, shadows: [{ name: 'shadow', url: 'http://127.0.0.1:2' }], store: 'all' }),
      })
      return { status: response.status, body: await response.text() }
    }
    const wrong = await put({ file: 'shop.binpb' })
    expect([wrong.status, wrong.body]).toEqual([400, expect.stringContaining('expected an absolute path')])
    const { status, body } = await put({ set: Buffer.from(descriptorSet).toString('base64') })
    expect([status, body]).toEqual([201, expect.stringContaining('"till"')])
    await waitUntil(async () => {
      const found = await compared('till', '/till/shop.Orders/Get', 'application/grpc', [
        grpcFrame(one),
        grpcFrame(two),
      ])
      return found[0] === '/frames/0/lines/0/count changed'
    })
  })
})
