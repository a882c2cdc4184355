// What is written in PostgreSQL's binary form is what PostgreSQL reads.
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { storableJson, storableText } from '../../collector/core/storable.ts'
import { jsonArray, textArray } from '../../collector/store/binary-array.ts'
import { type FreshDatabase, freshDatabase } from './fresh-database.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database?.drop())

async function read(type: 'text' | 'jsonb', array: Buffer): Promise<unknown> {
  const { rows } = await database.pool.query(`SELECT to_json($1::${type}[]) AS read`, [array])
  return rows[0]?.read
}

it.each([
  { values: [] },
  { values: [null] },
  { values: ['a', null, '', 'b"c', 'd\\e', '{,}', 'NULL', 'é', '中', '😀', 'x'.repeat(100_000)] },
])('reads texts as they are: $values.length', async ({ values }) => {
  expect(await read('text', textArray(values))).toEqual(values)
})

it('reads any text and any JSON that may be stored', async () => {
  const text = fc.string({ unit: 'binary' }).map(storableText)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), fc.array(fc.option(fc.jsonValue())), async (texts, documents) => {
      expect(await read('text', textArray(texts))).toEqual(texts)
      const stored = documents.map((value) => (value === null ? null : storableJson(value)))
      const expected = stored.map((value) => (value === null ? null : JSON.parse(value)))
      expect(await read('jsonb', jsonArray(stored))).toEqual(JSON.parse(JSON.stringify(expected)))
    }),
    { numRuns: 200 },
  )
})

it('is refused where the type is another', async () => {
  await expect(read('jsonb', textArray(['1']))).rejects.toThrow(/element type/)
})
