// Ingest's redaction: most records hold nothing to hide, which a look at many of them at once tells; only the others are
// read.
import { randomBytes } from 'node:crypto'
import { createRedaction, type Redaction } from '../core/redact-body.ts'
import type { PatternName } from '../core/secret-patterns.ts'
import type { TapRecord } from '../core/tap-record.ts'
import type { Redactor } from '../ingest/ingest-app.ts'
import type { Log } from '../log.ts'

export function createRedactor(
  options: { key: Buffer | undefined; ownWords: readonly string[]; patterns: readonly PatternName[] },
  log: Log,
): Redactor {
  if (options.key === undefined)
    log.warn({}, 'UNDERSTUDY_HMAC_KEY_FILE is not set: hashes of secrets hold for this process only')
  const redaction = createRedaction({ ...options, key: options.key ?? randomBytes(32) })
  return {
    mayHoldSecret: redaction.mayHoldSecret,
    clear: ({ line, mayHoldSecret }) =>
      mayHoldSecret && redaction.mayHoldSecret(line.toString('latin1')) ? redactLine(line, redaction) : line,
  }
}

function redactLine(line: Buffer, redaction: Redaction): Buffer {
  try {
    const record = JSON.parse(line.toString('utf8')) as TapRecord
    return Buffer.from(JSON.stringify(redaction.redact(record)))
  } catch {
    // It goes to the dead letters as it is no record; nothing in it may be readable there.
    return Buffer.from('{"unreadable":true}')
  }
}
