import { describe, expect, it } from '@jest/globals'
import type { Difference } from '../../../collector/core/comparison.ts'
import {
  MAX_UNITS_PER_PAIR,
  MORE,
  reducedSet,
  unitOfKey,
  unitPath,
  unitsOf,
} from '../../../collector/core/verdict/difference-set.ts'

const changed = (path: string): Difference => ({ path, kind: 'changed' })

describe('the units of a pair', () => {
  it.each([
    ['/items/5/at', '/items/*/at'],
    ['/0/1', '/*/*'],
    ['/v2/3d', '/v2/3d'],
    ['header:etag', 'header:etag'],
    ['line:8', 'line:8'],
    ['', ''],
  ])('have stars for array positions: %s as %s', (path, expected) => {
    expect(unitPath(path)).toBe(expected)
  })

  it('are each counted once, sorted, and without what a rule covers', () => {
    const ruled = { ...changed('/at'), rule: 'timestamps' }
    const given: Difference[] = [changed('/items/3/id'), { path: '/b', kind: 'added' }, changed('/items/1/id'), ruled]
    expect(unitsOf(given, false)).toEqual(['added /b', 'changed /items/*/id'])
  })

  it('are bounded, and what is beyond the bound is one unit', () => {
    const many = Array.from({ length: 500 }, (_, k) => changed(`/field-${k}`))
    expect(unitsOf(many, false)).toHaveLength(MAX_UNITS_PER_PAIR)
    expect(unitsOf(many, false)).toContain(MORE)
    expect(unitsOf([changed('/a')], true)).toEqual(['changed /a', MORE])
    expect(unitPath(`/${'x'.repeat(5_000)}`)).toHaveLength(300)
  })

  it('keep only the quiet ones when some are known as noisy', () => {
    expect(reducedSet(['changed /a', 'removed /a'], (key) => key === 'changed /a')).toEqual(['removed /a'])
    expect(unitOfKey('removed /a b')).toEqual({ kind: 'removed', path: '/a b' })
  })
})
