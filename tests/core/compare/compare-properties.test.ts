import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { diff, type IChange } from 'json-diff-ts'
import { DEFAULT_LIMITS } from '../../../collector/core/compare/comparable.ts'
import { compareFull } from '../../../collector/core/compare/compare-full.ts'
import { compareJson } from '../../../collector/core/compare/compare-json.ts'
import type { JsonValue } from '../../../collector/core/compare/parse-json.ts'
import type { Difference } from '../../../collector/core/comparison.ts'
import type { HeaderValues } from '../../../collector/core/tap-record.ts'
import { JSON_HEADERS, primarySide, shadowSide } from './sides.ts'

const headers = fc.dictionary(fc.string(), fc.array(fc.string(), { maxLength: 3 }), {
  maxKeys: 5,
}) as fc.Arbitrary<HeaderValues>
const types = fc.constantFrom(
  ...['application/json', 'text/plain', 'image/png', 'text/html; charset=latin1', '', 'text/html', 'image/svg+xml'],
  ...['text/event-stream', 'application/x-ndjson', 'application/x-www-form-urlencoded', 'application/grpc'],
  ...['multipart/form-data; boundary=x', 'application/graphql-response+json'],
)
const piece = fc.constantFrom(
  ...[
    '<p>',
    '</p>',
    '<br',
    '>',
    '&amp;',
    '{"a":',
    '1}',
    '\n',
    '\n\n',
    'data: ',
    'id: ',
    '\r\n',
    '=',
    '&',
    '%00',
    'a[b]',
  ],
  ...['--x', '--x--', 'Content-Disposition: form-data; name="a"', '\0', '\ud800', ' ', ',', '[', ']'],
)
const body = fc.oneof(
  fc.json(),
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
)

const smallKey = fc.constantFrom('a', 'b', 'c.d', '__proto__', '', '1')
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('object')),
  leaf: fc.oneof(fc.constantFrom(0, 1, -0, 2.5, 'x', '', true, false, null), fc.nat(5)),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.array(fc.tuple(smallKey, tie('any')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
})).any

const compareValues = (before: unknown, after: unknown) =>
  compareFull(primarySide(JSON.stringify(before)), shadowSide(JSON.stringify(after, null, 1))).differences

describe('compareFull', () => {
  it('finds every answer equal to itself', () => {
    fc.assert(
      fc.property(headers, types, body, fc.integer({ min: 100, max: 599 }), (extra, type, content, status) => {
        const options = { headers: { ...extra, ...(type === '' ? {} : { 'Content-Type': [type] }) }, status }
        expect(compareFull(primarySide(content, options), shadowSide(content, options)).outcome).toBe('match')
      }),
    )
  })

  it('finds every document equal to itself with other spaces', () => {
    fc.assert(
      fc.property(value, (document) => {
        expect(compareValues(document, document)).toEqual([])
      }),
    )
  })

  it('says added where the other way round it says removed, and changed both ways', () => {
    const mirrored = ({ path, kind, primary, shadow }: Difference): Difference => ({
      path,
      kind: kind === 'added' ? 'removed' : kind === 'removed' ? 'added' : kind,
      ...(shadow === undefined ? {} : { primary: shadow }),
      ...(primary === undefined ? {} : { shadow: primary }),
    })
    const byPath = (one: Difference, two: Difference) => (one.path < two.path ? -1 : 1)
    fc.assert(
      fc.property(value, value, (one, two) => {
        const there = compareValues(one, two).map(mirrored).sort(byPath)
        expect(compareValues(two, one).sort(byPath)).toEqual(there)
      }),
      { numRuns: 1_000 },
    )
  })

  it('agrees with json-diff-ts on 10,000 pairs of documents, arrays by position', () => {
    fc.assert(
      fc.property(value, value, (one, two) => {
        const [before, after] = [plainCopy(one), plainCopy(two)]
        const ours = compareJson(before, after, DEFAULT_LIMITS, [{ at: '/**', as: 'position' }])
        expect(ours.map(({ path }) => path).sort()).toEqual(pathsByJsonDiffTs(before, after))
      }),
      { numRuns: 10_000 },
    )
  })

  it('finds any two documents unequal that json-diff-ts does, in no more differences, however arrays are read', () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom(undefined, 'a', 'b'), (one, two, by) => {
        const [before, after] = [plainCopy(one), plainCopy(two)]
        const plain = pathsByJsonDiffTs(before, after)
        const found = compareJson(before, after, DEFAULT_LIMITS)
        expect(found.length === 0).toBe(plain.length === 0)
        expect(found.length).toBeLessThanOrEqual(plain.length)
        const rule = { at: '/**', as: 'unordered' as const, ...(by === undefined ? {} : { by }) }
        expect(compareJson(before, after, DEFAULT_LIMITS, [rule]).length === 0).toBe(plain.length === 0)
      }),
      { numRuns: 2_000 },
    )
  })

  // What is meant otherwise than json-diff-ts means it, with arrays read as they are by default.
  it.each([
    ['a permutation is one difference', [1, 2, 3], [3, 1, 2], ['/0', '/1', '/2'], [' reordered']],
    ['an insertion moves nothing', [1, 2], [0, 1, 2], ['/0', '/1', '/2'], ['/0 added']],
    ['a removal moves nothing', [1, 2, 3], [2, 3], ['/0', '/1', '/2'], ['/0 removed']],
    ['a removal by key', [{ id: 1 }, { id: 2 }], [{ id: 2 }], ['/0/id', '/1'], ['/0 removed']],
    [
      'a change inside a moved element',
      [
        { id: 1, a: 1 },
        { id: 2, a: 1 },
      ],
      [
        { id: 2, a: 1 },
        { id: 1, a: 2 },
      ],
      ['/0/id', '/1/a', '/1/id'],
      ['/0/a changed', ' reordered'],
    ],
  ])('means more than json-diff-ts: %s', (_, before, after, theirs, ours) => {
    expect(pathsByJsonDiffTs(before, after)).toEqual(theirs)
    expect(compareJson(before, after, DEFAULT_LIMITS).map(({ path, kind }) => `${path} ${kind}`)).toEqual(ours)
  })

  it('gives a storable result for any two bodies', () => {
    fc.assert(
      fc.property(body, body, types, types, (one, two, type, otherType) => {
        const result = compareFull(
          primarySide(one, { headers: { 'content-type': [type] } }),
          shadowSide(two, { headers: { 'content-type': [otherType] } }),
        )
        const json = JSON.stringify(result)
        expect(json.isWellFormed()).toBe(true)
        expect(json).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/)
        expect(result.outcome === 'match').toBe(result.differences.length === 0)
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives a storable result for any two bodies of one type', () => {
    fc.assert(
      fc.property(body, body, types, (one, two, type) => {
        const headers = { 'content-type': [type] }
        const result = compareFull(primarySide(one, { headers }), shadowSide(two, { headers }))
        expect(JSON.stringify(result)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/)
        expect(result.differences.length).toBeLessThanOrEqual(200)
        for (const { path } of result.differences) expect(path).toMatch(/^(?:$|\/|line:|header:|graphql:)/)
      }),
      { numRuns: 3_000 },
    )
  })

  it('finds a changed integer of any length', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 14n, max: 10n ** 40n }), fc.constantFrom(1n, -1n, 10n), (number, step) => {
        const document = (n: bigint) => `{"id":${n},"same":${number}}`
        const result = compareFull(
          primarySide(document(number), { headers: JSON_HEADERS }),
          shadowSide(document(number + step), { headers: JSON_HEADERS }),
        )
        expect(result.differences.map(({ path }) => path)).toEqual(['/id'])
      }),
    )
  })
})

/** -0 as JSON writes it. */
function plainCopy(document: unknown): JsonValue {
  return JSON.parse(JSON.stringify(document)) as JsonValue
}

function pathsByJsonDiffTs(before: unknown, after: unknown): string[] {
  const paths = leaves(diff({ root: before }, { root: after }), '')
  return paths.map((path) => path.replace(/^\/root/, '')).sort()
}

function leaves(changes: IChange[], parent: string): string[] {
  const paths = changes.flatMap((change) => {
    const path = `${parent}/${change.key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return change.changes === undefined ? [path] : leaves(change.changes, path)
  })
  // A change of type comes as REMOVE and ADD.
  return [...new Set(paths)]
}
