// Ingest's redaction: most batches hold nothing to hide, which one regular expression tells; only the others are read.
import { randomBytes } from 'node:crypto'
import { createRedaction, type Redaction } from '../core/redact-body.ts'
import type { PatternName } from '../core/secret-patterns.ts'
import type { TapRecord } from '../core/tap-record.ts'
import type { CutBatch } from '../ingest/cut-batch.ts'
import type { Log } from '../log.ts'

export function createRedactor(
  options: { key: Buffer | undefined; ownWords: readonly string[]; patterns: readonly PatternName[] },
  log: Log,
): (batch: CutBatch) => Buffer[] {
  if (options.key === undefined)
    log.warn({}, 'UNDERSTUDY_HMAC_KEY_FILE is not set: hashes of secrets hold for this process only')
  const redaction = createRedaction({ ...options, key: options.key ?? randomBytes(32) })
  return (batch) => {
    if (!redaction.mayHoldSecret(batch.latin1)) return batch.records.map((record) => record.line)
    return batch.records.map(({ line }) =>
      redaction.mayHoldSecret(line.toString('latin1')) ? redactLine(line, redaction) : line,
    )
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
