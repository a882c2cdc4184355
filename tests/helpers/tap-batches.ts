// Batches as a tap posts them, made cheaply: one template whose exchange ids are overwritten in place.
import { createHash, randomBytes } from 'node:crypto'
import type { BatchHeader, TapRecord } from '../../collector/core/tap-record.ts'

/** A fresh exchange id (UUIDv7) for a time in milliseconds. */
export function exchangeId(timeMs: number): string {
  const time = timeMs.toString(16).padStart(12, '0')
  const random = randomBytes(10).toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`
}

export function batchHeader(records: number, extra: Partial<BatchHeader['batch']> = {}): BatchHeader {
  return {
    v: 1,
    batch: {
      instance: 'test-tap',
      startedAt: '2026-01-01T00:00:00Z',
      firstSequence: 1,
      records,
      totals: { seen: records, shipped: 0, queued: records, dropped: {} },
      routes: {},
      pairs: {},
      ...extra,
    },
  }
}

/** A complete record of a JSON answer; `extra` replaces whole fields. */
export function tapRecord(extra: Partial<TapRecord> & { body?: string } = {}): TapRecord {
  const { body = '{"ok":true}', ...fields } = extra
  const side = fields.side ?? 'primary'
  return {
    v: 1,
    id: exchangeId(Date.now()),
    route: 'bench',
    side,
    variant: side === 'primary' ? '' : side,
    expects: side === 'primary' ? ['shadow'] : [],
    at: new Date().toISOString().replace('Z', '000Z'),
    request: {
      method: 'GET',
      uri: '/items/42?page=2',
      host: 'shop.example',
      headers: {
        Accept: ['application/json'],
        'User-Agent': ['bench/1'],
        'X-Forwarded-For': ['127.0.0.1'],
        'X-Forwarded-Proto': ['http'],
        Cookie: ['hmac:0123456789abcdef'],
      },
    },
    response: {
      status: 200,
      headers: {
        'Content-Type': ['application/json; charset=utf-8'],
        'Content-Length': [String(body.length)],
        Date: ['Sat, 21 Nov 2026 09:00:00 GMT'],
        Etag: ['"x"'],
      },
      body,
      bodyEncoding: 'utf8',
      bodyBytes: Buffer.byteLength(body),
      bodyHash: hashOf(body),
      truncated: false,
    },
    timing: { firstByteMicros: 1800, totalMicros: 2100 },
    ...fields,
  }
}

/** Nobody checks that it is keyed; only that equal bodies have equal ones. */
export function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('hex')
}

export function ndjson(lines: unknown[]): Buffer {
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** A JSON document of about `bytes` bytes. */
export function jsonBody(bytes: number, seed = 1): string {
  const items = []
  for (let index = 0; JSON.stringify({ items }).length < bytes - 60; index++) {
    items.push({
      id: index + seed,
      name: `item ${index}`,
      price: index * 1.25,
      tags: ['a', 'b'],
      open: index % 2 === 0,
    })
  }
  return JSON.stringify({ items })
}

export type BatchSource = {
  pairsPerBatch: number
  bytes: number
  /** The next batch, in the same buffer as the last one of the same slot: send it before taking that slot again. */
  next(slot: number): Buffer
}

/** Pairs of identical bodies, `differing` of 100 with one changed value; both sides in one batch. */
export function createBatchSource(options: {
  bodyBytes: number
  pairsPerBatch: number
  differingPercent: number
  slots: number
}): BatchSource {
  const { pairsPerBatch, differingPercent } = options
  const body = jsonBody(options.bodyBytes)
  const changed = body.replace('"price":1.25', '"price":9.75')
  const records: TapRecord[] = []
  for (let pair = 0; pair < pairsPerBatch; pair++) {
    const differs = pair % Math.round(100 / Math.max(differingPercent, 1e-9)) === 0 && differingPercent > 0
    const primary = tapRecord({ body })
    records.push(primary, { ...tapRecord({ side: 'shadow', body: differs ? changed : body }), id: primary.id })
  }
  const template = ndjson([batchHeader(records.length), ...records])
  const offsets: number[] = []
  for (let at = template.indexOf('"id":"'); at >= 0; at = template.indexOf('"id":"', at + 1)) {
    if (template.toString('latin1', at - 7, at) === '{"v":1,') offsets.push(at + 6)
  }
  const slots = Array.from({ length: options.slots }, () => Buffer.from(template))
  let serial = 0
  const run = randomBytes(3).toString('hex')
  return {
    pairsPerBatch,
    bytes: template.length,
    next(slot) {
      const buffer = slots[slot] as Buffer
      const time = Date.now().toString(16).padStart(12, '0')
      const head = `${time.slice(0, 8)}-${time.slice(8)}-7${run.slice(0, 3)}-8${run.slice(3)}-`
      for (let index = 0; index < offsets.length; index += 2) {
        // An odd multiplier permutes the 32 bits, so ids are unique and still look random to a sampler.
        const scattered = (Math.imul(serial, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
        const id = head + (serial++ >>> 16).toString(16).padStart(4, '0').slice(-4) + scattered
        buffer.write(id, offsets[index] as number, 'latin1')
        buffer.write(id, offsets[index + 1] as number, 'latin1')
      }
      return buffer
    },
  }
}
