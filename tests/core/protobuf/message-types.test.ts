import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { DEFAULT_LIMITS } from '../../../collector/core/compare/comparable.ts'
import { compareFull } from '../../../collector/core/compare/compare-full.ts'
import { type MessageReader, readMessageTypes } from '../../../collector/core/protobuf/message-types.ts'
import { descriptorSet, grpcFrame, orderBytes } from '../../helpers/descriptor-set.ts'
import { primarySide, shadowSide } from '../compare/sides.ts'

const types = readMessageTypes(descriptorSet)
const order = types.message('shop.Order') as MessageReader
const GRPC = { 'content-type': ['application/grpc+proto'] }
const PROTOBUF = { 'content-type': ['application/x-protobuf'] }

const compared = (one: Buffer, two: Buffer, headers = GRPC, reader: MessageReader | null = order) => {
  const result = compareFull(primarySide(one, { headers }), shadowSide(two, { headers }), DEFAULT_LIMITS, [], reader)
  return {
    differences: result.differences.map(({ path, kind, primary, shadow }) => [path, kind, primary, shadow]),
    notes: result.notes,
  }
}

describe('a descriptor set', () => {
  it.each([
    ['/shop.Orders/Get', 'shop.Order'],
    ['/prefix/shop.Orders/Get?x=/a.B/C', 'shop.Order'],
    ['/shop.Orders/Put', undefined],
    ['/shop.Order/Get', undefined],
    ['/', undefined],
    ['', undefined],
  ])('says what %s answers with', (uri, typeName) => {
    expect(types.answerOf(uri)?.typeName).toBe(typeName)
  })

  it('must be one', () => {
    expect(() => readMessageTypes(Buffer.from('not a descriptor set'))).toThrow()
    expect(types.message('shop.Nothing')).toBeNull()
  })

  it('reads every kind of field, exact numbers and keys without a prototype', () => {
    const bytes = orderBytes({
      id: '9007199254740993',
      state: 'PAID',
      lines: [{ name: 'tea', count: 2 }],
      tax: { ['__proto__']: 0.5, nan: 'NaN' },
      key: 'AAH/',
    })
    expect(JSON.parse(JSON.stringify(order(bytes, DEFAULT_LIMITS)))).toEqual({
      id: '9007199254740993',
      state: 'PAID',
      lines: [{ name: 'tea', count: 2 }],
      tax: JSON.parse('{"__proto__":0.5,"nan":"NaN"}'),
      key: 'base64:AAH/',
    })
  })
})

describe('compareFull with the types of messages', () => {
  const one = orderBytes({ id: '7', state: 'OPEN', lines: [{ name: 'tea', count: 1 }] })
  const two = orderBytes({ id: '7', state: 'PAID', lines: [{ name: 'tea', count: 3 }], tax: { vat: 0.2 } })

  it('names the fields of a gRPC answer that differ', () => {
    expect(compared(grpcFrame(one), grpcFrame(two))).toEqual({
      differences: [
        ['/frames/0/lines/0/count', 'changed', 1, 3],
        ['/frames/0/state', 'added', undefined, 'PAID'],
        ['/frames/0/tax', 'added', undefined, { vat: 0.2 }],
      ],
      notes: [],
    })
  })

  it('reads a plain protobuf body', () => {
    expect(compared(one, two, PROTOBUF).differences.map(([path]) => path)).toEqual(['/lines/0/count', '/state', '/tax'])
  })

  it('keeps fields that the type does not know', () => {
    const more = Buffer.from([0xa2, 0x06, 0x01, 0x41])
    expect(compared(grpcFrame(one), grpcFrame(Buffer.concat([one, more]))).differences).toEqual([
      ['/frames/0/unknown:100', 'added', undefined, ['wire type 2, base64:AUE=']],
    ])
  })

  it('finds messages equal whose fields come in another order', () => {
    const [id, line] = [orderBytes({ id: '7' }), orderBytes({ lines: [{ name: 'tea' }] })]
    expect(compared(Buffer.concat([id, line]), Buffer.concat([line, id]), PROTOBUF)).toEqual({
      differences: [],
      notes: ['protobuf says the same in other bytes'],
    })
  })

  it('inflates compressed frames', () => {
    const headers = { ...GRPC, 'grpc-encoding': ['gzip'] }
    const both = [grpcFrame(gzipSync(one), 1), grpcFrame(gzipSync(two), 1)] as const
    expect(compared(...both, headers).differences.map(([path]) => path)).toContain('/frames/0/lines/0/count')
  })

  it('compares trailers too, and what is no such message by its bytes', () => {
    const trailers = (status: number) => grpcFrame(Buffer.from(`grpc-status: ${status}\r\n`), 0x80)
    const broken = Buffer.from([0x0a, 0xff])
    const found = compared(
      Buffer.concat([grpcFrame(one), trailers(0)]),
      Buffer.concat([grpcFrame(broken), trailers(13)]),
    )
    expect(found.differences.map(([path, kind]) => [path, kind])).toEqual([
      ['/frames/0', 'type'],
      ['/trailers/grpc-status', 'changed'],
    ])
    expect(found.notes).toEqual(['shadow holds a message that cannot be read as shop.Order: compared by its bytes'])
  })

  it('compares by bytes without a type', () => {
    expect(compared(one, two, PROTOBUF, null).notes).toEqual(['protobuf without its descriptor: compared by hash'])
    expect(compared(grpcFrame(one), grpcFrame(two), GRPC, null).differences.map(([path]) => path)).toEqual([
      '/frames/0',
    ])
  })

  it('takes a message of a hundred thousand values for one that it cannot read', () => {
    const wide = Buffer.alloc(200_000, Buffer.from([0x1a, 0x00]))
    expect(compared(one, wide, PROTOBUF).notes).toEqual(['shadow protobuf holds what cannot be read as shop.Order'])
  })
})
