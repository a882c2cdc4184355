// Cuts a batch from a tap into records without parsing them: the tap writes the labelling keys first, in a fixed
// order, so one regular expression at the start of each line is enough. A line of any other shape is parsed and
// checked whole. Pure.
import { z } from 'zod'
import { isExchangeId } from '../core/exchange-id.ts'
import type { BatchHeader, Side, TapRecord } from '../core/tap-record.ts'

/** `mayHoldSecret`: something in the lines around it may be one; false is certain. */
export type CutRecord = {
  id: string
  route: string
  side: Side
  variant: string
  line: Buffer
  mayHoldSecret: boolean
}
export type CutBatch = { header: BatchHeader; records: CutRecord[] }
export type CutProblem = { line: number; message: string }
export type CutResult = { ok: true; batch: CutBatch } | { ok: false; problem: CutProblem }

const MAX_RECORDS = 4096
export const MAX_LINE_BYTES = 3 * 1024 * 1024

const CANONICAL =
  /\{"v":1,"id":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","route":"([\w.@/-]{1,200})","side":"(primary|shadow|control)","variant":"([\w.-]{0,100})","expects":\[/y

/** Where the id stands in a line of that form. */
const ID_AT = '{"v":1,"id":"'.length

const counts = z.record(z.string().max(200), z.number().int().nonnegative())
const headerSchema = z.object({
  v: z.literal(1),
  batch: z.object({
    instance: z.string().min(1).max(200),
    startedAt: z.iso.datetime({ offset: true }),
    firstSequence: z.number().int().nonnegative(),
    records: z.number().int().nonnegative().max(MAX_RECORDS),
    totals: z.object({ seen: z.number().int(), shipped: z.number().int(), queued: z.number().int(), dropped: counts }),
    pairs: counts.default({}),
    routes: z.record(
      z.string().max(200),
      z.object({
        tapped: z.number().int().nonnegative(),
        queued: z.number().int().nonnegative().default(0),
        dropped: counts,
        shed: counts.optional(),
      }),
    ),
  }),
})

/** The tap writes a header without values, which Traefik sets, as null. */
const headersSchema = z.record(z.string(), z.array(z.string()).nullable())
const recordSchema = z.looseObject({
  v: z.literal(1),
  id: z.string().refine(isExchangeId, 'expected a lower-case UUIDv7'),
  route: z.string().min(1).max(200),
  side: z.enum(['primary', 'shadow', 'control']),
  variant: z.string().max(100),
  expects: z.array(z.string().max(100)).max(64),
  at: z.string().max(40),
  request: z.looseObject({ method: z.string(), uri: z.string(), host: z.string(), headers: headersSchema }),
  response: z
    .looseObject({
      status: z.number().int().min(100).max(999),
      headers: headersSchema,
      body: z.string(),
      bodyEncoding: z.enum(['utf8', 'base64']),
      bodyBytes: z.number().int().nonnegative(),
      bodyHash: z.string().max(128),
      truncated: z.boolean(),
    })
    .optional(),
  skipped: z.string().max(50).optional(),
  timing: z.looseObject({ firstByteMicros: z.number().nonnegative(), totalMicros: z.number().nonnegative() }),
})

/** Checks one parsed record; the message names the JSON pointer that is wrong. Unknown fields are kept. */
function checkRecord(value: unknown): { ok: true; record: TapRecord } | { ok: false; message: string } {
  const parsed = recordSchema.safeParse(value)
  if (!parsed.success) return { ok: false, message: explain(parsed.error) }
  if ((parsed.data.response === undefined) === (parsed.data.skipped === undefined)) {
    return { ok: false, message: '/: expected either "response" or "skipped"' }
  }
  return { ok: true, record: parsed.data as TapRecord }
}

/**
 * `body` is NDJSON: the batch header, then the records. Records are views into `body`, not copies. `mayHoldSecret` is
 * asked about pieces of many lines, read as latin1.
 */
export function cutBatch(body: Buffer, mayHoldSecret: (latin1: string) => boolean): CutResult {
  const start = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  const firstEnd = lineEnd(body, start)
  const header = parseHeader(body.subarray(start, firstEnd))
  if (!header.ok) return fail(1, header.message)
  const records: CutRecord[] = []
  let line = 1
  for (let from = firstEnd + 1; from < body.length; ) {
    const piece = pieceFrom(body, from, mayHoldSecret)
    for (; from < piece.end; from = lineEnd(body, from) + 1) {
      const end = lineEnd(body, from)
      line += 1
      if (end === from || (end - from === 1 && body[from] === 13)) continue
      if (records.length === MAX_RECORDS) return fail(line, `more than ${MAX_RECORDS} records in one batch`)
      if (end - from > MAX_LINE_BYTES)
        return fail(line, `${end - from} bytes in one record: expected ${MAX_LINE_BYTES} at most`)
      const record = cutLine(body, piece, from, end)
      if (typeof record === 'string') return fail(line, record)
      records.push(record)
    }
  }
  if (records.length !== header.value.batch.records) {
    return fail(1, `/batch/records says ${header.value.batch.records}, but ${records.length} records follow`)
  }
  return { ok: true, batch: { header: header.value, records } }
}

/** Whole lines, looked at together; `end` is where the next piece begins. */
type Piece = { from: number; end: number; latin1: string; mayHoldSecret: boolean }

/**
 * Long enough that looking at it costs nothing beside reading it, and short enough for V8's young generation: a text of
 * the whole batch took 3 µs a pair to make and stayed until the next full collection, pieces take 0.2 µs.
 */
const PIECE_BYTES = 64 * 1024

function pieceFrom(body: Buffer, from: number, mayHoldSecret: (latin1: string) => boolean): Piece {
  const last = body.lastIndexOf(10, from + PIECE_BYTES - 1)
  const end = body.length - from <= PIECE_BYTES ? body.length : (last >= from ? last : lineEnd(body, from)) + 1
  const latin1 = body.toString('latin1', from, end)
  return { from, end, latin1, mayHoldSecret: mayHoldSecret(latin1) }
}

function cutLine(body: Buffer, piece: Piece, from: number, end: number): CutRecord | string {
  const { mayHoldSecret } = piece
  const last = body[end - 1] === 13 ? end - 1 : end
  const line = body.subarray(from, last)
  CANONICAL.lastIndex = from - piece.from
  const labels = CANONICAL.exec(piece.latin1)
  // The tap's own lines end in its timing object; whatever else is wrong inside is found by the consumer.
  if (labels && body[last - 1] === 125 && body[last - 2] === 125) {
    // Texts of their own: a group of a match is a view that would keep the text of the whole piece.
    return {
      id: line.toString('latin1', ID_AT, ID_AT + 36),
      route: ownText(labels[1] as string),
      side: labels[2] as Side,
      variant: ownText(labels[3] as string),
      line,
      mayHoldSecret,
    }
  }
  let value: unknown
  try {
    value = JSON.parse(line.toString('utf8'))
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'cannot be parsed'}`
  }
  const checked = checkRecord(value)
  if (!checked.ok) return checked.message
  const { id, route, side, variant } = checked.record
  return { id, route, side, variant, line, mayHoldSecret }
}

/** V8 copies up to twelve characters and makes a view of more. */
function ownText(view: string): string {
  return view.length < 13 ? view : Buffer.from(view, 'latin1').toString('latin1')
}

function parseHeader(line: Buffer): { ok: true; value: BatchHeader } | { ok: false; message: string } {
  if (line.length === 0) return { ok: false, message: 'empty: expected the batch header as the first line' }
  if (line.length > 1024 * 1024) return { ok: false, message: 'the batch header is longer than 1 MiB' }
  try {
    const parsed = headerSchema.safeParse(JSON.parse(line.toString('utf8')))
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, message: `batch header: ${explain(parsed.error)}` }
  } catch (error) {
    return {
      ok: false,
      message: `batch header: not JSON: ${error instanceof Error ? error.message.slice(0, 200) : ''}`,
    }
  }
}

function lineEnd(body: Buffer, from: number): number {
  const at = body.indexOf(10, from)
  return at < 0 ? body.length : at
}

function explain(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue ? `/${issue.path.map(String).join('/')}: ${issue.message}` : 'unexpected'
}

function fail(line: number, message: string): CutResult {
  return { ok: false, problem: { line, message } }
}
