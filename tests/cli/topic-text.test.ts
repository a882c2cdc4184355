import { describe, expect, it } from '@jest/globals'
import type { KafkaMessage } from 'kafkajs'
import { messageJson, messageLine } from '../../collector/cli/topic-text.ts'

function message(value: string | Buffer | null, more: Partial<KafkaMessage> = {}): KafkaMessage {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return {
    key: Buffer.from('k'),
    value: bytes,
    timestamp: '1782907200000',
    attributes: 0,
    offset: '7',
    ...more,
  } as KafkaMessage
}

const place = { topic: 'understudy.taps', partition: 3 }
const control = /[\p{Cc}\p{Cf}]/u

describe('a record as JSON', () => {
  it('keeps place, key, headers and the value as it is', () => {
    const json = messageJson(
      place,
      message('{"n": 9007199254740993,\r\n "a":1}', {
        headers: { reason: Buffer.from('bad'), many: [Buffer.from('a'), 'b'] },
      }),
    )
    expect(json).toContain('"n": 9007199254740993')
    expect(json.split('\n')).toHaveLength(1)
    expect(JSON.parse(json)).toMatchObject({
      topic: 'understudy.taps',
      partition: 3,
      offset: '7',
      timestamp: '2026-07-01T12:00:00.000Z',
      key: 'k',
      headers: { reason: 'bad', many: 'a, b' },
    })
  })

  it.each([
    ['a tombstone', message(null), { value: null }],
    ['an empty value', message(''), { text: '' }],
    ['text that is no JSON', message('hello\u001b[2J'), { text: 'hello\u001b[2J' }],
    ['bytes', message(Buffer.from([0xff, 0xfe])), { base64: '//4=' }],
    ['no key', message('1', { key: null }), { key: null, value: 1 }],
    ['a key of bytes', message('1', { key: Buffer.from([0xff]) }), { key: 'base64:/w==' }],
    ['a time that is none', message('1', { timestamp: 'x' }), { timestamp: '-' }],
  ])('holds %s', (_name, record, expected) => {
    const json = messageJson(place, record)
    expect(json).not.toMatch(control)
    expect(JSON.parse(json)).toMatchObject(expected)
  })

  it('holds 100,000 open brackets', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(messageJson(place, message(deep))).toContain('[[[[')
    expect(messageLine(message(deep))).toContain('[[[[')
  })
})

describe('a record as a line', () => {
  it.each([
    [
      'a tap record',
      {
        v: 1,
        id: 'i',
        side: 'primary',
        variant: '',
        request: { method: 'GET', uri: '/a' },
        response: { status: 200, bodyBytes: 5 },
      },
      'primary  200 5 B  GET /a  i',
    ],
    [
      'a shed one',
      { v: 1, id: 'i', side: 'shadow', variant: 'next', request: { method: 'GET', uri: '/a' }, skipped: 'shed-rate' },
      'shadow/next skipped: shed-rate  GET /a  i',
    ],
    [
      'a comparison',
      {
        id: 'i:shadow',
        outcome: 'different',
        method: 'GET',
        path: '/a',
        differences: [{ path: '/x' }, {}],
        primary: { status: 200 },
        shadow: { status: 500 },
      },
      'different  200 → 500  GET /a  /x +1  i:shadow',
    ],
    [
      'an event',
      { kind: 'route.changed', route: 'a', actor: 'me', details: { share: 5 } },
      'route.changed  a  me  {"share":5}',
    ],
    ['anything else', { a: 1 }, 'k  {"a":1}'],
    ['a record that only looks like one', { side: 'primary', request: null, response: 5 }, 'primary  - - B  - -  -'],
  ])('shows %s', (_name, value, expected) => {
    expect(messageLine(message(JSON.stringify(value)))).toBe(`2026-07-01T12:00:00.000Z  ${expected}`)
  })

  it('says why a record is a dead letter', () => {
    expect(messageLine(message(Buffer.from([0, 0xff]), { headers: { reason: 'not-json' } }))).toMatch(/not-json: k {2}/)
  })

  it.each(['\u001b[2J', 'a\nb', '\u202ex', '\u0000', '\u009b31m'])('escapes %j wherever it stands', (text) => {
    const values = [
      { side: text, variant: text, id: text, request: { method: text, uri: text } },
      { outcome: text, method: text, path: text, id: text, differences: [{ path: text }] },
      { kind: text, actor: text },
      text,
    ]
    for (const value of values) {
      expect(
        messageLine(message(JSON.stringify(value), { headers: { reason: text }, key: Buffer.from(text) })),
      ).not.toMatch(control)
    }
  })

  it('is short however long the value', () => {
    expect(messageLine(message('x'.repeat(5_000_000))).length).toBeLessThanOrEqual(240)
  })
})
