import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cutBatch } from '../../collector/ingest/cut-batch.ts'
import { batchHeader, ndjson, tapRecord } from '../helpers/tap-batches.ts'

const never = () => false

const problemOf = (body: Buffer | string) => {
  const cut = cutBatch(Buffer.from(body), never)
  return cut.ok ? undefined : `${cut.problem.line}: ${cut.problem.message}`
}

describe('cutting a batch', () => {
  it('labels records without parsing them and keeps their bytes', () => {
    const primary = tapRecord()
    const shadow = { ...tapRecord({ side: 'shadow' }), id: primary.id }
    const cut = cutBatch(ndjson([batchHeader(2), primary, shadow]), never)
    expect(cut.ok && cut.batch.records).toMatchObject([
      { id: primary.id, route: 'bench', side: 'primary', variant: '' },
      { id: primary.id, route: 'bench', side: 'shadow', variant: 'shadow' },
    ])
    expect(cut.ok && JSON.parse(String(cut.batch.records[1]?.line))).toEqual(shadow)
  })

  it('looks at every line once, in pieces of whole lines, however long one is', () => {
    const bodies = ['a'.repeat(40_000), 'b'.repeat(40_000), 'secret', 'c'.repeat(200_000), 'd', 'e'.repeat(70_000)]
    const records = bodies.map((body) => tapRecord({ body }))
    const pieces: string[] = []
    const cut = cutBatch(ndjson([batchHeader(records.length), ...records]), (text) => {
      pieces.push(text)
      return text.includes('secret')
    })
    expect(pieces.join('')).toBe(ndjson(records).toString())
    expect(pieces.length).toBeGreaterThan(3)
    expect(cut.ok && cut.batch.records.map(({ id }) => id)).toEqual(records.map(({ id }) => id))
    expect(cut.ok && cut.batch.records.map((record) => record.mayHoldSecret)).toEqual(
      bodies.map((_, index) =>
        pieces.some((piece) => piece.includes(records[index]?.id as string) && piece.includes('secret')),
      ),
    )
    expect(cut.ok && cut.batch.records[2]?.mayHoldSecret).toBe(true)
    expect(cut.ok && cut.batch.records[5]?.mayHoldSecret).toBe(false)
  })

  it('takes CRLF, a byte order mark, blank lines and no last newline', () => {
    const text = ndjson([batchHeader(2), tapRecord(), tapRecord()]).toString()
    for (const body of [
      text.replaceAll('\n', '\r\n'),
      `\ufeff${text}`,
      text.replaceAll('\n', '\n\n'),
      text.trimEnd(),
    ]) {
      expect(problemOf(body)).toBeUndefined()
    }
  })

  it('takes a record whose keys stand in another order, and unknown fields', () => {
    const { v, ...rest } = tapRecord()
    expect(problemOf(ndjson([batchHeader(1), { ...rest, v, future: { field: 1 } }]))).toBeUndefined()
  })

  it.each<[string, Buffer | string, string]>([
    ['an empty body', '', '1: empty'],
    ['null', 'null', '1: batch header'],
    ['an array', '[]', '1: batch header'],
    ['a text', '"x"', '1: batch header'],
    ['an empty object', '{}', '1: batch header: /v'],
    ['no JSON', 'hello', '1: batch header: not JSON'],
    ['100,000 brackets', '['.repeat(100_000), '1: batch header: not JSON'],
    ['a header of another version', '{"v":2,"batch":{}}', '1: batch header: /v'],
    [
      'more records than it says',
      ndjson([batchHeader(1), tapRecord(), tapRecord()]),
      '1: /batch/records says 1, but 2',
    ],
    [
      'a broken middle line',
      Buffer.concat([ndjson([batchHeader(3), tapRecord()]), Buffer.from('{"v":1,"id":\n'), ndjson([tapRecord()])]),
      '3: not JSON',
    ],
    [
      'a missing field',
      ndjson([batchHeader(1), { ...tapRecord(), request: undefined, v: 1 }])
        .toString()
        .replace('"v":1,"id"', '"id"'),
      '2: /v',
    ],
    ['side PRIMARY', ndjson([batchHeader(1), { ...tapRecord(), side: 'PRIMARY' }]), '2: /side'],
    [
      'status 99',
      ndjson([batchHeader(1), { x: 0, ...tapRecord(), response: { ...tapRecord().response, status: 99 } }]),
      '2: /response/status',
    ],
    ['an id that is no UUIDv7', ndjson([batchHeader(1), { ...tapRecord(), id: '1' }]), '2: /id'],
    [
      'neither response nor skipped',
      ndjson([batchHeader(1), { x: 0, ...tapRecord(), response: undefined }]),
      '2: /: expected either',
    ],
  ])('refuses %s with its line', (_what, body, message) => {
    expect(problemOf(body)).toContain(message)
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void cutBatch(Buffer.from(bytes), never)),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(
        fc.json(),
        (text) => void cutBatch(Buffer.concat([ndjson([batchHeader(1)]), Buffer.from(text)]), never),
      ),
      { numRuns: 2_000 },
    )
  })
})
