import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { DEFAULT_LIMITS } from '../../../collector/core/compare/comparable.ts'
import { compareJson } from '../../../collector/core/compare/compare-json.ts'
import { parseJson } from '../../../collector/core/compare/parse-json.ts'
import { sayTheSame } from '../../../collector/core/compare/say-the-same.ts'

type Tree = { text: string } | { list: Tree[] } | { members: [key: string, value: Tree][] }

const leaf = fc
  .oneof(
    fc.constantFrom('1', '1.0', '-0', '0', '1e400', '9007199254740993', '9007199254740992', 'true', 'false', 'null'),
    fc.constantFrom(
      '"é"',
      '"\\u00e9"',
      '"e\u0301"',
      '"\\\\"',
      '"\\""',
      '"\\/"',
      '"/"',
      '"\\ud800"',
      '"1"',
      '""',
      '"😀"',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  )
  .map((text): Tree => ({ text }))
const key = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'ab', 'a.b', '', '__proto__', 'constructor', '~1', '/') },
    fc.string({ maxLength: 3 }),
  )
  .map((name) => JSON.stringify(name))
const oddKey = fc.oneof({ weight: 9, arbitrary: key }, fc.constantFrom('"\\u0061"', '"a"'))
const tree = (keys: fc.Arbitrary<string>, isUnique: boolean) =>
  fc.letrec<{ any: Tree; leaf: Tree; list: Tree; object: Tree }>((tie) => {
    const member = fc.tuple(keys, tie('any'))
    const members = isUnique
      ? fc.uniqueArray(member, { maxLength: 5, selector: ([name]) => JSON.parse(name) })
      : fc.array(member, { maxLength: 5 })
    return {
      any: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('list'), tie('object')),
      leaf,
      list: fc.array(tie('any'), { maxLength: 3 }).map((list): Tree => ({ list })),
      object: members.map((found): Tree => ({ members: found })),
    }
  }).any

/** As text, members of objects in an order drawn by `seed`; 0 keeps it. */
function written(one: Tree, seed: number): string {
  if ('text' in one) return one.text
  if ('list' in one) return `[${one.list.map((inner) => written(inner, seed)).join(',')}]`
  const order = one.members.map((member, n) => ({ member, rank: seed === 0 ? n : (Math.sin(seed * 7 + n) + 1) % 0.1 }))
  order.sort((first, second) => first.rank - second.rank)
  return `{${order.map(({ member: [name, value] }) => `${name}:${written(value, seed)}`).join(',')}}`
}

const seeds = fc.integer({ min: 1, max: 1_000 })

describe('sayTheSame', () => {
  it('knows 10,000 documents again whose keys come in another order', () => {
    fc.assert(
      fc.property(tree(key, true), seeds, (document, seed) => {
        const [one, two] = [written(document, 0), written(document, seed)]
        fc.pre(one !== two && !hasEscapedKey(document))
        expect(sayTheSame(one, two, DEFAULT_LIMITS)).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })

  it('never says so of two texts that are read otherwise, repeat a key or are no JSON', () => {
    const change = fc.tuple(fc.nat(), fc.constantFrom('0', '1', 'e', '.', '"', '\\', ',', ':', '{', '}', ']', ' ', 'a'))
    let same = 0
    fc.assert(
      fc.property(tree(oddKey, false), seeds, fc.option(change), fc.boolean(), (document, seed, changed, onBoth) => {
        const alter = (text: string) => {
          if (changed === null) return text
          const at = changed[0] % text.length
          return text.slice(0, at) + changed[1] + text.slice(at + 1)
        }
        const one = onBoth ? alter(written(document, 0)) : written(document, 0)
        const two = alter(written(document, seed))
        if (!sayTheSame(one, two, DEFAULT_LIMITS)) return
        same += 1
        const read = [one, two].map((text) => parseJson(text, DEFAULT_LIMITS))
        const [first, second] = read
        if (first?.outcome !== 'parsed' || second?.outcome !== 'parsed') throw new Error(`no JSON: ${one} ${two}`)
        expect([...first.notes, ...second.notes]).toEqual([])
        expect(compareJson(first.value, second.value, DEFAULT_LIMITS)).toEqual([])
      }),
      { numRuns: 20_000 },
    )
    expect(same).toBeGreaterThan(100)
  })

  const twice = (text: string) => [text, text] as const
  it.each<[string, string, string]>([
    ['a repeated key', '{"a":1,"a":1,"b":2}', '{"b":2,"a":1,"a":1}'],
    ['a repeated key on one side', '{"b":1,"a":1,"b":1}', '{"a":1,"b":1,"c":1}'],
    ['a key spelt with an escape', '{"a":1,"\\u0061":2}', '{"\\u0061":2,"a":1}'],
    ['a permuted array', '{"a":[1,2],"b":0}', '{"b":0,"a":[2,1]}'],
    ['a number cut short', '{"a":12,"b":1}', '{"b":1,"a":1}2'],
    ['a leading zero', '{"a":01,"b":2}', '{"b":2,"a":01}'],
    ['an unknown word', '{"a":nul,"b":2}', '{"b":2,"a":nul}'],
    ['an unknown escape', '{"a":"\\x","b":2}', '{"b":2,"a":"\\x"}'],
    ['a control character', '{"a":"\n","b":2}', '{"b":2,"a":"\n"}'],
    ['a trailing comma', '{"a":[1,],"b":2}', '{"b":2,"a":[1,]}'],
    ['lone surrogates', '{"a":"\ud800","b":1}', '{"b":1,"a":"\ud801"}'],
    ['more after the end', '{"a":1,"b":2}]', '{"b":2,"a":1}]'],
    ['nothing at all', ...twice('')],
    ['an open string', ...twice('{"a')],
    ['deep nesting', ...twice('['.repeat(100_000))],
  ])('leaves %s to the parser', (_, one, two) => {
    expect(sayTheSame(one, two, DEFAULT_LIMITS)).toBe(false)
  })

  it('looks up the members of big objects, and finds a key that comes twice in them', () => {
    const keys = Array.from({ length: 5_000 }, (_, n) => `"k${(n * 7_919) % 5_000}":${n}`)
    const object = (members: string[]) => `{${members.join(',')}}`
    expect(sayTheSame(object(keys), object(keys.toReversed()), DEFAULT_LIMITS)).toBe(true)
    const repeated = [...keys.slice(1), keys[1] ?? '']
    expect(sayTheSame(object(repeated), object(repeated.toReversed()), DEFAULT_LIMITS)).toBe(false)
  })
})

function hasEscapedKey(one: Tree): boolean {
  if ('text' in one) return false
  if ('list' in one) return one.list.some(hasEscapedKey)
  return one.members.some(([name, value]) => name.includes('\\') || hasEscapedKey(value))
}
