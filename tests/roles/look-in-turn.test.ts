import { describe, expect, it } from '@jest/globals'
import { lookInTurn } from '../../collector/roles/look-in-turn.ts'

/** A look that ends when the test says so. */
function heldLook() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = []
  const failures: unknown[] = []
  const look = lookInTurn(
    () => new Promise<void>((resolve, reject) => void ends.push({ resolve, reject })),
    (error) => failures.push(error),
  )
  const settled = () => new Promise((done) => setImmediate(done))
  return { ends, failures, look, settled }
}

describe('a look in turn', () => {
  it('is one at a time, and one more for all that asked meanwhile', async () => {
    const { ends, look, settled } = heldLook()
    look()
    expect(ends).toHaveLength(1)
    look()
    look()
    await settled()
    expect(ends).toHaveLength(1)
    ends[0]?.resolve()
    await settled()
    expect(ends).toHaveLength(2)
    ends[1]?.resolve()
    await settled()
    expect(ends).toHaveLength(2)
  })

  it('goes on after one that failed, which is told', async () => {
    const { ends, failures, look, settled } = heldLook()
    look()
    ends[0]?.reject(new Error('away'))
    await settled()
    expect(failures).toEqual([new Error('away')])
    look()
    expect(ends).toHaveLength(2)
  })
})
