import { describe, expect, it } from '@jest/globals'
import type { ArrayRule } from '../../../collector/core/compare/array-rules.ts'
import { DEFAULT_LIMITS } from '../../../collector/core/compare/comparable.ts'
import { compareJson } from '../../../collector/core/compare/compare-json.ts'
import type { JsonValue } from '../../../collector/core/compare/parse-json.ts'
import { cpuMs } from '../../helpers/cpu-clock.ts'

const told = (before: JsonValue, after: JsonValue, rules: ArrayRule[] = []) =>
  compareJson(before, after, DEFAULT_LIMITS, rules).map(({ path, kind }) => `${path} ${kind}`)

const ids = (...all: (number | string)[]) => all.map((id) => ({ id, at: 1 }))
const row = (key: string, values: string[]) => values.map((value, n) => ({ [key]: value, n: 0, order: n * 0 }))

describe('arrays whose elements have a name', () => {
  it.each([
    ['elements added behind', ids(1, 2), ids(1, 2, 3, 4), ['/2 added', '/3 added']],
    ['elements added between', ids(1, 2), ids(1, 5, 2), ['/1 added']],
    ['elements removed', ids(1, 2, 3), ids(1, 3), ['/1 removed']],
    ['elements of another filter', ids(2, 4), ids(1, 2, 3, 4), ['/0 added', '/2 added']],
    ['elements moved', ids(1, 2, 3), ids(3, 1, 2), [' reordered']],
    ['one removed, one added', ids(1, 2, 3), ids(1, 3, 4), ['/1 removed', '/2 added']],
    ['no id shared: the ids changed', ids('a', 'b'), ids('c', 'd'), ['/0/id changed', '/1/id changed']],
    ['an id twice names nothing', ids(1, 1, 2), ids(1, 2, 2), ['/1/id changed']],
    ['an id of another type', ids(1, 2), ids('1', '2'), ['/0/id type', '/1/id type']],
    ['a slug', row('slug', ['a', 'b', 'c']), row('slug', ['b', 'c']), ['/0 removed']],
    ['a ticketId', row('ticketId', ['a', 'b', 'c']), row('ticketId', ['b', 'c']), ['/0 removed']],
    [
      'ids made anew beside names that stay',
      [
        { id: 'x1', name: 'a' },
        { id: 'x2', name: 'b' },
        { id: 'x3', name: 'c' },
      ],
      [
        { id: 'y2', name: 'b' },
        { id: 'y3', name: 'c' },
      ],
      ['/1/id changed', '/2/id changed', '/0 removed'],
    ],
    ['one of them no object', [...ids(1, 2), 7], [...ids(2, 3), 8], ['/0/id changed', '/1/id changed', '/2 changed']],
    [
      'a key of the prototype',
      [{ __proto__x: 1 }, 1],
      [{ constructor: 1 }, 1],
      ['/0/constructor added', '/0/__proto__x removed'],
    ],
  ] as [string, JsonValue, JsonValue, string[]][])('tell %s', (_, before, after, expected) => {
    expect(told(before, after).sort()).toEqual([...expected].sort())
  })

  it('say by name how they were moved', () => {
    expect(compareJson({ l: ids(1, 2, 3) }, { l: ids(2, 1, 3) }, DEFAULT_LIMITS)).toEqual([
      { path: '/l', kind: 'reordered', primary: [1, 2, 3], shadow: [2, 1, 3] },
    ])
  })
})

describe('arrays read by a rule', () => {
  const unordered: ArrayRule[] = [{ at: '/l', as: 'unordered' }]

  it.each([
    ['moved and changed', [1, 2, 3, 4], [4, 9, 1, 2], ['/l reordered', '/l/2 changed']],
    ['moved and fewer', [1, 2, 3], [3, 1], ['/l reordered', '/l/1 removed']],
    ['duplicates', [1, 1, 2], [2, 1, 1], ['/l reordered']],
    ['mixed types', [1, 'a', null, { b: 1 }], [{ b: 1 }, null, 'a', 1], ['/l reordered']],
    ['a type', [1], ['1'], ['/l/0 type']],
  ] as [string, JsonValue[], JsonValue[], string[]][])('as unordered: %s', (_, before, after, expected) => {
    expect(told({ l: before }, { l: after }, unordered).sort()).toEqual(expected)
  })

  it('by a key that is given', () => {
    const rules: ArrayRule[] = [{ at: '/*/l', as: 'unordered', by: 'k' }]
    const before = [
      {
        l: [
          { k: true, v: 1 },
          { k: null, v: 1 },
        ],
      },
    ]
    const after = [
      {
        l: [
          { k: null, v: 1 },
          { k: true, v: 2 },
        ],
      },
    ]
    expect(told(before, after, rules).sort()).toEqual(['/0/l reordered', '/0/l/0/v changed'])
    expect(told([{ l: [1, { k: 1 }] }], [{ l: [{ k: 1 }, 1] }], rules)).toEqual(['/0/l/0 removed', '/0/l/1 added'])
  })

  it('by position although the elements have ids', () => {
    expect(told(ids(1, 2), ids(2, 1), [{ at: '', as: 'position' }])).toEqual(['/0/id changed', '/1/id changed'])
  })
})

describe('big arrays', () => {
  it.each([
    ['shifted by one', (i: number) => i, (i: number) => i + 1],
    ['with nothing in common', (i: number) => i, (i: number) => -i - 1],
    ['turned round', (i: number) => i, (i: number) => 9_000 - i],
  ])('%s take no longer than they should', (_, one, two) => {
    const list = (value: (i: number) => number) =>
      Array.from({ length: 9_000 }, (_, i) => ({ id: value(i), name: `n${value(i)}` }))
    const startedAt = cpuMs()
    for (const rules of [[], [{ at: '', as: 'unordered' as const }]]) {
      expect(compareJson(list(one), list(two), DEFAULT_LIMITS, rules).length).toBeLessThanOrEqual(201)
    }
    expect(cpuMs() - startedAt).toBeLessThan(1_000)
  })

  it('nested in one another take no longer than they should', () => {
    const nested = (leaf: number) =>
      Array.from({ length: 190 }).reduce<JsonValue>((inner) => [inner, ...ids(1, 2, 3)], leaf)
    const startedAt = cpuMs()
    expect(told(nested(1), nested(2))).toHaveLength(1)
    expect(cpuMs() - startedAt).toBeLessThan(500)
  })
})
