import { expect, it } from '@jest/globals'
import type { Pool } from '../../collector/store/pool.ts'
import { inTransaction } from '../../collector/store/transaction.ts'

/** One connection on which the statements named fail; `ended` tells how it was given back. */
function poolThatFails(...failing: string[]) {
  const asked: string[] = []
  const given = { asked, isThrownAway: undefined as boolean | undefined }
  const client = {
    async query(text: string) {
      asked.push(text)
      if (failing.includes(text)) throw new Error(`${text} failed`)
    },
    release: (isBroken: boolean) => {
      given.isThrownAway = isBroken
    },
  }
  return { pool: { connect: async () => client } as unknown as Pool, given }
}

it.each([
  { failing: [], says: 'done', asked: ['BEGIN', 'work', 'COMMIT'], isThrownAway: false },
  { failing: ['work'], says: 'work failed', asked: ['BEGIN', 'work', 'ROLLBACK'], isThrownAway: false },
  { failing: ['COMMIT'], says: 'COMMIT failed', asked: ['BEGIN', 'work', 'COMMIT', 'ROLLBACK'], isThrownAway: false },
  { failing: ['work', 'ROLLBACK'], says: 'work failed', asked: ['BEGIN', 'work', 'ROLLBACK'], isThrownAway: true },
  { failing: ['BEGIN', 'ROLLBACK'], says: 'BEGIN failed', asked: ['BEGIN', 'ROLLBACK'], isThrownAway: true },
])('ends where $failing fails, and its connection serves nobody else with a transaction open', async (row) => {
  const { pool, given } = poolThatFails(...row.failing)
  const work = inTransaction(pool, async (on) => {
    await on.query('work')
    return 'done'
  })
  expect(await work.catch((error: Error) => error.message)).toBe(row.says)
  expect(given).toEqual({ asked: row.asked, isThrownAway: row.isThrownAway })
})
