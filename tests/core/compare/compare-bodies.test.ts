import { describe, expect, it } from '@jest/globals'
import { compareFull } from '../../../collector/core/compare/compare-full.ts'
import type { HeaderValues } from '../../../collector/core/tap-record.ts'
import { cpuMs } from '../../helpers/cpu-clock.ts'
import { primarySide, shadowSide } from './sides.ts'

const typed = (type: string): HeaderValues => ({ 'Content-Type': [type] })

function compare(type: string, primary: string | Buffer, shadow: string | Buffer, shadowType = type, status = 200) {
  return compareFull(
    primarySide(primary, { headers: typed(type), status }),
    shadowSide(shadow, { headers: typed(shadowType), status }),
  )
}

function told(...args: Parameters<typeof compare>): string[] {
  return compare(...args).differences.map(({ path, kind }) => `${path} ${kind}`)
}

describe('compareFull on streams', () => {
  const stream = (...events: string[]) => events.map((event) => `${event}\n\n`).join('')

  it.each([
    ['a number in data', stream('data: {"total":1}'), stream('data: {"total":2}'), ['/events/0/data/total changed']],
    ['data in lines', stream('data: {"a":\ndata: 1}'), stream('data: {"a":1}'), []],
    ['data that is text', stream('data: one'), stream('data: two'), ['/events/0/data changed']],
    ['an id', stream('id: 1\ndata: x'), stream('id: 2\ndata: x'), ['/events/0/id changed']],
    ['an event name', stream('event: a\ndata: x'), stream('data: x'), ['/events/0/event removed']],
    ['an event more', stream('data: 1', 'data: 3'), stream('data: 1', 'data: 2', 'data: 3'), ['/events/1 added']],
    ['an event missing between', stream('id: 1', 'id: 2', 'id: 3'), stream('id: 1', 'id: 3'), ['/events/1 removed']],
    ['events by id in another order', stream('id: 1', 'id: 2'), stream('id: 2', 'id: 1'), ['/events reordered']],
    ['comments and retries', stream(': hello', 'data: 1'), stream('data: 1\nretry: 5'), ['/events/0/retry added']],
    ['line ends and spaces', 'data:1\r\n\r\ndata:2\r\r', 'data: 1\n\ndata: 2\n\n', []],
    ['a last event without its end', stream('data: 1'), 'data: 1', []],
    ['a field named __proto__', stream('__proto__: 1\ndata: 1'), stream('data: 1'), []],
  ])('tells of events: %s', (_, primary, shadow, expected) => {
    expect(told('text/event-stream', primary, shadow).sort()).toEqual([...expected].sort())
  })

  it.each([
    ['a changed field', '{"a":1}\n{"a":2}\n', '{"a":1}\n{"a":3}\n', ['/events/1/a changed']],
    ['key order and spaces', '{"a":1,"b":2}\n', '\r\n{ "b":2, "a":1 }', []],
    ['a line less', '{"a":1}\n{"a":2}', '{"a":2}', ['/events/0 removed']],
    ['a big integer', '9007199254740993\n', '9007199254740992\n', ['/events/0 changed']],
  ])('tells of lines of JSON: %s', (_, primary, shadow, expected) => {
    expect(told('application/x-ndjson', primary, shadow)).toEqual(expected)
  })

  it('says which line is no JSON and compares it as text', () => {
    const result = compare('application/x-ndjson', '{"a":1}\n{"a":\n', '{"a":1}\n{"a":2}\n')
    expect(result.notes).toEqual(['primary line of event 1 is not JSON'])
    expect(result.differences).toMatchObject([{ path: '/events/1', kind: 'type', primary: '{"a":' }])
  })

  it('compares a stream of too many events by lines', () => {
    const result = compare('application/x-ndjson', '1\n'.repeat(30_000), '1\n'.repeat(30_001))
    expect(result.notes).toContain('primary ndjson holds more than 20000 values')
    expect(result.differences.map(({ path }) => path)).toEqual(['line:30001'])
  })
})

describe('compareFull on forms', () => {
  const FORM = 'application/x-www-form-urlencoded'

  it.each([
    ['a field', 'a=1&b=2', 'b=2&a=3', ['/a changed']],
    ['a field of several values', 'a=1&a=2', 'a=1&a=3', ['/a/1 changed']],
    ['escapes that say the same', 'a=x+y&b=%C3%A9', 'a=x%20y&b=é', []],
    ['a field missing', 'a=1&b=', 'a=1', ['/b removed']],
    ['__proto__', '__proto__=1&x[y]=1', '__proto__=2&x[y]=2', ['/__proto__ changed', '/x[y] changed']],
  ])('tells of %s', (_, primary, shadow, expected) => {
    expect(told(FORM, primary, shadow)).toEqual(expected)
  })

  const part = (head: string, body: string) => `Content-Disposition: form-data; ${head}\r\n\r\n${body}`
  const multipart = (boundary: string, ...parts: string[]) =>
    `${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\n`

  it.each([
    ['another boundary alone', [part('name="a"', '1')], [part('name=a', '1')], []],
    [
      'a field',
      [part('name="a"', '1'), part('name="b"', '2')],
      [part('name="b"', '3'), part('name="a"', '1')],
      ['/b changed'],
    ],
    ['a field twice', [part('name="a"', '1'), part('name="a"', '2')], [part('name="a"', '1')], ['/a type']],
    [
      'a file of another name',
      [part('name="f"; filename="a.txt"\r\nContent-Type: text/plain', 'x')],
      [part('name="f"; filename="b.txt"\r\nContent-Type: text/plain', 'x')],
      ['/f/filename changed'],
    ],
    [
      'JSON inside',
      [part('name="j"\r\nContent-Type: application/json', '{"a":1,"b":2}')],
      [part('name="j"\r\nContent-Type: application/json', '{"b":2,"a":3}')],
      ['/j/value/a changed'],
    ],
    ['parts without names', ['Content-Type: text/plain\r\n\r\none'], ['\r\ntwo'], ['/parts/0 type']],
    ['a boundary inside a value', [part('name="a"', 'x--one')], [part('name="a"', 'x--two')], ['/a changed']],
  ])('tells of multipart: %s', (_, primary, shadow, expected) => {
    const [one, two] = ['multipart/form-data; boundary=one', 'multipart/form-data; boundary="t w o"']
    const differences = told(one, multipart('one', ...primary), multipart('t w o', ...shadow), two)
    expect(differences.filter((found) => !found.startsWith('header:'))).toEqual(expected)
  })

  it('compares bytes inside multipart', () => {
    const file = (byte: number) =>
      Buffer.from(multipart('x', part('name="f"; filename="f"', `\xff${String.fromCharCode(byte)}`)), 'latin1')
    expect(told('multipart/form-data; boundary=x', file(1), file(2))).toEqual(['/f/value changed'])
  })

  it.each([
    ['no boundary named', 'multipart/form-data', '--x--'],
    ['no end', 'multipart/form-data; boundary=x', '--x\r\n\r\n1'],
    ['a boundary never seen', 'multipart/form-data; boundary=y', '--x--'],
  ])('compares multipart by hash with %s', (_, type, body) => {
    const result = compare(type, body, `${body} `)
    expect(result.notes[0]).toBe('primary body is not the multipart it says')
    expect(result.differences).toHaveLength(1)
  })
})

describe('compareFull on gRPC', () => {
  const frame = (flags: number, message: string) => {
    const head = Buffer.alloc(5)
    head[0] = flags
    head.writeUInt32BE(Buffer.byteLength(message), 1)
    return Buffer.concat([head, Buffer.from(message)])
  }

  it.each([
    ['a message', [frame(0, 'a'), frame(0, 'b')], [frame(0, 'a'), frame(0, 'c')], ['/frames/1 changed']],
    ['a message more', [frame(0, 'a')], [frame(0, 'a'), frame(0, 'b')], ['/frames/1 added']],
    ['a compressed one', [frame(0, 'a')], [frame(1, 'a')], ['/frames/0 changed']],
    [
      'trailers of gRPC-Web',
      [frame(0, 'a'), frame(0x80, 'grpc-status: 0\r\n')],
      [frame(0, 'a'), frame(0x80, 'Grpc-Status: 13\r\ngrpc-message: no\r\n')],
      ['/trailers/grpc-status changed', '/trailers/grpc-message added'],
    ],
  ])('tells of %s', (_, primary, shadow, expected) => {
    expect(told('application/grpc-web+proto', Buffer.concat(primary), Buffer.concat(shadow))).toEqual(expected)
  })

  it('tells of a status in the headers', () => {
    const headers = (status: string) => ({ 'Content-Type': ['application/grpc'], 'Grpc-Status': [status] })
    const result = compareFull(primarySide('', { headers: headers('0') }), shadowSide('', { headers: headers('5') }))
    expect(result.differences.map(({ path }) => path)).toEqual(['header:grpc-status'])
  })

  it.each([
    ['a cut frame', frame(0, 'abc').subarray(0, 7)],
    ['a cut head', Buffer.from([0, 0, 0])],
    ['a length of 4 GiB', Buffer.from([0, 255, 255, 255, 255, 1])],
    ['unknown flags', Buffer.from([2, 0, 0, 0, 0])],
  ])('compares %s by hash', (_, body) => {
    const result = compare('application/grpc', body, frame(0, 'abc'))
    expect(result.notes).toEqual(['primary body is not the grpc it says'])
    expect(result.differences).toMatchObject([{ path: '', kind: 'changed' }])
  })
})

describe('compareFull on GraphQL', () => {
  const JSON_TYPE = 'application/json'

  it.each([
    ['errors instead of data', { data: { a: 1 } }, { errors: [{ message: 'no' }], data: null }, 'ok', 'errors'],
    ['errors beside data', { data: { a: 1 } }, { data: { a: 1 }, errors: [{ message: 'no' }] }, 'ok', 'partial'],
    ['errors gone', { errors: [{ message: 'no' }] }, { data: { a: 1 } }, 'errors', 'ok'],
  ])('tells %s as a failure of its own', (_, one, two, primary, shadow) => {
    const [first] = compare(JSON_TYPE, JSON.stringify(one), JSON.stringify(two)).differences
    expect(first).toEqual({ path: 'graphql:status', kind: 'changed', primary, shadow })
  })

  it.each([
    ['another key', { data: 1, page: 1 }, { data: 2, page: 1 }],
    ['errors that are none of GraphQL', { data: 1 }, { errors: ['no'] }],
    ['failures of both', { errors: [{ message: 'a' }] }, { errors: [{ message: 'b' }] }],
  ])('says nothing of it with %s', (_, one, two) => {
    expect(told(JSON_TYPE, JSON.stringify(one), JSON.stringify(two)).join()).not.toContain('graphql')
  })

  it('leaves answers alone whose status says it already, unless they say that they are GraphQL', () => {
    const [one, two] = ['{"data":1}', '{"errors":[{"message":"x"}]}']
    expect(told(JSON_TYPE, one, two, JSON_TYPE, 400)).toEqual(['/errors added', '/data removed'])
    const type = 'application/graphql-response+json'
    expect(told(type, one, two, type, 400)[0]).toBe('graphql:status changed')
  })
})

describe('hostile bodies', () => {
  const FORM = 'application/x-www-form-urlencoded'
  const PARTS = 'multipart/form-data; boundary=x'
  const EVENTS = 'text/event-stream'
  const JSON_TYPE = 'application/json'

  it.each([
    ['events of one empty line each', EVENTS, 'data\n\n'.repeat(150_000)],
    ['events that begin like JSON', EVENTS, 'data: {\n\n'.repeat(100_000)],
    ['one event of many lines', EVENTS, 'data: x\n'.repeat(120_000)],
    ['carriage returns', EVENTS, '\r'.repeat(1_000_000)],
    ['one long line', EVENTS, `data: ${'['.repeat(1_000_000)}`],
    ['lines of open brackets', 'application/x-ndjson', `${'['.repeat(300)}\n`.repeat(3_000)],
    ['ampersands', FORM, '&'.repeat(1_000_000)],
    ['broken escapes', FORM, `a=${'%'.repeat(1_000_000)}`],
    ['fields of one name', FORM, 'a=1&'.repeat(19_000)],
    ['boundaries', PARTS, '--x\r\n'.repeat(190_000)],
    ['boundaries that are parts', PARTS, `--x\r\n\r\n${'\r\n--x\r\n\r\n'.repeat(4_900)}\r\n--x--`],
    [
      'a part with a long head',
      PARTS,
      `--x\r\nContent-Disposition: form-data${'; name="a'.repeat(90_000)}\r\n\r\n1\r\n--x--`,
    ],
    ['empty frames', 'application/grpc', '\0'.repeat(1_000_000)],
    ['arrays of empty objects', JSON_TYPE, `[${'{},'.repeat(15_000)}1]`],
    ['arrays that are nearly alike', JSON_TYPE, `[${'[1,2],[2,1],'.repeat(2_500)}0]`],
    ['elements of one id', JSON_TYPE, `[${'{"id":1,"name":"a"},'.repeat(4_000)}{"id":2}]`],
  ])('of %s take no longer than they should', (_, type, body) => {
    const startedAt = cpuMs()
    compare(type, body, `${body.slice(0, -3)}2]${body.slice(-1)}`)
    compare(type, body, body.slice(body.length / 2))
    expect(cpuMs() - startedAt).toBeLessThan(1_000)
  })
})
