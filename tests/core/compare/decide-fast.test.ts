import { describe, expect, it } from '@jest/globals'
import type { Comparable } from '../../../collector/core/compare/comparable.ts'
import { decideFast } from '../../../collector/core/compare/decide-fast.ts'
import type { HeaderValues } from '../../../collector/core/tap-record.ts'
import { JSON_HEADERS, primarySide, shadowSide } from './sides.ts'

const MATCH = { outcome: 'match', differences: [], differencesCut: false, notes: [] }

function byHeaders(primary: HeaderValues, shadow: HeaderValues, options: { method?: string; status?: number } = {}) {
  return decideFast(
    primarySide('x', { headers: primary, ...options }),
    shadowSide('x', { headers: shadow, ...options }),
  )
}

describe('decideFast', () => {
  it('finds equal answers a match', () => {
    expect(decideFast(primarySide('{"a":1}'), shadowSide('{"a":1}'))).toEqual(MATCH)
    expect(decideFast(primarySide(''), shadowSide(''))).toEqual(MATCH)
  })

  it('leaves bodies with other bytes to compareFull', () => {
    expect(decideFast(primarySide('{"a":1}'), shadowSide('{"a":2}'))).toBeNull()
    expect(decideFast(primarySide('{"a":1}'), shadowSide(''))).toBeNull()
  })

  it('tells a different status although the bodies are equal', () => {
    expect(decideFast(primarySide('x'), shadowSide('x', { status: 500 }))).toEqual({
      ...MATCH,
      outcome: 'different',
      differences: [{ path: 'status', kind: 'changed', primary: 200, shadow: 500 }],
    })
  })

  it('leaves volatile headers out, whatever their case', () => {
    const noise = (value: string) => ({
      Date: [value],
      AGE: [value],
      connection: [value],
      'Keep-Alive': [value],
      'Transfer-Encoding': [value],
      'Content-Length': [value],
      ETag: [value],
      'Server-Timing': [value],
      'X-Request-ID': [value],
      Traceparent: [value],
      'X-Understudy-Anything': [value],
    })
    expect(byHeaders(noise('1'), noise('2'))).toEqual(MATCH)
    expect(byHeaders(noise('1'), {})).toEqual(MATCH)
  })

  it.each([
    ['HEAD', 200],
    ['GET', 304],
  ])('compares Content-Length and ETag where there is no body (%s %i)', (method, status) => {
    const result = byHeaders({ 'Content-Length': ['1'], ETag: ['"a"'] }, { ETag: ['"b"'] }, { method, status })
    expect(result?.differences).toEqual([
      { path: 'header:content-length', kind: 'removed', primary: '1' },
      { path: 'header:etag', kind: 'changed', primary: '"a"', shadow: '"b"' },
    ])
  })

  it('compares trailers in a place of their own, and not the header that announces them', () => {
    const withTrailers = (sum: string, trailer: string) => ({
      headers: { Trailer: [trailer] },
      response: { trailers: { 'Grpc-Status': ['0'], 'X-Sum': [sum] } },
    })
    const primary = primarySide('x', withTrailers('1', 'X-Sum, Grpc-Status'))
    expect(decideFast(primary, shadowSide('x', withTrailers('1', 'Grpc-Status, X-Sum')))).toEqual(MATCH)
    expect(decideFast(primary, shadowSide('x', withTrailers('2', 'X-Sum')))?.differences).toEqual([
      { path: 'trailer:x-sum', kind: 'changed', primary: '1', shadow: '2' },
    ])
    expect(decideFast(primary, shadowSide('x', { headers: {} }))?.differences).toEqual([
      { path: 'trailer:grpc-status', kind: 'removed', primary: '0' },
      { path: 'trailer:x-sum', kind: 'removed', primary: '1' },
    ])
  })

  it('compares names without regard to case, and several values as a list', () => {
    expect(byHeaders({ 'X-A': ['1', '2'] }, { 'x-a': ['1', '2'] })).toEqual(MATCH)
    expect(byHeaders({ Vary: ['a', 'b'] }, { Vary: ['b', 'a'] })?.differences).toEqual([
      { path: 'header:vary', kind: 'changed', primary: ['a', 'b'], shadow: ['b', 'a'] },
    ])
    expect(byHeaders({}, { 'Set-Cookie': ['hmac:0123'] })?.differences).toEqual([
      { path: 'header:set-cookie', kind: 'added', shadow: 'hmac:0123' },
    ])
  })

  it('takes hostile header names as names', () => {
    const hostile = JSON.parse('{"__proto__":["1"],"constructor":["1"],"toString":["1"]}') as HeaderValues
    expect(byHeaders(hostile, {})?.differences.map(({ path }) => path)).toEqual([
      'header:__proto__',
      'header:constructor',
      'header:tostring',
    ])
    expect(byHeaders({}, hostile)?.differences).toHaveLength(3)
    expect(byHeaders(hostile, { ...hostile })).not.toEqual(null)
  })

  it('shows long and broken header values bounded and storable', () => {
    const result = byHeaders({ 'X-Long': ['y'.repeat(9_000)] }, { 'X-Long': ['a\0\ud800'] })
    expect(String(result?.differences[0]?.primary).length).toBeLessThanOrEqual(2_049)
    expect(result?.differences[0]?.shadow).toBe('a\\u0000\ufffd')
  })

  it('keeps no more than 200 differences', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`X-${i}`, ['1']]))
    const result = byHeaders(many, {})
    expect(result?.differences).toHaveLength(200)
    expect(result?.differencesCut).toBe(true)
  })

  it.each(['primary', 'shadow'])('calls a pair with a truncated %s incomplete, and still lists what it saw', (cut) => {
    const truncated = { bodyBytes: 500_000, truncated: true }
    const result = decideFast(
      primarySide('abc', { response: cut === 'primary' ? truncated : {} }),
      shadowSide('abc', { status: 404, headers: {}, response: cut === 'shadow' ? truncated : {} }),
    )
    expect(result?.outcome).toBe('incomplete')
    expect(result?.differences.map(({ path }) => path)).toEqual(['status', 'header:content-type'])
    expect(result?.notes).toEqual([
      `${cut} body truncated: 3 of 500000 bytes captured`,
      'the whole bodies are different by hash',
    ])
  })

  it('calls truncated sides incomplete although their whole bodies are equal', () => {
    const response = { truncated: true, bodyBytes: 500_000 }
    const result = decideFast(primarySide('abc', { response }), shadowSide('abc', { response }))
    expect(result?.outcome).toBe('incomplete')
    expect(result?.notes.at(-1)).toBe('the whole bodies are equal by hash')
  })

  it('calls a pair with a skipped side incomplete', () => {
    const skipped: Comparable = { side: 'shadow', request: { method: 'GET' }, skipped: 'shed-rate' }
    expect(decideFast(primarySide('abc'), skipped)).toEqual({
      ...MATCH,
      outcome: 'incomplete',
      notes: ['shadow not captured: shed-rate'],
    })
    expect(decideFast({ ...skipped, side: 'primary' }, skipped)?.notes).toHaveLength(2)
  })

  it('does not take bodies without a hash for equal', () => {
    const response = { bodyHash: '' }
    expect(decideFast(primarySide('abc', { response }), shadowSide('abd', { response }))).toBeNull()
  })

  it('gives every result its own lists', () => {
    const one = decideFast(primarySide('a'), shadowSide('a'))
    one?.notes.push('changed by a caller')
    expect(decideFast(primarySide('a', { headers: JSON_HEADERS }), shadowSide('a'))).toEqual(MATCH)
  })
})
