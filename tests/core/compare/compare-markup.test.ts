import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareFull } from '../../../collector/core/compare/compare-full.ts'
import { cpuMs } from '../../helpers/cpu-clock.ts'
import { primarySide, shadowSide } from './sides.ts'

function compare(primary: string, shadow: string, type = 'text/html; charset=utf-8') {
  const headers = { 'Content-Type': [type] }
  return compareFull(primarySide(primary, { headers }), shadowSide(shadow, { headers }))
}
const told = (primary: string, shadow: string, type?: string) =>
  compare(primary, shadow, type).differences.map(({ path, kind }) => `${path} ${kind}`)

const page = (body: string) => `<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>${body}</body></html>`
const XML = 'application/atom+xml'

describe('compareFull on HTML', () => {
  it.each([
    ['a text', '<p>a</p><p>b</p>', '<p>a</p><p>c</p>', ['/html/body/p/1/text/0 changed']],
    ['an attribute', '<a href=/x>y</a>', '<a href="/z">y</a>', ['/html/body/a/0/@href changed']],
    ['an attribute more', '<input>', '<input disabled>', ['/html/body/input/0/@disabled added']],
    ['order and quotes of attributes', '<a b=1 c=2>x</a>', "<A c='2' b='1'>x</a>", []],
    ['an element inserted', '<ul><li>a<li>b</ul>', '<ul><li>a<li>x<li>b</ul>', ['/html/body/ul/0/li/1 added']],
    ['an element removed', '<p>a</p><div>b</div><p>c</p>', '<p>a</p><p>c</p>', ['/html/body/div/0 removed']],
    ['another element', '<b>x</b>', '<i>x</i>', ['/html/body/b/0 removed', '/html/body/i/0 added']],
    ['white space', '<p>\n  a  b\n</p>\n', '<p>a b</p>', []],
    ['white space in pre', '<pre>a  b</pre>', '<pre>a b</pre>', ['/html/body/pre/0/text/0 changed']],
    ['comments', '<!-- 1 --><p>a</p>', '<p>a</p><!-- 2 -->', []],
    ['entities', '<p>&eacute;&amp;</p>', '<p>é&#38;</p>', []],
    ['lines broken', '<p>a<br>b</p>', '<p>a<br/>c</p>', ['/html/body/p/0/text/0 changed']],
    ['a line break less', '<p>a<br>b</p>', '<p>a b</p>', ['/html/body/p/0/text/0 changed']],
    ['a script', '<script>a</script>', '<script>"</p>"</script>', ['/html/body/script/0/text/0 changed']],
    ['__proto__', '<p __proto__=1>', '<p __proto__=2>', ['/html/body/p/0/@__proto__ changed']],
    ['a slash in a name', '<p a/b=1>', '<p a/b=2>', ['/html/body/p/0/@b changed']],
  ])('tells %s', (_, primary, shadow, expected) => {
    expect(told(page(primary), page(shadow))).toEqual(expected)
  })

  it('says when only characters differ that say nothing', () => {
    const result = compare('<p>a</p>', '<p>a</p><!-- x -->')
    expect(result).toMatchObject({ outcome: 'match', notes: ['html says the same in other characters'] })
  })

  it('tells another stack trace of an error page as one difference', () => {
    const error = (...frames: string[]) =>
      page(
        `<pre>URIError: Failed to decode param &#39;%E0%A4&#39;${frames.map((one) => `<br> &nbsp; &nbsp;at ${one}`).join('')}</pre>`,
      )
    const result = compare(
      error('decode_param (layer.js:172)', 'next (index.js:1)'),
      error('decodeParam (a.js:3)', 'x', 'y'),
    )
    expect(result.differences).toMatchObject([{ path: '/html/body/pre/0/text/0', kind: 'changed' }])
    expect(result.differences[0]?.primary).toMatch(/decode_param.*\n.*next/)
  })

  it('shows what was added', () => {
    expect(compare(page(''), page('<p class="x">a<b>c</b></p>')).differences[0]?.shadow).toBe(
      '<p class="x">a<b>c</b></p>',
    )
  })
})

describe('compareFull on XML', () => {
  it.each([
    ['a text', '<f><e>1</e><e>2</e></f>', '<f><e>1</e><e>3</e></f>', ['/f/e/1/text/0 changed']],
    ['names by case', '<f><E/></f>', '<f><e/></f>', ['/f/E/0 removed', '/f/e/0 added']],
    ['an empty element', '<f><e></e></f>', '<f><e/></f>', []],
    ['CDATA', '<f><![CDATA[a<b]]></f>', '<f>a&lt;b</f>', []],
    ['another root', '<f/>', '<g/>', ['/f removed', '/g added']],
    ['an element named text', '<f><text>1</text></f>', '<f><text>2</text></f>', ['/f/text/0/text/0 changed']],
  ])('tells %s', (_, primary, shadow, expected) => {
    expect(told(primary, shadow, XML)).toEqual(expected)
  })
})

describe('hostile markup', () => {
  it.each([
    ['100,000 elements inside each other', '<div>'.repeat(100_000), 'html nested deeper than 200: compared by lines'],
    ['100,000 elements', '<p>x</p>'.repeat(100_000), 'html more than 20000 nodes: compared by lines'],
  ])('of %s is compared by lines', (_, body, note) => {
    const result = compare(body, `${body}x`)
    expect(result.notes).toEqual([note])
    expect(result.outcome).toBe('different')
  })

  it.each([
    ['brackets', '<'.repeat(900_000)],
    ['one open comment', `<!--${'-'.repeat(900_000)}`],
    ['an attribute without end', `<a b="${'x'.repeat(900_000)}`],
    ['many attributes', `<a ${Array.from({ length: 90_000 }, (_, i) => `a${i}`).join(' ')}>`],
    ['one attribute again and again', `<a ${'b=1 '.repeat(200_000)}>`],
    ['ends without beginnings', '</p>'.repeat(200_000)],
    ['entities', '&amp'.repeat(200_000)],
    ['spaces', ' '.repeat(900_000)],
    ['a doctype', `<!DOCTYPE ${'['.repeat(500_000)}`],
    ['NUL', '\0'.repeat(500_000)],
    ['wide siblings of two names', '<b></b><i></i>'.repeat(5_000)],
    ['line breaks', 'a<br>'.repeat(15_000)],
  ])('of %s takes no longer than it should', (_, body) => {
    for (const type of ['text/html', XML]) {
      const startedAt = cpuMs()
      compare(`${body}<b>1</b>`, `${body}<b>2</b>`, type)
      expect(cpuMs() - startedAt).toBeLessThan(500)
    }
  })

  it('is never equal to other markup, and always to itself', () => {
    const piece = fc.constantFrom(
      '<p>',
      '</p>',
      '<b a=1>',
      '</b>',
      '<br>',
      'x',
      ' ',
      '&lt;',
      '<',
      '\0',
      '<!--',
      '-->',
      '<ul><li>',
    )
    const markup = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(markup, markup, (one, two) => {
        expect(told(`${one}<hr>`, `${one}<hr >`)).toEqual([])
        const there = compare(one, two)
        const back = compare(two, one)
        expect(there.outcome).toBe(back.outcome)
        expect(JSON.stringify(there).isWellFormed()).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
