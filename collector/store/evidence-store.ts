// Generations of evidence: when each began, by which versions, and the parameters frozen in it. What the writer of
// counts has to know, and what it may change.
import type { FrozenLatency } from '../core/verdict/evidence.ts'
import type { Pool } from './pool.ts'

export type Versions = { primary?: string; shadow?: string }

export type Generation = {
  route: string
  variant: string
  generation: number
  beganAtMs: number
  reason: string
  actor: string
  versions: Versions
}

/** Of endpoints that are warm, by name. */
export type Frozen = Record<string, { latency: FrozenLatency }>

export type EvidenceStore = {
  /** The newest generations of every route and variant, oldest first; at most `PER_VARIANT` of each. */
  generations(): Promise<Generation[]>
  /** Begins generation 1 where there is none; does nothing otherwise. */
  open(route: string, variant: string, atMs: number): Promise<void>
  /** The next generation of each variant; none where somebody else was first. `after`: the last one, 0 for none. */
  begin(route: string, next: NextGeneration[], why: Begun): Promise<Generation[]>
  /** Sets what was not known so far; a version once set stays until a new generation. */
  adopt(generation: Generation, versions: Versions): Promise<void>
  /** Kept exchanges of endpoints that are not frozen yet, by endpoint. */
  latencySamples(of: GenerationKey): Promise<Map<string, string[]>>
  /** Sets the parameters of endpoints that have none, and returns those of all. */
  freeze(of: GenerationKey, frozen: Frozen): Promise<Frozen>
  frozen(of: GenerationKey): Promise<Frozen>
  /** Units and sets known so far, and the latency samples that were kept: what a new process has to know. */
  memory(of: GenerationKey): Promise<{ endpoint: string; metric: string; details: string[] }[]>
}

export type GenerationKey = { route: string; variant: string; generation: number }
export type NextGeneration = { variant: string; after: number; versions: Versions }
export type Begun = { atMs: number; reason: string; actor: string }

/** Exchanges still under way belong to one of the last few generations. */
const PER_VARIANT = 3
const MAX_MEMORY_ROWS = 100_000

type Row = Omit<Generation, 'beganAtMs'> & { began_at: Date }

const COLUMNS = 'route, variant, generation, began_at, reason, actor, versions'

export function createEvidenceStore(pool: Pick<Pool, 'query'>): EvidenceStore {
  return {
    async generations() {
      const { rows } = await pool.query<Row>(
        `SELECT ${COLUMNS} FROM (
           SELECT *, row_number() OVER (PARTITION BY route, variant ORDER BY generation DESC) AS age FROM evidence_generations
         ) AS newest WHERE age <= $1 ORDER BY route, variant, generation`,
        [PER_VARIANT],
      )
      return rows.map(generationOf)
    },
    async open(route, variant, atMs) {
      await pool.query(
        `INSERT INTO evidence_generations (route, variant, generation, began_at, reason, actor)
         VALUES ($1, $2, 1, $3, 'the first pairs came', 'understudy') ON CONFLICT DO NOTHING`,
        [route, variant, new Date(atMs)],
      )
    },
    async begin(route, next, { atMs, reason, actor }) {
      const { rows } = await pool.query<Row>(
        `INSERT INTO evidence_generations (route, variant, generation, began_at, reason, actor, versions)
         SELECT $1, n.variant, n.after + 1, $2, $3, $4, n.versions
         FROM unnest($5::text[], $6::int[], $7::jsonb[]) AS n(variant, after, versions)
         ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
        [
          ...[route, new Date(atMs), reason, actor],
          next.map(({ variant }) => variant),
          next.map(({ after }) => after),
          next.map(({ versions }) => JSON.stringify(versions)),
        ],
      )
      return rows.map(generationOf)
    },
    async adopt({ route, variant, generation }, versions) {
      await pool.query(
        `UPDATE evidence_generations SET versions = $4::jsonb || versions
         WHERE route = $1 AND variant = $2 AND generation = $3`,
        [route, variant, generation, JSON.stringify(versions)],
      )
    },
    async latencySamples({ route, variant, generation }) {
      const { rows } = await pool.query<{ endpoint: string; samples: string[] }>(
        `SELECT endpoint, array_agg(detail) AS samples FROM evidence JOIN evidence_generations AS g USING (route, variant, generation)
         WHERE route = $1 AND variant = $2 AND generation = $3 AND metric = 'latency' AND NOT g.frozen ? endpoint GROUP BY endpoint`,
        [route, variant, generation],
      )
      return new Map(rows.map((row) => [row.endpoint, row.samples]))
    },
    async freeze({ route, variant, generation }, frozen) {
      // What is there wins: set once, whichever process was first.
      const { rows } = await pool.query<{ frozen: Frozen }>(
        `UPDATE evidence_generations SET frozen = $4::jsonb || frozen
         WHERE route = $1 AND variant = $2 AND generation = $3 RETURNING frozen`,
        [route, variant, generation, JSON.stringify(frozen)],
      )
      return rows[0]?.frozen ?? {}
    },
    async frozen({ route, variant, generation }) {
      const { rows } = await pool.query<{ frozen: Frozen }>(
        'SELECT frozen FROM evidence_generations WHERE route = $1 AND variant = $2 AND generation = $3',
        [route, variant, generation],
      )
      return rows[0]?.frozen ?? {}
    },
    async memory({ route, variant, generation }) {
      const { rows } = await pool.query<{ endpoint: string; metric: string; details: string[] }>(
        `SELECT endpoint, metric, array_agg(detail) AS details FROM (
           SELECT endpoint, metric, detail FROM evidence
           WHERE route = $1 AND variant = $2 AND generation = $3 AND metric IN ('unit', 'set', 'latency') LIMIT $4
         ) AS known GROUP BY endpoint, metric`,
        [route, variant, generation, MAX_MEMORY_ROWS],
      )
      return rows
    },
  }
}

export function generationOf({ began_at, ...row }: Row): Generation {
  return { ...row, beganAtMs: began_at.getTime() }
}
