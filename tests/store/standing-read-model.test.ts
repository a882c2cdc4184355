import { describe, expect, it } from '@jest/globals'
import { createStandingReadModel } from '../../collector/store/standing-read-model.ts'

const at = new Date('2026-07-01T12:00:00Z')

/** Answers each statement by the table that it reads. */
function poolOf(answers: Record<string, object[]>) {
  let asked = 0
  const query = async (sql: string) => {
    asked += 1
    const table = Object.keys(answers).find((name) => sql.includes(name))
    if (table === undefined) throw new Error('away')
    return { rows: answers[table] }
  }
  return { pool: { query } as never, asked: () => asked }
}

const answers = {
  rollup_hours: [
    { route: 'a', variant: 'shadow', outcome: 'match', pairs: 8 },
    { route: 'a', variant: 'shadow', outcome: 'unpaired:no-shadow', pairs: 2 },
  ],
  tap_instances: [
    { route: 'a', counts: { tapped: 12, dropped: { 'queue-full': 2 } }, reported_at: at, isEnded: false },
  ],
  verdict_changes: [{ route: 'b', variant: 'shadow', verdict: 'pass', at }],
}

describe('how routes stand', () => {
  it('is told of every route that anything is known of', async () => {
    const standings = await createStandingReadModel(poolOf(answers).pool, () => 0).standings()
    expect(standings.get('a')).toMatchObject({
      ended: { compared: 8, unpaired: { 'no-shadow': 2 } },
      taps: { tapped: 12, dropped: { 'queue-full': 2 } },
      verdicts: [],
    })
    expect(standings.get('b')).toMatchObject({
      ended: { compared: 0 },
      verdicts: [{ variant: 'shadow', verdict: 'pass', atMs: at.getTime() }],
    })
  })

  it('is read once for all who ask within ten seconds, and again after a failure', async () => {
    let nowMs = 0
    const { pool, asked } = poolOf(answers)
    const model = createStandingReadModel(pool, () => nowMs)
    await Promise.all([model.standings(), model.standings()])
    expect(asked()).toBe(3)
    nowMs = 10_000
    await model.standings()
    expect(asked()).toBe(6)

    const away = poolOf({})
    const failing = createStandingReadModel(away.pool, () => 0)
    await expect(failing.standings()).rejects.toThrow('away')
    await expect(failing.standings()).rejects.toThrow('away')
    expect(away.asked()).toBe(6)
  })
})
