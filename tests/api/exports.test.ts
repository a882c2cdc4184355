// What leaves the product as text for other tools. A real shell reads the curl lines.
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { curlCommand } from '../../collector/api/exports/curl-command.ts'
import { httpArchive } from '../../collector/api/exports/http-archive.ts'
import { regressionCase } from '../../collector/api/exports/regression-case.ts'
import type { StoredComparison } from '../../collector/store/stored-comparison.ts'

/** The words that bash makes of the line, with curl as a function that tells them. */
function wordsOf(line: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${line}`
  const out = execFileSync('bash', ['--norc', '-c', script], {
    env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
    encoding: 'utf8',
  })
  return out.split('\0').slice(0, -1)
}

const request = (uri: string, headers: [string, string][] = [], hidden: string[] = []) => ({
  method: 'GET',
  uri,
  headers,
  hidden,
})

describe('a request as a curl line', () => {
  it('reads well', () => {
    const line = curlCommand(
      'http://127.0.0.1:3000',
      request('/tickets?filter[status]=open', [['Accept', '*/*']], ['Cookie']),
    )
    expect(line).toBe(
      `# hidden when it was captured, so left out: Cookie\ncurl -sS -i --path-as-is -g -H 'Accept: */*' 'http://127.0.0.1:3000/tickets?filter[status]=open'\n`,
    )
  })

  it.each([
    ["'; rm -rf / #"],
    ['$(id) `id` $HOME !!'],
    ['a\nb\r\nc'],
    ['\u001b[31mred\u0007'],
    ['\u202eevil\u2066'],
    ['\\x41 \\\\ "'],
    ['-o/tmp/x'],
  ])('keeps %j one word, and shows no control character', (value) => {
    const line = curlCommand('http://127.0.0.1', request(`/${value}`, [['X-A', value]], [value]))
    const words = wordsOf(line)
    expect(words).toContain(`X-A: ${value}`)
    expect(words.at(-1)).toBe(`http://127.0.0.1/${value}`)
    expect(line.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('keeps any text one word', () => {
    const texts = fc.array(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
      {
        minLength: 50,
        maxLength: 50,
      },
    )
    fc.assert(
      fc.property(texts, (values) => {
        const line = curlCommand(
          'http://x',
          request(
            '/',
            values.map((value) => ['X', value]),
          ),
        )
        const said = wordsOf(line).filter((word) => word.startsWith('X'))
        expect(said).toEqual(values.map((value) => (value === '' ? 'X;' : `X: ${value}`)))
      }),
      { numRuns: 20 },
    )
  })
})

const stored: StoredComparison = {
  exchangeId: '0198c0de-0000-7000-8000-000000000001',
  createdAtMs: Date.UTC(2026, 6, 1),
  route: 'shop',
  variant: 'shadow',
  method: 'GET',
  path: '/items?page=2&q=a%20b',
  endpoint: 'GET /items',
  outcome: 'different',
  differences: [
    { path: '/total', kind: 'changed', primary: 1, shadow: 2 },
    { path: '/at', kind: 'changed', primary: 'x', shadow: 'y', noise: true, rule: 'times' },
  ],
  differenceCount: 2,
  differencesCut: false,
  notes: [],
  skipped: null,
  requestHeaders: { Accept: ['*/*'] },
  primary: {
    status: 200,
    latencyMs: 12.5,
    bodyBytes: 11,
    headers: { 'Content-Type': ['application/json'] },
    body: '{"total":1}',
  },
  shadow: { status: 302, latencyMs: 20, bodyBytes: 3, headers: { Location: ['/x'] }, body: 'base64:AAEC' },
}

describe('a comparison as an HTTP Archive', () => {
  it('has the request once for each side, with its answer', () => {
    const { log } = httpArchive(stored, { primary: 'http://p:1', shadow: 'http://s:2/' }, '1.2.3')
    expect(log.version).toBe('1.2')
    expect(log.entries.map(({ request: { url } }) => url)).toEqual([
      'http://p:1/items?page=2&q=a%20b',
      'http://s:2/items?page=2&q=a%20b',
    ])
    expect(log.entries[0]?.request.queryString).toEqual([
      { name: 'page', value: '2' },
      { name: 'q', value: 'a b' },
    ])
    expect(log.entries[0]?.response.content).toEqual({ size: 11, mimeType: 'application/json', text: '{"total":1}' })
    expect(log.entries[1]?.response).toMatchObject({
      status: 302,
      redirectURL: '/x',
      content: { encoding: 'base64', text: 'AAEC' },
    })
  })
})

describe('a comparison as a regression case', () => {
  it('tells what to expect, what may differ and what was wrong', () => {
    expect(regressionCase(stored, request('/items', [['Accept', '*/*']], ['Cookie']))).toMatchObject({
      format: 'understudy-case/1',
      request: { method: 'GET', uri: '/items', headers: { Accept: ['*/*'] }, hidden: ['Cookie'] },
      expected: { status: 200, body: '{"total":1}' },
      mayDiffer: ['/at'],
      differed: [{ path: '/total', kind: 'changed' }],
    })
  })
})
