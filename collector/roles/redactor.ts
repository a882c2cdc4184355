// Ingest's redaction: most batches hold nothing to hide, which one regular expression tells; only the others are read.
import { randomBytes } from 'node:crypto'
import { mayHoldSecret, redactRecord } from '../core/redact-body.ts'
import type { TapRecord } from '../core/tap-record.ts'
import type { CutBatch } from '../ingest/cut-batch.ts'
import type { Log } from '../log.ts'

export function createRedactor(key: Buffer | undefined, log: Log): (batch: CutBatch) => Buffer[] {
  if (key === undefined)
    log.warn({}, 'UNDERSTUDY_HMAC_KEY_FILE is not set: hashes of secrets hold for this process only')
  const secret = key ?? randomBytes(32)
  return (batch) => {
    if (!mayHoldSecret(batch.latin1)) return batch.records.map((record) => record.line)
    return batch.records.map(({ line }) => (mayHoldSecret(line.toString('latin1')) ? redactLine(line, secret) : line))
  }
}

function redactLine(line: Buffer, key: Buffer): Buffer {
  try {
    const record = JSON.parse(line.toString('utf8')) as TapRecord
    return Buffer.from(JSON.stringify(redactRecord(record, key)))
  } catch {
    // It goes to the dead letters as it is no record; nothing in it may be readable there.
    return Buffer.from('{"unreadable":true}')
  }
}
