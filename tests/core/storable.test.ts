import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { storableJson, storableText } from '../../collector/core/storable.ts'

describe('storable', () => {
  it('replaces what PostgreSQL refuses and nothing else', () => {
    expect(storableText('a\0b\ud800c😀')).toBe('a\\u0000b\ufffdc😀')
    expect(storableJson({ 'k\0': ['\udc00', { a: '\0' }], n: 1, z: null, t: '\\u0000 as text' })).toBe(
      JSON.stringify({ 'k\\u0000': ['\ufffd', { a: '\\u0000' }], n: 1, z: null, t: '\\u0000 as text' }),
    )
    expect(storableJson(undefined)).toBe('null')
  })

  it('keeps keys such as __proto__', () => {
    expect(storableJson(JSON.parse('{"__proto__":"\\u0000"}'))).toBe('{"__proto__":"\\\\u0000"}')
  })

  it('gives JSON without NUL and lone surrogates for any value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })), (value) => {
        const text = storableJson(value)
        expect(text.isWellFormed()).toBe(true)
        expect(text).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/)
      }),
    )
  })
})
