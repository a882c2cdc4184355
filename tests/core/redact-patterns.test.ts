import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRedaction } from '../../collector/core/redact-body.ts'
import { type PatternName, secretPatterns } from '../../collector/core/secret-patterns.ts'
import type { TapRecord, TapResponse } from '../../collector/core/tap-record.ts'
import { cpuMs } from '../helpers/cpu-clock.ts'
import { tapRecord } from '../helpers/tap-batches.ts'

const KEY = Buffer.from('a key of the test')
const JSON_TYPE = { 'Content-Type': ['application/json'] }

function recordOf(body: string, headers: Record<string, string[]> = JSON_TYPE): TapRecord {
  const record = tapRecord()
  return { ...record, response: { ...(record.response as TapResponse), headers, body, bodyEncoding: 'utf8' } }
}
const inBatch = (record: TapRecord) => Buffer.from(JSON.stringify(record)).toString('latin1')
const { mayHoldSecret, redact } = createRedaction({ key: KEY })
const shape = (body: string, headers?: Record<string, string[]>) =>
  redact(recordOf(body, headers)).response?.body.replace(/hmac:[0-9a-f]{16}/g, 'HIDDEN')

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

describe('what looks like a secret', () => {
  it('sees in a batch every token that it sees in a text', () => {
    const { mayHold, mayHoldInBatch } = secretPatterns(['token'])
    const starts = [
      'eyJ',
      'sk_live_',
      'pk_test_',
      'rk_live',
      'ghp_',
      'ghr_',
      'github_pat_',
      'xoxb-',
      'xoxz-',
      'AKIA',
      'AIza',
    ]
    const piece = fc.oneof(
      fc.constantFrom(...starts, '-----BEGIN PRIVATE KEY-----', 'PRIVATE KEY----'),
      fc.string({ unit: fc.constantFrom(...'aZ09_-. '), maxLength: 40 }),
    )
    const texts = fc.array(piece, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(texts, (parts) => mayHoldInBatch(parts.join('')) === mayHold(parts.join(''))),
      { numRuns: 5_000 },
    )
  })

  it('sees the sign of a card wherever thirteen digits stand, with a space or dash between two of them', () => {
    const { mayHold } = secretPatterns(['card'])
    const text = fc.string({ unit: fc.constantFrom(...'0123456789 -a'), minLength: 10, maxLength: 40 })
    fc.assert(
      fc.property(text, (given) => mayHold(given) === /(?<!\d)[2-6](?:[ -]?\d){12}/.test(given)),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['a card number in a string', '{"a":"4111111111111111"}', '{"a":"HIDDEN"}'],
    ['one with spaces, in a sentence', '{"a":"Visa 4111 1111 1111 1111 ok"}', '{"a":"Visa HIDDEN ok"}'],
    ['one with a group behind it', '{"a":"4111-1111-1111-1111 123"}', '{"a":"HIDDEN 123"}'],
    ['one as a number', '{"a":5500005555555559,"b":1}', '{"a":"HIDDEN","b":1}'],
    ['15 digits', '["378282246310005"]', '["HIDDEN"]'],
    ['a mail address', '{"to":"Ann <ann.o\'hara+x@mail.example.org>"}', '{"to":"Ann <HIDDEN>"}'],
    ['one with letters of its own', '{"to":"jürgen@bücher.example"}', '{"to":"HIDDEN"}'],
    ['one written with an escape', '{"to":"ann\\u0040example.org"}', '{"to":"HIDDEN"}'],
    ['one as a key', '{"ann@example.org":{"role":"admin"}}', '{"HIDDEN":{"role":"admin"}}'],
    ['two in a row', '{"to":"a@example.org,b@example.org"}', '{"to":"HIDDEN,HIDDEN"}'],
    ['a JSON Web Token', `{"a":"${JWT}"}`, '{"a":"HIDDEN"}'],
    ['a key that says whose it is', '{"a":"ghp_0123456789abcdefghijklmnopqrstuvwxyz"}', '{"a":"HIDDEN"}'],
    ['a private key', '{"a":"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n"}', '{"a":"HIDDEN\\n"}'],
    ['one inside JSON in a string', '{"a":"{\\"to\\":\\"ann@example.org\\"}"}', '{"a":"{\\"to\\":\\"HIDDEN\\"}"}'],
  ])('hides %s', (_, body, expected) => {
    expect(mayHoldSecret(inBatch(recordOf(body)))).toBe(true)
    expect(shape(body)).toBe(expected)
  })

  it.each([
    ['digits that are no card number', '{"a":"4111111111111112","b":4111111111111112}'],
    ['more digits than a card has', '{"a":"41111111111111111111111"}'],
    ['a time in milliseconds', '{"a":1732190400000}'],
    ['a UUID', '{"a":"4b2e1f60-3a51-7c9d-8f00-123456789012"}'],
    ['an @ without a domain', '{"a":"@home and @scope/package, 5@3"}'],
  ])('keeps %s', (_, body) => expect(shape(body)).toBe(body))

  it('hides it in text, in a page, in a form, and in a compressed body', () => {
    expect(shape('call ann@example.org', { 'Content-Type': ['text/plain'] })).toBe('call HIDDEN')
    expect(shape('<a href="mailto:ann@example.org">', { 'Content-Type': ['text/html'] })).toBe(
      `<a href="mailto:HIDDEN">`,
    )
    const form = { 'Content-Type': ['application/x-www-form-urlencoded'] }
    expect(shape('a=1&to=ann%40example.org&card=4111+1111+1111+1111', form)).toBe('a=1&to=HIDDEN&card=HIDDEN')
    const gzip = recordOf(gzipSync('{"to":"ann@example.org"}').toString('base64'), {
      ...JSON_TYPE,
      'Content-Encoding': ['gzip'],
    })
    const coded = { ...gzip, response: { ...(gzip.response as TapResponse), bodyEncoding: 'base64' as const } }
    expect(redact(coded).response?.body).not.toBe(coded.response.body)
  })

  it('hides it in the URI and in headers too', () => {
    const record = recordOf('{}', { ...JSON_TYPE, Location: ['/users/ann@example.org'] })
    record.request.uri = '/users/ann%40example.org?x=1'
    record.request.headers = { 'X-Caller': [JWT] }
    const { request, response } = redact(record)
    expect(request.uri).toMatch(/^\/users\/hmac:[0-9a-f]{16}\?x=1$/)
    expect(request.headers['X-Caller']).toEqual([expect.stringMatching(/^hmac:/)])
    expect(response?.headers.Location).toEqual([expect.stringMatching(/^\/users\/hmac:[0-9a-f]{16}$/)])
  })

  it('shows equal secrets equal, wherever they stand', () => {
    const [first, second] = [redact(recordOf('{"a":"ann@example.org"}')), redact(recordOf('x ann@example.org', {}))]
    const hash = /hmac:[0-9a-f]{16}/
    expect(hash.exec(first.response?.body ?? '')?.[0]).toBe(hash.exec(second.response?.body ?? '')?.[0])
  })

  it('looks for what it was told to, and nothing else', () => {
    const only = (...patterns: PatternName[]) =>
      createRedaction({ key: KEY, patterns }).redact(recordOf('{"a":"ann@example.org","b":"4111111111111111"}'))
        .response?.body
    expect(only('card')).toContain('ann@example.org')
    expect(only('email')).toContain('4111111111111111')
    expect(only()).toBe('{"a":"ann@example.org","b":"4111111111111111"}')
  })

  it("hides the values of words of one's own", () => {
    const own = createRedaction({ key: KEY, ownWords: ['national_id'] })
    const record = recordOf('{"nationalId":"x1","national-id":"x2","id":"stays"}')
    expect(own.mayHoldSecret(inBatch(record))).toBe(true)
    const body = own.redact(record).response?.body ?? ''
    expect(body).not.toMatch(/x1|x2/)
    expect(body).toContain('stays')
  })

  it.each([
    ['letters before an @', `{"a":"${'a'.repeat(200_000)}@example.org"}`],
    ['many @', `{"a":"${'a@'.repeat(100_000)}"}`],
    ['digits', `{"a":"${'4'.repeat(200_000)}"}`],
    ['groups of digits', `{"a":"${'4111 '.repeat(40_000)}"}`],
    ['beginnings of tokens', `{"a":"${'eyJaaaaaaaaaaaa.'.repeat(20_000)}"}`],
    ['domains', `{"a":"a@${'a.'.repeat(100_000)}"}`],
  ])('reads a long run of %s in time', (_, body) => {
    const startedAt = cpuMs()
    mayHoldSecret(inBatch(recordOf(body)))
    redact(recordOf(body))
    expect(cpuMs() - startedAt).toBeLessThan(1_000)
  })

  it('never changes what the quick look lets pass, and leaves nothing to a second look', () => {
    const piece = fc.constantFrom(
      'ann',
      '@',
      'example.org',
      '4111',
      ' ',
      '-',
      '1111',
      '"',
      '\\',
      '{',
      ':',
      ',',
      JWT,
      'x',
    )
    const { mayHold, replace } = secretPatterns(['card', 'email', 'token'])
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const record = recordOf(text)
        if (!mayHoldSecret(inBatch(record))) expect(redact(record)).toBe(record)
        const once = replace(text, () => 'HIDDEN')
        if (!mayHold(text)) expect(once).toBe(text)
        // A hash has no `@` before it that could make it an address again.
        expect(replace(once.replaceAll(/HIDDEN[^ ]*/g, ''), () => 'AGAIN')).not.toContain('AGAIN')
      }),
      { numRuns: 3_000 },
    )
  })
})
