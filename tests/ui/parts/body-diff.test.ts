import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bodyDiff } from '../../../collector/ui/parts/body-diff.ts'

/** `a` with the changes made, and what is unchanged checked on the way. */
function applied(a: string, b: string): string {
  let text = ''
  let [atA, atB] = [0, 0]
  for (const { fromA, toA, fromB, toB } of bodyDiff(a, b)) {
    expect(a.slice(atA, fromA)).toBe(b.slice(atB, fromB))
    text += a.slice(atA, fromA) + b.slice(fromB, toB)
    ;[atA, atB] = [toA, toB]
  }
  expect(a.slice(atA)).toBe(b.slice(atB))
  return text + a.slice(atA)
}

describe('where two bodies differ', () => {
  it('makes the one from the other, whatever they are', () => {
    const line = fc.constantFrom('a', 'b', 'ab', '', '  "id": 1,', 'é😀')
    const body = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'))
    fc.assert(fc.property(body, body, (a, b) => expect(applied(a, b)).toBe(b)))
  })

  it('is found place by place in a megabyte', () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => `  "line": ${n},`)
    const other = lines.map((line, n) => (n % 10_000 === 77 ? `  "other": ${n},` : line))
    const changes = bodyDiff(lines.join('\n'), other.join('\n'))
    expect(changes.length).toBeGreaterThanOrEqual(10)
    expect(Math.max(...changes.map(({ fromA, toA }) => toA - fromA))).toBeLessThan(20)
  })

  it('is one change where nothing is the same, and found in time', () => {
    const started = performance.now()
    const [a, b] = ['x', 'y'].map((letter) => Array.from({ length: 40_000 }, (_, n) => `${letter}${n}`).join('\n'))
    expect(applied(a ?? '', b ?? '')).toBe(b)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
