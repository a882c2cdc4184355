import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { safeBlock, safeJson, safeLine, shortened, table } from '../../collector/cli/terminal-text.ts'

const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('text made safe for a terminal', () => {
  it.each([
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['\ud800', '\\ud800'],
    ['\u{e0001}', '\\u{e0001}'],
    ['Grüße 日本 😀', 'Grüße 日本 😀'],
  ])('writes %j as %s', (text, expected) => {
    expect(safeLine(text)).toBe(expected)
  })

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // Plain booleans: Jest's matchers are slow in a loop.
        return !control.test(safeLine(text)) && !control.test(safeBlock(text).replaceAll(/[\n\t]/g, ''))
      }),
      { numRuns: 2000 },
    )
  })

  it('leaves JSON the same JSON', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        const safe = safeJson(JSON.stringify(JSON.parse(json)))
        expect(safe).not.toMatch(control)
        expect(JSON.parse(safe)).toEqual(JSON.parse(json))
      }),
      { numRuns: 2000 },
    )
  })

  it('cuts and lines up', () => {
    expect(shortened('abcdef', 4)).toBe('abc…')
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    bb', 'ccc  d'])
  })
})
