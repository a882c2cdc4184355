import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { yamlText } from '../../plugin-config/yaml-text.ts'

const read = (value: Record<string, unknown>, version: '1.1' | '1.2' = '1.2') =>
  parse(yamlText(value), { version, maxAliasCount: 0 })

describe('yamlText', () => {
  it('writes what the yaml library writes', () => {
    const value = {
      http: {
        routers: { 'understudy-a-overlay.2': { rule: '(Host(`a.b`)) && !HeaderRegexp(`Upgrade`, `.+`)', priority: 7 } },
        services: { a: { weighted: { services: [{ name: 'x@docker', weight: 1 }, { name: 'z' }] } } },
        middlewares: { a: { plugin: { understudy: { expects: ['shadow'], none: [], of: {}, last: '', is: false } } } },
        serversTransports: { a: { forwardingTimeouts: { dialTimeout: '1s', responseHeaderTimeout: '5000ms' } } },
      },
    }
    expect(yamlText(value)).toBe(stringify(value, { lineWidth: 0 }))
  })

  it('leaves out what is undefined, and keeps lists in lists', () => {
    expect(read({ a: undefined, b: [[1, [2]], [], {}, [{ c: [null] }]] })).toEqual({
      b: [[1, [2]], [], {}, [{ c: [null] }]],
    })
  })

  it.each([
    ...[
      'true',
      'No',
      'on',
      'y',
      'null',
      '~',
      '',
      ' ',
      'a ',
      ' a',
      'a: b',
      'a:',
      'a #b',
      '#a',
      '- a',
      '-',
      '? a',
      '& a',
    ],
    ...['*a', '!a', '%a', '@a', '`a`', '{a}', '[a]', '"a"', "'a'", '|', '>', '---', '...', '<<', '=', '0x1f', '1e5'],
    ...[
      '12',
      '1.5',
      '1_000',
      '010',
      '1:30',
      '2001-01-01',
      '.inf',
      '.nan',
      '12e45',
      '9f3a5c7712e4b6d0',
      '7e1a',
      '0b1',
      '0o7',
      '12_3a',
      'a\nb',
      'a\tb',
    ],
    ...[
      '{{ env "HOME" }}',
      '\u0000',
      '\u0085',
      '\u2028',
      '\ufeff',
      '😀',
      '\ud800',
      'é',
      'a\rb',
      '\u007f',
      'a:b',
      "it's",
    ],
  ])('gives back %j to readers of YAML 1.1 and 1.2', (text) => {
    const value = { [text]: { key: text, list: [text] } }
    expect(read(value)).toEqual(value)
    expect(read(value, '1.1')).toEqual(value)
  })

  it('gives back whatever it was given', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.dictionary(text, fc.jsonValue({ stringUnit: 'binary' })), (value) => {
        const plain = { all: JSON.parse(JSON.stringify(value)) }
        expect(read(plain)).toEqual(plain)
      }),
    )
  })
})
