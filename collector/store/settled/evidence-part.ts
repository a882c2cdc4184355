// Counts of evidence. Each pair of the batch belongs to a class, each class adds one to several keys: so the keys of the
// many pairs that are alike are sent once, and only pairs that are new are counted.
import { plainColumn, type SettledPart, textColumn } from './settled-part.ts'

export type EvidenceKey = {
  class: number
  route: string
  variant: string
  generation: number
  endpoint: string
  metric: string
  detail: string
}

/** `classes`: of each pair, in the ledger's order; −1 for a pair that is no evidence. */
export type EvidenceRows = { classes: number[]; keys: EvidenceKey[] }

export const evidencePart: SettledPart<{ evidence?: EvidenceRows }> = {
  name: 'evidence',
  parameters: 8,
  sql: `
weighed AS (
  SELECT e.class, count(*) AS pairs, min(fresh.exchange_id::text) AS first_seen
  FROM unnest($1::int[]) WITH ORDINALITY AS e(class, nr) JOIN fresh USING (nr) WHERE e.class >= 0 GROUP BY e.class
), evident AS (
  INSERT INTO evidence (route, variant, generation, endpoint, metric, detail, count, first_seen)
  SELECT k.route, k.variant, k.generation, k.endpoint, k.metric, k.detail, sum(weighed.pairs), min(weighed.first_seen)::uuid
  FROM unnest($2::int[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[])
    AS k(class, route, variant, generation, endpoint, metric, detail)
  JOIN weighed USING (class)
  GROUP BY 1, 2, 3, 4, 5, 6
  ORDER BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (route, variant, generation, endpoint, metric, detail)
    DO UPDATE SET count = evidence.count + excluded.count, first_seen = least(evidence.first_seen, excluded.first_seen)
)`,
  values: ({ evidence }) => {
    const keys = evidence?.keys ?? []
    return [
      plainColumn(evidence?.classes ?? [], (one) => one),
      plainColumn(keys, (key) => key.class),
      textColumn(keys, (key) => key.route),
      textColumn(keys, (key) => key.variant),
      plainColumn(keys, (key) => key.generation),
      textColumn(keys, (key) => key.endpoint),
      textColumn(keys, (key) => key.metric),
      textColumn(keys, (key) => key.detail),
    ]
  },
}
