import { readFileSync } from 'node:fs'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { compareByHash, compareFull } from '../../../collector/core/compare/compare-full.ts'
import type { Difference } from '../../../collector/core/comparison.ts'
import type { HeaderValues } from '../../../collector/core/tap-record.ts'
import { cpuMs } from '../../helpers/cpu-clock.ts'
import { JSON_HEADERS, primarySide, shadowSide } from './sides.ts'

type JsonPair = { name: string; primary: string; shadow: string; differences: Difference[]; notes?: string[] }

const fixtures = new URL('../../fixtures/compare/json-pairs.json', import.meta.url)
const pairs = JSON.parse(readFileSync(fixtures, 'utf8')) as JsonPair[]

const TEXT = { 'Content-Type': ['text/plain'] }
const IMAGE = { 'Content-Type': ['image/png'] }

function compare(primary: string | Buffer, shadow: string | Buffer, headers = JSON_HEADERS, shadowHeaders = headers) {
  return compareFull(primarySide(primary, { headers }), shadowSide(shadow, { headers: shadowHeaders }))
}

const coded = (coding: string): HeaderValues => ({ ...JSON_HEADERS, 'Content-Encoding': [coding] })
const CODING_DIFFERS = expect.objectContaining({ path: 'header:content-encoding' })

describe('compareFull on JSON', () => {
  it.each(pairs)('compares $name', ({ primary, shadow, differences, notes }) => {
    const result = compare(primary, shadow)
    expect(result.differences).toEqual(differences)
    expect(result.outcome).toBe(differences.length === 0 ? 'match' : 'different')
    expect(result.notes).toEqual(notes ?? [])
  })

  it('reads a body without a Content-Type as JSON when it is', () => {
    expect(compare('{"a":1}', '{"a":2}', {}).differences[0]?.path).toBe('/a')
    expect(compare('one', 'two', {}).differences[0]?.path).toBe('line:1')
  })

  it('takes problem+json and charsets that say nothing new for JSON', () => {
    const headers = { 'content-type': ['application/problem+json;charset=UTF-8'] }
    expect(compare('{"a":1}', '{"a":2}', headers).differences[0]?.path).toBe('/a')
  })

  it('keeps no more than 200 differences and says so', () => {
    const numbers = (step: number) => JSON.stringify(Array.from({ length: 5_000 }, (_, i) => i * step))
    const result = compare(numbers(1), numbers(2))
    expect(result.differences).toHaveLength(200)
    expect(result.differencesCut).toBe(true)
  })

  it('shows long values cut, with what differs in sight', () => {
    const text = (end: string) => JSON.stringify({ a: `${'x'.repeat(5_000)}${end}` })
    const [difference] = compare(text('one'), text('two')).differences
    expect(difference?.primary).toBe(`…${'x'.repeat(40)}one`)
    expect(difference?.shadow).toBe(`…${'x'.repeat(40)}two`)
    const [added] = compare('{}', JSON.stringify({ a: Array(5_000).fill('y') })).differences
    expect(String(added?.shadow)).toHaveLength(2_048)
    expect(String(added?.shadow)).toMatch(/^\["y",.*…$/)
  })

  it.each([
    ['nested 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), 'nested deeper than 200'],
    ['of brackets that never close', '['.repeat(100_000), 'nested deeper than 200'],
    ['of 100,000 values', JSON.stringify(Array(100_000).fill(0)), 'more than 20000 values'],
    ['of 50,000 keys', `{${'"a":0,'.repeat(50_000)}"a":0}`, 'more than 20000 values'],
  ])('compares a document %s by hash', (_, body, limit) => {
    const result = compare(body, '{"a":1}')
    expect(result.notes).toEqual([`primary JSON ${limit}: compared by hash`])
    expect(result.differences).toEqual([
      {
        path: '',
        kind: 'changed',
        primary: expect.stringMatching(/^\d+ bytes, hmac:[0-9a-f]{16}$/),
        shadow: expect.any(String),
      },
    ])
  })

  it('compares a one-line document of 5 MB by hash, in no time', () => {
    const document = JSON.stringify({ a: 'x'.repeat(5_000_000) })
    const startedAt = cpuMs()
    const result = compare(document, `${document} `)
    expect(result.notes[0]).toBe('primary body is longer than 1048576 bytes: compared by hash')
    expect(result.outcome).toBe('different')
    expect(cpuMs() - startedAt).toBeLessThan(500)
  })

  it('leaves the prototype of every object as it was', () => {
    compare('{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}')
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('compareFull on content codings', () => {
  const document = '{"a":1,"b":[1,2,3]}'

  it.each([
    ['gzip', gzipSync(document)],
    ['x-gzip', gzipSync(document)],
    ['deflate', deflateSync(document)],
    ['deflate', deflateRawSync(document)],
    ['br', brotliCompressSync(document)],
    ['zstd', zstdCompressSync(document)],
    ['gzip, br', brotliCompressSync(gzipSync(document))],
    ['identity', Buffer.from(document)],
  ])('finds the same document in %s and identity equal', (coding, bytes) => {
    const result = compare(document, bytes, JSON_HEADERS, coded(coding))
    expect(result.differences).toEqual([CODING_DIFFERS])
    expect(result.notes).toEqual([])
  })

  it('compares what is inside, not how it was compressed', () => {
    const result = compare(gzipSync(document, { level: 1 }), gzipSync(document, { level: 9 }), coded('gzip'))
    expect(result.outcome).toBe('match')
    const changed = compare(gzipSync(document), gzipSync('{"a":2,"b":[1,2,3]}'), coded('gzip'))
    expect(changed.differences.map(({ path }) => path)).toEqual(['/a'])
  })

  it.each([
    ['gzip', Buffer.from('no gzip'), 'body is not gzip as it says'],
    ['br', Buffer.from('no brotli'), 'body is not br as it says'],
    ['gzip, br', gzipSync('gzip only'), 'body is not br as it says'],
    ['snappy', Buffer.from('abc'), 'content-encoding snappy is not known'],
    ['gzip, gzip, gzip, gzip', Buffer.from('abc'), 'more than 3 content codings'],
    ['br', brotliCompressSync(Buffer.alloc(100 * 1024 * 1024)), 'body inflates past 1048576 bytes'],
    ['gzip', gzipSync(Buffer.alloc(2 * 1024 * 1024)), 'body inflates past 1048576 bytes'],
    ['zstd', zstdCompressSync(Buffer.alloc(2 * 1024 * 1024)), 'body inflates past 1048576 bytes'],
  ])('compares a body that says %s by hash when it cannot be decoded', (coding, bytes, reason) => {
    const result = compare(document, bytes, JSON_HEADERS, coded(coding))
    expect(result.notes).toEqual([`shadow ${reason}: compared by hash`])
    expect(result.differences).toEqual([CODING_DIFFERS, expect.objectContaining({ path: '', kind: 'changed' })])
  })
})

describe('compareFull on other bodies', () => {
  it('says that HTML instead of JSON is another type', () => {
    const result = compare('{"a":1}', '<h1>Oops</h1>', JSON_HEADERS, { 'Content-Type': ['text/html'] })
    expect(result.differences).toEqual([
      { path: 'header:content-type', kind: 'changed', primary: 'application/json; charset=utf-8', shadow: 'text/html' },
      { path: '', kind: 'type', primary: '{"a":1}', shadow: '<h1>Oops</h1>' },
    ])
  })

  it.each([['text/plain'], ['text/csv'], ['application/javascript']])(
    'compares JSON that says it is %s by lines, the order of its keys too',
    (type) => {
      const [one, two] = ['{"a":1,"b":2}', '{"b":2,"a":1}']
      const headers = { 'Content-Type': [type] }
      expect(compare(one, two, headers).differences).toEqual([
        { path: 'line:1', kind: 'changed', primary: one, shadow: two },
      ])
      const other = compare(one, two, JSON_HEADERS, headers)
      expect(other.differences.map(({ path, kind }) => `${path} ${kind}`)).toContain(' type')
    },
  )

  it('decodes charsets', () => {
    const latin1 = { 'Content-Type': ['text/plain; charset=ISO-8859-1'] }
    const utf8 = { 'Content-Type': ['text/plain; charset="utf-8"'] }
    const result = compare(Buffer.from('café', 'latin1'), 'café', latin1, utf8)
    expect(result.differences.map(({ path }) => path)).toEqual(['header:content-type'])
    const utf16 = { 'Content-Type': ['application/json;charset=utf-16le'] }
    expect(
      compare(Buffer.from('{"a":1}', 'utf16le'), Buffer.from('{"a":2}', 'utf16le'), utf16).differences[0]?.path,
    ).toBe('/a')
  })

  it('never takes bytes that its charset does not allow for equal', () => {
    const result = compare(Buffer.from([0x61, 0xff]), Buffer.from([0x61, 0xfe]), TEXT)
    expect(result.outcome).toBe('different')
    expect(result.notes).toEqual(
      ['primary', 'shadow'].map((side) => `${side} body is not utf-8 text: compared by hash`),
    )
    const unknown = { 'Content-Type': ['text/plain; charset=klingon'] }
    expect(compare('a', 'b', unknown).notes[0]).toBe('primary body is not klingon text: compared by hash')
  })

  it.each([
    ['an image', 'image/png', []],
    ['a protobuf', 'application/x-protobuf', ['protobuf without its descriptor: compared by hash']],
    [
      'multipart that is none',
      'multipart/form-data; boundary=x',
      ['primary body is not the multipart it says', 'shadow body is not the multipart it says'],
    ],
  ])('compares %s by hash', (_, type, notes) => {
    const result = compare(Buffer.from([1, 2, 3]), Buffer.from([1, 2, 4, 5]), { 'Content-Type': [type] })
    expect(result.differences).toEqual([
      {
        path: '',
        kind: 'changed',
        primary: expect.stringMatching(/^3 bytes, hmac:/),
        shadow: expect.stringMatching(/^4 bytes, hmac:/),
      },
    ])
    expect(result.notes).toEqual(notes)
  })

  it('finds an image equal that came compressed once', () => {
    const image = Buffer.from([0x89, 0x50, 1, 2, 3])
    const result = compare(image, gzipSync(image), IMAGE, { ...IMAGE, 'Content-Encoding': ['gzip'] })
    expect(result.differences).toEqual([CODING_DIFFERS])
  })

  it('says that an image instead of text is another type', () => {
    expect(compare('text', Buffer.from([1, 2]), TEXT, IMAGE).differences.at(-1)).toMatchObject({
      path: '',
      kind: 'type',
    })
  })

  it('compares a body that was not kept by hash', () => {
    const kept = primarySide('{"a":1}')
    const other = shadowSide('{"a":2}', { response: { body: '' } })
    expect(compareFull(kept, other).notes).toEqual(['shadow body not kept: compared by hash'])
  })
})

describe('compareFull on text', () => {
  it.each([
    ['a changed line', 'a\nb\nc', 'a\nB\nc', ['line:2 changed b B']],
    ['an added line', 'a\nc', 'a\nb\nc', ['line:2 added - b']],
    ['a removed line', 'a\nb\nc', 'a\nc', ['line:2 removed b -']],
    ['lines at both ends', 'a\nb\nc\nd', 'x\nb\nc\nd\ne', ['line:1 changed a x', 'line:5 added - e']],
    ['a line moved', 'a\nb\nc', 'b\nc\na', ['line:1 removed a -', 'line:3 added - a']],
    ['line ends', 'a\r\nb', 'a\nb', ['line:1 changed a\r a']],
    ['a last line end', 'a\n', 'a', ['line:2 removed  -']],
    ['one line', 'one', 'two', ['line:1 changed one two']],
  ])('tells %s', (_, primary, shadow, expected) => {
    const told = compare(primary, shadow, TEXT).differences.map(
      (d) => `${d.path} ${d.kind} ${d.primary ?? '-'} ${d.shadow ?? '-'}`,
    )
    expect(told).toEqual(expected)
  })

  it('compares texts too long to align line by line, in time', () => {
    const lines = (salt: string) => Array.from({ length: 40_000 }, (_, i) => `${salt} ${i}`).join('\n')
    const startedAt = cpuMs()
    const result = compare(lines('a'), lines('b'), TEXT)
    expect(result.differences).toHaveLength(200)
    expect(result.differencesCut).toBe(true)
    expect(cpuMs() - startedAt).toBeLessThan(500)
  })
})

describe('compareByHash', () => {
  it('lists status and headers, and the bodies by size and hash with its note', () => {
    const result = compareByHash(primarySide('{"a":1}'), shadowSide('{"a":22}', { status: 500 }), 'why')
    expect(result.differences.map(({ path }) => path)).toEqual(['status', ''])
    expect(result.notes).toEqual(['why'])
  })
})
