// How every route stands since its first count, for a first look at all of them: what became of its expected pairs, what
// the taps say of them, and the last verdicts that were noted.
import type pg from 'pg'
import { endedOf, type TapCounts, tapCountsOf } from './report-read-model.ts'

export type Standing = {
  ended: { compared: number; unpaired: Record<string, number>; dropped: Record<string, number> }
  taps: TapCounts
  verdicts: { variant: string; verdict: 'pass' | 'fail' | 'inconclusive' | 'invalid'; atMs: number }[]
}

export type StandingReadModel = {
  /** By route. */
  standings(): Promise<Map<string, Standing>>
}

/** Counts by hour hold the hour that is not over as well. */
const ends = 'SELECT route, variant, outcome, sum(pairs)::float8 AS pairs FROM rollup_hours GROUP BY 1, 2, 3'
const taps = `SELECT told.key AS route, told.value AS counts, reported_at, ended_at IS NOT NULL AS "isEnded"
  FROM tap_instances, jsonb_each(routes) AS told`
const verdicts = `SELECT DISTINCT ON (route, variant) route, variant, verdict, at FROM verdict_changes
  ORDER BY route, variant, id DESC`

type EndRow = { route: string } & Parameters<typeof endedOf>[0][number]
type TapRow = { route: string } & Parameters<typeof tapCountsOf>[0][number]
type VerdictRow = { route: string; variant: string; verdict: Standing['verdicts'][number]['verdict']; at: Date }

/** Every open window asks every few seconds, and the counts of all hours are many: one answer serves them all. */
const keptMs = 10_000

export function createStandingReadModel(pool: Pick<pg.Pool, 'query'>, now: () => number): StandingReadModel {
  let kept: { atMs: number; answer: Promise<Map<string, Standing>> } | undefined
  return {
    standings() {
      if (kept && now() - kept.atMs < keptMs) return kept.answer
      const asked = { atMs: now(), answer: readStandings(pool) }
      kept = asked
      asked.answer.catch(() => {
        if (kept === asked) kept = undefined
      })
      return asked.answer
    },
  }
}

async function readStandings(pool: Pick<pg.Pool, 'query'>): Promise<Map<string, Standing>> {
  const [ended, told, noted] = await Promise.all([
    pool.query<EndRow>(ends),
    pool.query<TapRow>(taps),
    pool.query<VerdictRow>(verdicts),
  ])
  const [endsOf, tapsOf, verdictsOf] = [byRoute(ended.rows), byRoute(told.rows), byRoute(noted.rows)]
  const routes = new Set([...endsOf.keys(), ...tapsOf.keys(), ...verdictsOf.keys()])
  const standingOf = (route: string): Standing => ({
    ended: endedOf(endsOf.get(route) ?? []),
    taps: tapCountsOf(tapsOf.get(route) ?? []),
    verdicts: (verdictsOf.get(route) ?? []).map(({ variant, verdict, at }) => ({
      variant,
      verdict,
      atMs: at.getTime(),
    })),
  })
  return new Map([...routes].map((route) => [route, standingOf(route)]))
}

function byRoute<T extends { route: string }>(rows: T[]): Map<string, T[]> {
  return Map.groupBy(rows, ({ route }) => route)
}
