import { describe, expect, it } from '@jest/globals'
import type { Figure } from './bench.ts'
import { isReached, ratioOf, table } from './bench-table.ts'

const figure: Figure = { name: 'CPU', value: 180, unit: 'µs', baseline: { name: 'native', value: 100 } }

describe('a figure', () => {
  it('has a ratio where its baseline has the same unit', () => {
    expect(ratioOf(figure)).toBe(1.8)
    expect(ratioOf({ ...figure, baseline: { name: 'native', value: 100, unit: 'ms' } })).toBeUndefined()
    expect(ratioOf({ ...figure, baseline: { name: 'native', value: 0 } })).toBeUndefined()
  })

  it('is judged by value or by ratio, the bar itself included', () => {
    expect(isReached(figure)).toBeUndefined()
    expect(isReached({ ...figure, bar: { atMost: 180 } })).toBe(true)
    expect(isReached({ ...figure, bar: { atLeast: 181 } })).toBe(false)
    expect(isReached({ ...figure, bar: { atMost: 1.8, of: 'ratio' } })).toBe(true)
    expect(isReached({ ...figure, bar: { atMost: 1.7, of: 'ratio' } })).toBe(false)
  })

  it('misses a bar that cannot be told', () => {
    expect(isReached({ name: 'CPU', value: 1, unit: 'µs', bar: { atMost: 2, of: 'ratio' } })).toBe(false)
    expect(isReached({ name: 'CPU', value: Number.NaN, unit: 'µs', bar: { atMost: 2 } })).toBe(false)
  })

  it('is one line with its baseline, ratio and bar', () => {
    const lines = table([{ ...figure, bar: { atMost: 1.8, of: 'ratio' } }]).split('\n')
    expect(lines[1]).toMatch(/CPU\s+180 µs\s+100 µs \(native\)\s+1\.80 ×\s+≤ 1\.8 ×\s+reached$/)
  })
})
