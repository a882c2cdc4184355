import { describe, expect, it } from '@jest/globals'
import type { Field } from '../../../collector/ui/api/types.ts'
import { fieldRows } from '../../../collector/ui/parts/field-rows.ts'

const field = (path: string, kind: Field['kind'] = 'changed'): Field => ({
  ...{ endpoint: 'GET /x', path, kind, noise: false },
  ...{ shadowRate: 0.5, controlRate: null, shadowPairs: 10, controlPairs: 0 },
})
const shown = (...paths: string[]) =>
  fieldRows(paths.map((path) => field(path))).map(
    ({ depth, label, field: own }) => `${depth} ${label}${own ? '' : ' …'}`,
  )

describe('the rows of a field tree', () => {
  it.each<[string, string[], string[]]>([
    ['a field alone is one row with its whole place', ['/items/*/price'], ['0 /items/*/price']],
    ['fields below one place stand below it', ['/items/*/a', '/items/*/b'], ['0 /items/* …', '1 /a', '1 /b']],
    ['a field that holds others is a row itself', ['/a', '/a/b/c'], ['0 /a', '1 /b/c']],
    [
      'headers, the status and the whole body are no pointers',
      ['header:etag', 'status', ''],
      ['0 header:etag', '0 status', '0 '],
    ],
    ['escaped and empty names stay what they are', ['/a~1b/', '/a~1b/c'], ['0 /a~1b …', '1 /', '1 /c']],
  ])('%s', (_name, paths, rows) => {
    expect(shown(...paths)).toEqual(rows)
  })

  it('keep every kind of a place, each under a key of its own, and every field', () => {
    const fields = [field('/a'), field('/a', 'type'), field('/b/c'), field('/__proto__/x')]
    const rows = fieldRows(fields)
    expect(rows.flatMap(({ field: own }) => own ?? [])).toEqual(fields)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  })
})
