import { describe, expect, it } from '@jest/globals'
import { createDriftWatch } from '../../collector/rollout/drift.ts'
import type { Confirmation } from '../../collector/rollout/traffic-port.ts'

const confirmed: Confirmation = { confirmed: true, revision: 'b' }
const away: Confirmation = { confirmed: false, loaded: false, reason: 'connection refused', problems: [] }
const older: Confirmation = { ...away, reason: 'Traefik runs revision a', runs: 'a' }
const refused: Confirmation = { ...away, loaded: true, reason: 'no such service' }

function watch() {
  const clock = { ms: 0 }
  const told: string[] = []
  const drift = createDriftWatch({ now: () => clock.ms, told: (kind) => void told.push(kind) })
  return { drift, told, clock }
}

describe('the drift watch', () => {
  it.each([
    ['what an earlier process left is no drift', ['earlier'], []],
    ['the same at each look is none', ['a', 'a', 'a'], []],
    ['another text is', ['a', 'x', 'x'], ['changed']],
    ['no text is', ['a', undefined, undefined], ['deleted']],
    ['a text that comes where there was none is not', [undefined, 'a'], []],
  ])('%s', (_, texts, kinds) => {
    const { drift, told } = watch()
    for (const text of texts) drift.found(text)
    expect(told).toEqual(kinds)
  })

  it('does not take its own writes for drift, and counts the others', () => {
    const { drift, told, clock } = watch()
    drift.found('a')
    drift.left('b')
    drift.found('b')
    expect(drift.last()).toBeNull()
    clock.ms = 1_000
    drift.found('x')
    drift.left('b')
    drift.found(undefined)
    expect(told).toEqual(['changed', 'deleted'])
    expect(drift.last()).toEqual({ kind: 'deleted', count: 2, at: '1970-01-01T00:00:01.000Z' })
  })

  it('tells once of a Traefik that goes back to an older revision, and not of one that is away or refuses a router', () => {
    const { drift, told } = watch()
    drift.left('b')
    for (const each of [older, confirmed, away, refused, confirmed]) drift.judged(each)
    expect(told).toEqual([])
    for (const each of [older, older, older]) drift.judged(each)
    expect(told).toEqual(['revision'])
  })

  it('wants it written anew when Traefik has not taken it for ten seconds, and then every half minute', () => {
    const { drift, clock } = watch()
    drift.left('b')
    clock.ms = 40_000
    drift.judged(older)
    expect(drift.isStuck()).toBe(false)
    clock.ms += 10_000
    drift.judged(older)
    expect(drift.isStuck()).toBe(true)
    drift.left('b')
    drift.judged(older)
    clock.ms += 20_000
    expect(drift.isStuck()).toBe(false)
    clock.ms += 10_000
    expect(drift.isStuck()).toBe(true)
    drift.judged(confirmed)
    expect(drift.isStuck()).toBe(false)
  })
})
