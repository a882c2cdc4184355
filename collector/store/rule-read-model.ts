// What rules did and what one would do: counts of what each covered, and past comparisons to try one on.
import type pg from 'pg'
import type { ComparisonResult, Difference } from '../core/comparison.ts'
import type { PastPair } from '../core/rules/preview-rule.ts'
import { CONTROL_VARIANT } from '../core/tap-record.ts'

export type RuleReadModel = {
  /** Pairs with a difference that a rule covered, by its name; a pair with several causes counts for each. */
  hides(route: string): Promise<Map<string, number>>
  /** The newest kept comparisons of the route that are different, at most `limit`. */
  past(route: string, limit: number): Promise<PastPair[]>
}

export function createRuleReadModel(pool: Pick<pg.Pool, 'query'>): RuleReadModel {
  return {
    async hides(route) {
      const { rows } = await pool.query<{ noise: string; pairs: number }>(
        `SELECT c.noise, sum(n.pairs)::float8 AS pairs FROM causes AS c
         JOIN cause_hours AS n ON n.route = c.route AND n.variant = c.variant AND n.cause = c.id
         WHERE c.route = $1 AND c.noise <> '' GROUP BY c.noise`,
        [route],
      )
      return new Map(rows.map(({ noise, pairs }) => [noise, pairs]))
    },
    async past(route, limit) {
      const { rows } = await pool.query<PastRow>(
        `SELECT exchange_id || ':' || variant AS id, endpoint, created_at, outcome, differences, differences_cut
         FROM comparisons WHERE route = $1 AND outcome = 'different' AND outcome <> 'match'
           AND variant <> '${CONTROL_VARIANT}'
         ORDER BY created_at DESC, exchange_id DESC LIMIT $2`,
        [route, limit],
      )
      return rows.map(({ id, endpoint, created_at, outcome, differences, differences_cut }) => ({
        exchangeId: id,
        endpoint,
        atMs: created_at.getTime(),
        result: { outcome, differences, differencesCut: differences_cut, notes: [] },
      }))
    },
  }
}

type PastRow = {
  id: string
  endpoint: string
  created_at: Date
  outcome: ComparisonResult['outcome']
  differences: Difference[]
  differences_cut: boolean
}
