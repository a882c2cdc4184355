import { describe, expect, it } from '@jest/globals'
import type { Log } from '../../collector/log.ts'
import { createRedactor } from '../../collector/roles/redactor.ts'
import { tapRecord } from '../helpers/tap-batches.ts'

const silent = { warn: () => undefined } as unknown as Log

function redact(...values: unknown[]): string[] {
  const redactor = createRedactor({ key: Buffer.from('key'), ownWords: [], patterns: [] }, silent)
  return values.map((value) => {
    const line = Buffer.from(JSON.stringify(value))
    const mayHoldSecret = redactor.mayHoldSecret(line.toString('latin1'))
    return String(redactor.clear({ ...tapRecord(), line, mayHoldSecret }))
  })
}

describe('redaction of a batch', () => {
  const secret = tapRecord({ body: '{"password":"p4ss"}' })

  it('hides what is secret and leaves every other line as it is', () => {
    const plain = tapRecord()
    const [hidden, left] = redact(secret, plain)
    expect(hidden).toContain('hmac:')
    expect(hidden).not.toContain('p4ss')
    expect(left).toBe(JSON.stringify(plain))
  })

  it('leaves nothing readable of a line that is no record, and takes the others', () => {
    const mangled = {
      ...secret,
      response: { ...secret.response, headers: { 'content-type': 5, 'content-encoding': {} } },
    }
    const lines = redact(mangled, null, { ...secret, response: 'password' }, secret)
    expect(lines.join()).not.toContain('p4ss')
    expect(lines[0]).toBe('{"unreadable":true}')
    expect(lines[3]).toContain('hmac:')
  })
})
