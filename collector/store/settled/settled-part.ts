// One part of the statement that settles a batch of pairs. All parts run as one statement, which is one transaction,
// and each of them writes only what belongs to rows of `fresh`, the pairs that were not settled before.
import { jsonArray, textArray } from '../binary-array.ts'

/** A PostgreSQL array, as a literal or in binary: each parameter of a part is one. */
export type PartValue = string | Buffer

/**
 * Common table expressions after the ledger's `fresh(nr, created_at, exchange_id, variant, class)`, where `nr` is the
 * place of the pair in the batch, from 1. Parameters are numbered from $1 in each part; the composer moves them on.
 */
export type SettledPart<Batch> = {
  readonly name: string
  readonly sql: string
  readonly parameters: number
  values(batch: Batch): PartValue[]
}

/** Puts the parts together: `text` once, the values of each batch in the same order. */
export function composeParts<Batch>(parts: readonly SettledPart<Batch>[], select: string) {
  let before = 0
  const ctes = parts.map(({ sql, parameters }) => {
    const offset = before
    before += parameters
    return sql.trim().replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + offset}`)
  })
  return {
    text: `WITH ${ctes.join(',\n')}\n${select}`,
    values: (batch: Batch): PartValue[] =>
      parts.flatMap((part) => {
        const values = part.values(batch)
        if (values.length !== part.parameters)
          throw new Error(`part ${part.name} gave ${values.length} values, expected ${part.parameters}`)
        return values
      }),
  }
}

/** A column of numbers, booleans or uuids: nothing in it needs quotes. */
export function plainColumn<Row>(rows: readonly Row[], value: (row: Row) => string | number | boolean | null): string {
  return `{${rows.map((row) => value(row) ?? 'NULL').join(',')}}`
}

export function textColumn<Row>(rows: readonly Row[], value: (row: Row) => string | null): Buffer {
  return textArray(rows.map(value))
}

/** A column of `jsonb`, of JSON texts. */
export function jsonColumn<Row>(rows: readonly Row[], value: (row: Row) => string | null): Buffer {
  return jsonArray(rows.map(value))
}
