import { describe, expect, it } from '@jest/globals'
import { type ParsedRules, parseRules, writtenRule } from '../../plugin-config/rules.ts'

const rule = { at: '/id', treat: 'uuid' }
const told = (parsed: ParsedRules) =>
  parsed.ok ? [] : parsed.problems.map(({ pointer, message }) => `${pointer} ${message}`)

describe('rules', () => {
  it('are read with what their author left out', () => {
    expect(parseRules([rule])).toEqual({
      ok: true,
      rules: [{ name: 'uuid /id', at: ['/id'], treat: { as: 'uuid' }, endpoints: [], kinds: [] }],
    })
  })

  it.each([
    ['ignore', { as: 'ignore' }],
    ['ulid', { as: 'ulid' }],
    ['token', { as: 'token' }],
    ['counter', { as: 'counter' }],
    ['url-host', { as: 'url-host' }],
    ['timestamp', { as: 'timestamp', skewMs: 60_000 }],
    [{ timestamp: { skewMs: 500 } }, { as: 'timestamp', skewMs: 500 }],
    [{ number: { within: 0.01 } }, { as: 'number', within: 0.01 }],
    [{ number: { percent: 5 } }, { as: 'number', percent: 5 }],
    ['unordered', { as: 'unordered' }],
    [{ unordered: { by: 'id' } }, { as: 'unordered', by: 'id' }],
  ])('know the treatment %j', (treat, expected) => {
    const parsed = parseRules([{ at: '/x', treat }])
    expect(parsed.ok && parsed.rules[0]?.treat).toEqual(expected)
  })

  it.each([
    '',
    '/',
    '/items/*/id',
    '/**/at',
    '/a~1b/~0',
    'header:x-build',
    'header:X-*',
    'trailer:x-*',
    'status',
    'line:3',
    'line:*',
  ])('take the path %j', (at) => {
    expect(told(parseRules([{ at, treat: 'ignore' }]))).toEqual([])
  })

  it.each([
    ['no list', { rules: [] }, [' expected a list of rules']],
    ['too many', Array(201).fill(rule), [' holds 201 rules: expected at most 200']],
    ['no rule', [null], ['/0 expected a rule: at and treat, got null']],
    ['nothing in a rule', [{ treat: 'uuid' }], ['/0/at expected a path such as /items/*/id, or a list of them']],
    ['a name twice', [rule, rule], ['/1/name the name uuid /id is there twice']],
    [
      'dots',
      [{ at: 'user.id', treat: 'uuid' }],
      ['/0/at/0 expected a pointer such as /user/id, or header:<name>, or status, got "user.id"'],
    ],
    [
      'JSONPath',
      [{ at: '$.items[*].id', treat: 'uuid' }],
      ['/0/at/0 expected a pointer such as /items/*/id, not JSONPath, got "$.items[*].id"'],
    ],
    ['a bare tilde', [{ at: '/a~b', treat: 'uuid' }], [expect.stringMatching(/^\/0\/at\/0 expected ~0 for ~ and ~1/)]],
    [
      'a long path',
      [{ at: `/${'x'.repeat(600)}`, treat: 'uuid' }],
      [expect.stringContaining('at most 500 characters')],
    ],
    ['a deep path', [{ at: '/a'.repeat(41), treat: 'uuid' }], [expect.stringContaining('at most 40 keys')]],
    ['a header with a space', [{ at: 'header:x y', treat: 'ignore' }], [expect.stringContaining('header:<name>')]],
    ['line 0', [{ at: 'line:0', treat: 'ignore' }], [expect.stringContaining('line:<number>')]],
    [
      'no number',
      [{ at: 7, treat: 'ignore' }],
      ['/0/at expected a path such as /items/*/id, or a list of them, got 7'],
    ],
    ['no tolerance', [{ at: '/n', treat: 'number' }], [expect.stringContaining('number needs a tolerance')]],
    [
      'a negative tolerance',
      [{ at: '/n', treat: { number: { within: -1 } } }],
      [expect.stringMatching(/^\/0\/treat /)],
    ],
    [
      'an endpoint without a method',
      [{ ...rule, endpoint: '/x' }],
      [expect.stringContaining('expected a method or *')],
    ],
    ['a small method', [{ ...rule, endpoint: 'get /x' }], [expect.stringContaining('expected a method or *')]],
    [
      'an unknown kind',
      [{ ...rule, kinds: ['gone'] }],
      [expect.stringMatching(/^\/0\/kinds\/0 expected one of changed/)],
    ],
    ['a day that is none', [{ ...rule, until: '2026-02-30' }], [expect.stringContaining('such as 2027-01-31')]],
    ['a date in words', [{ ...rule, until: 'next week' }], [expect.stringContaining('such as 2027-01-31')]],
    ['a version in words', [{ ...rule, until: { version: 'next' } }], [expect.stringMatching(/^\/0\/until/)]],
    ['unordered headers', [{ at: 'header:vary', treat: 'unordered' }], [expect.stringContaining('arrays in bodies')]],
    [
      'expected for ever',
      [{ at: '/x', treat: 'expected' }],
      ['until', 'owner', 'comment'].map((field) => expect.stringContaining(`/0/${field} expected ${field}`)),
    ],
  ])('are refused with %s', (_, written, problems) => {
    expect(told(parseRules(written))).toEqual(problems)
  })

  it.each([
    [{ att: '/x', treat: 'uuid' }, 'at'],
    [{ path: '/x', treat: 'uuid' }, 'at'],
    [{ at: '/x', treat: 'uid' }, 'uuid'],
    [{ at: '/x', treat: 'guid' }, 'uuid'],
    [{ at: '/x', treat: 'timestmp' }, 'timestamp'],
    [{ at: '/x', treat: 'uuid', endpoints: 'GET /x' }, 'endpoint'],
    [{ at: '/x', treat: 'uuid', expires: '2026-01-01' }, 'until'],
  ])('are refused with the nearest name: %j', (written, didYouMean) => {
    const parsed = parseRules([written])
    expect(parsed.ok ? undefined : parsed.problems[0]).toMatchObject({ didYouMean })
  })

  it('say everything that is wrong at once', () => {
    expect(told(parseRules([{ at: 'x', treat: 'y' }, { at: '/z' }]))).toHaveLength(3)
  })

  it('are written as they are read', () => {
    const parsed = parseRules([
      { name: 'a', at: ['/x', '/y/*'], treat: { timestamp: { skewMs: 5 } }, endpoint: 'GET /**', kinds: ['changed'] },
      { name: 'b', at: '/z', treat: 'expected', until: '2027-01-31', owner: 'me', comment: 'because' },
      { name: 'c', at: '/l', treat: { unordered: { by: 'id' } }, until: { version: 'v2.1' } },
      { name: 'd', at: 'status', treat: { number: { percent: 1 } } },
    ])
    if (!parsed.ok) throw new Error(told(parsed).join())
    expect(parseRules(parsed.rules.map(writtenRule))).toEqual(parsed)
  })
})
