import { describe, expect, it } from '@jest/globals'
import type { Difference } from '../../../collector/core/comparison.ts'
import {
  MAX_UNITS_PER_PAIR,
  MORE,
  reducedSet,
  unitOfKey,
  unitsOf,
} from '../../../collector/core/verdict/difference-set.ts'

const changed = (path: string): Difference => ({ path, kind: 'changed' })

describe('the units of a pair', () => {
  it('are each counted once, sorted, and without what a rule covers', () => {
    const ruled = { ...changed('/at'), noise: true, rule: 'timestamps' }
    const learned = { ...changed('/nonce'), noise: true, rule: 'learned' }
    const added: Difference = { path: '/b', kind: 'added' }
    const given = [changed('/items/3/id'), added, changed('/items/1/id'), ruled, learned]
    expect(unitsOf(given, false)).toEqual(['added /b', 'changed /items/*/id', 'changed /nonce'])
  })

  it('are bounded, and what is beyond the bound is one unit', () => {
    const many = Array.from({ length: 500 }, (_, k) => changed(`/field-${k}`))
    expect(unitsOf(many, false)).toHaveLength(MAX_UNITS_PER_PAIR)
    expect(unitsOf(many, false)).toContain(MORE)
    expect(unitsOf([changed('/a')], true)).toEqual(['changed /a', MORE])
  })

  it('keep only the quiet ones when some are known as noisy', () => {
    expect(reducedSet(['changed /a', 'removed /a'], (key) => key === 'changed /a')).toEqual(['removed /a'])
    expect(unitOfKey('removed /a b')).toEqual({ kind: 'removed', path: '/a b' })
  })
})
