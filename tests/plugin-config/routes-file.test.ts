import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseRoutesFile, problemText } from '../../plugin-config/routes-file.ts'

const good = `routes:
  - name: ticketing
    rule: PathPrefix(\`/api\`) # narrow
    primary: { url: http://127.0.0.1:3000 }
    shadows: [{ name: shadow, url: http://127.0.0.1:3001, sandbox: true }]
    share: 10
`

function problems(text: string): string[] {
  const parsed = parseRoutesFile(text, 'understudy.yaml')
  return parsed.ok ? [] : parsed.problems.map(problemText)
}

describe('a routes file', () => {
  it.each([
    ['as it is', good],
    ['with CRLF', good.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${good}`],
    ['without a last newline', good.trimEnd()],
    [
      'as JSON',
      JSON.stringify({
        routes: [{ name: 'a', primary: { service: 'a@docker' }, shadows: [{ name: 'b', service: 'b@docker' }] }],
      }),
    ],
  ])('is read %s', (_how, text) => {
    expect(parseRoutesFile(text, 'understudy.yaml')).toMatchObject({ ok: true, routes: [{ share: 10 }] })
  })

  it('may hold no route', () => {
    expect(parseRoutesFile('routes: []', 'understudy.yaml')).toEqual({ ok: true, routes: [], rules: [] })
  })

  it.each<[string, string, string]>([
    [
      'a mistyped key',
      `${good}    shadowPercnt: 5\n`,
      '7:5 /routes/0/shadowPercnt: unknown key "shadowPercnt": did you mean share?',
    ],
    [
      'a mistyped key inside',
      good.replace('name: shadow', 'nme: shadow'),
      '5:17 /routes/0/shadows/0/nme: unknown key "nme": did you mean name?',
    ],
    ['a mistyped top key', good.replace('routes:', 'route:'), '1:1 /route: unknown key "route": did you mean routes?'],
    [
      'a bad value',
      good.replace('share: 10', 'share: "10"'),
      '6:5 /routes/0/share: expected a number from 0.01 to 100, got "10"',
    ],
    ['a key twice', `${good}    share: 3\n`, '7:5 this key is there twice'],
    ['a name twice', good + good.slice('routes:\n'.length), '7:5 /routes/1/name: the name ticketing is there twice'],
    ['a tab', good.replace('    share', '\tshare'), '6:1 Tabs are not allowed as indentation'],
    ['YAML 1.1 words', `${good}    enabled: no\n`, '7:5 /routes/0/enabled: expected true or false, got "no"'],
    ['an octal number', good.replace('share: 10', 'share: 010'), '6:12 010 may be read as an octal number: write 10'],
    ['an alias', 'routes: &a [*a]', '1:12 aliases (& and *) are not allowed'],
    ['an alias bomb', 'a: &a [x, x]\nb: &b [*a, *a]\nroutes: [*b, *b]', '1:7 aliases (& and *) are not allowed'],
    ['a merge key', `${good}    <<: { share: 3 }\n`, '7:5 /routes/0/<<: unknown key "<<"'],
    ['a prototype', `${good}    __proto__: { share: 3 }\n`, '7:5 /routes/0/__proto__: unknown key "__proto__"'],
    ['a tag', good.replace('share: 10', 'share: !!js/function x'), '6:12 Unresolved tag'],
    ['two documents', `${good}---\n${good}`, '7:1 holds more than one document (---)'],
    ['half of itself', good.slice(0, 90), '4:25 '],
    ['nothing', '', '1:1 is empty: expected routes:'],
    ['only comments', '# routes:\n', '1:1 expected routes: with a list'],
    ['null', 'null', '1:1 expected routes: with a list'],
    ['a list', '- a', '1:1 expected routes: with a list'],
    ['no list of routes', 'routes:\n', '1:1 /routes: expected a list of routes'],
    ['binary', '\u0000\u0001\u0002', '1:1 '],
    ['too many bytes', `${good}#${'x'.repeat(1_000_000)}`, '1:1 is larger than 1000000 bytes'],
    ['deep brackets', `routes: ${'['.repeat(100_000)}`, '1:59 is nested deeper than 50'],
    ['deep dashes', `routes:\n  ${'- '.repeat(100_000)}x`, '2:3 is nested deeper than 50'],
    [
      'deep blocks',
      Array.from({ length: 1300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'is nested deeper than 50',
    ],
  ])('with %s is refused, by place', (_what, text, message) => {
    expect(problems(text)[0]).toContain(message)
    expect(problems(text)[0]).toMatch(/^understudy\.yaml:\d+:\d+ /)
  })

  it('names all its problems at once', () => {
    const text = `${good.replace('share: 10', 'share: 500')}    sotre: all\n    methods: [get]\n`
    expect(problems(text)).toHaveLength(3)
  })

  it('names at most 100 problems', () => {
    expect(problems(`routes:\n${'  - x\n'.repeat(2000)}`)).toHaveLength(100)
  })

  it('never throws, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        parseRoutesFile(text, 'understudy.yaml')
        parseRoutesFile(`routes:\n  - ${text}`, 'understudy.yaml')
      }),
      { numRuns: 2_000 },
    )
  })

  it('never throws when one character of a good file is changed', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ unit: 'binary', maxLength: 2 }), (at, instead) => {
        parseRoutesFile(good.slice(0, at) + instead + good.slice(at + 1), 'understudy.yaml')
      }),
      { numRuns: 2_000 },
    )
  })
})
