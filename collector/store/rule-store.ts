// Rules that were written over REST or the CLI. What is stored is what a user wrote; it is read again as a file's is.
import type pg from 'pg'
import { parseRule, type Rule, writtenRule } from '../../plugin-config/rules.ts'
import { ruleLimits } from '../../plugin-config/rules-schema.ts'

export type StoredRule = {
  id: string
  /** Null: every route. */
  route: string | null
  rule: Rule
  createdAtMs: number
  createdBy: string
}

export type NewRule = { route: string | null; rule: Rule; createdAtMs: number; createdBy: string }

export type RuleStore = {
  /** In the order in which they hold: of each route by position. */
  list(): Promise<StoredRule[]>
  /** After the others of its route. `taken`: the route has a rule of that name; `full`: it has as many as it may. */
  add(rule: NewRule): Promise<StoredRule | 'taken' | 'full'>
  /** The rule that was removed; undefined where there was none. */
  remove(id: string): Promise<StoredRule | undefined>
}

/** Rules of all routes together that are read. */
const MAX_RULES = 10_000
const columns = 'id, route, body, created_at, created_by'

export function createRuleStore(pool: Pick<pg.Pool, 'query'>): RuleStore {
  return {
    async list() {
      const { rows } = await pool.query<Row>(
        `SELECT ${columns} FROM rules ORDER BY route NULLS LAST, position, id LIMIT ${MAX_RULES}`,
      )
      return rows.flatMap((row) => storedOf(row) ?? [])
    },
    async add({ route, rule, createdAtMs, createdBy }) {
      const values = [
        ...[route, rule.name, JSON.stringify(writtenRule(rule)), rule.owner ?? null, untilText(rule)],
        ...[new Date(createdAtMs), createdBy],
      ]
      const { rows } = await pool.query<Row & { held: number }>(
        `WITH held AS (
           SELECT count(*)::int AS held, coalesce(max(position), 0) AS last FROM rules WHERE route IS NOT DISTINCT FROM $1
         ), added AS (
           INSERT INTO rules (route, name, position, body, owner, until, created_at, created_by)
           SELECT $1, $2, held.last + 1, $3, $4, $5, $6, $7 FROM held WHERE held.held < ${ruleLimits.rules}
           ON CONFLICT DO NOTHING RETURNING ${columns}
         )
         SELECT held.held, added.* FROM held LEFT JOIN added ON true`,
        values,
      )
      const [row] = rows
      const stored = row === undefined || row.id === null ? undefined : storedOf(row)
      return stored ?? ((row?.held ?? 0) >= ruleLimits.rules ? 'full' : 'taken')
    },
    async remove(id) {
      if (!/^\d{1,18}$/.test(id)) return undefined
      const { rows } = await pool.query<Row>(`DELETE FROM rules WHERE id = $1 RETURNING ${columns}`, [id])
      return rows[0] && storedOf(rows[0])
    },
  }
}

type Row = { id: string; route: string | null; body: unknown; created_at: Date; created_by: string }

/** Undefined for a rule that this version cannot read: a later one may have written it. */
function storedOf({ id, route, body, created_at, created_by }: Row): StoredRule | undefined {
  const parsed = parseRule(body)
  if (!parsed.ok) return undefined
  return { id, route, rule: parsed.rule, createdAtMs: created_at.getTime(), createdBy: created_by }
}

function untilText({ until }: Rule): string | null {
  if (until === undefined) return null
  return 'date' in until ? until.date : `version ${until.version}`
}
