// One Kafka record as a line: for people by what the topic holds, for programs as JSON. Values are not trusted.
import type { KafkaMessage } from 'kafkajs'
import { safeJson, safeLine, shortened } from './terminal-text.ts'

export type Place = { topic: string; partition: number }

const lineLength = 240

/** `{topic, partition, offset, timestamp, key, headers, value}`; what is not UTF-8 JSON comes as `text` or `base64`. */
export function messageJson({ topic, partition }: Place, message: KafkaMessage): string {
  const head = JSON.stringify({
    topic,
    partition,
    offset: message.offset,
    timestamp: timeOf(message),
    key: message.key ? (utf8(message.key) ?? `base64:${message.key.toString('base64')}`) : null,
    headers: headersOf(message),
  }).slice(0, -1)
  return safeJson(`${head},${valueMember(message.value)}}`)
}

function valueMember(value: Buffer | null): string {
  if (value === null) return '"value":null'
  const text = utf8(value)
  if (text === undefined) return `"base64":${JSON.stringify(value.toString('base64'))}`
  // The value's own text, not what parsing made of it: integers past 2^53 and repeated keys stay as they are.
  return parsed(text) === undefined ? `"text":${JSON.stringify(text)}` : `"value":${text.replaceAll(/[\r\n\t]/g, ' ')}`
}

/** A line for people, at most some 240 characters, without anything that acts on a terminal. */
export function messageLine(message: KafkaMessage): string {
  const value = message.value === null ? undefined : parsed(utf8(message.value) ?? '')
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  const text = (record && describe(record)) ?? raw(message)
  const reason = headersOf(message).reason ?? headersOf(message).error
  return shortened(safeLine(`${timeOf(message)}  ${reason === undefined ? '' : `${reason}: `}${text}`), lineLength)
}

function describe(record: Record<string, unknown>): string | undefined {
  if (typeof record.outcome === 'string') return comparisonLine(record)
  if (typeof record.side === 'string') return tapLine(record)
  return typeof record.kind === 'string' ? eventLine(record) : undefined
}

function tapLine(record: Record<string, unknown>): string {
  const [request, response] = [part(record.request), part(record.response)]
  const side = text(record.side) + (record.variant && record.variant !== record.side ? `/${text(record.variant)}` : '')
  const answer = record.response
    ? `${text(response.status)} ${text(response.bodyBytes)} B`
    : `skipped: ${text(record.skipped)}`
  return `${side.padEnd(8)} ${answer}  ${text(request.method)} ${shortened(text(request.uri), 100)}  ${text(record.id)}`
}

function comparisonLine(record: Record<string, unknown>): string {
  const [primary, shadow] = [part(record.primary), part(record.shadow)]
  const differences = Array.isArray(record.differences) ? record.differences : []
  const first = differences.length === 0 ? '' : `  ${shortened(text(part(differences[0]).path) || '(body)', 40)}`
  const more = differences.length > 1 ? ` +${differences.length - 1}` : ''
  const statuses =
    primary.status === shadow.status ? text(primary.status) : `${text(primary.status)} → ${text(shadow.status)}`
  return `${text(record.outcome).padEnd(10)} ${statuses}  ${text(record.method)} ${shortened(text(record.path), 80)}${first}${more}  ${text(record.id ?? record.exchangeId)}`
}

function eventLine(record: Record<string, unknown>): string {
  return (
    [record.kind, record.route, record.actor]
      .filter((each) => each !== undefined && each !== null)
      .map(text)
      .join('  ') + (record.details ? `  ${JSON.stringify(record.details)}` : '')
  )
}

function raw(message: KafkaMessage): string {
  const key = message.key ? `${shortened(utf8(message.key) ?? message.key.toString('hex'), 40)}  ` : ''
  if (message.value === null) return `${key}(no value)`
  // Only as much as a line shows is decoded: a value may be megabytes long.
  const start = message.value.subarray(0, 1000)
  return `${key}${utf8(start) ?? (start.toString('utf8').replaceAll('\ufffd', '') ? start.toString('latin1') : start.toString('hex'))}`
}

function timeOf(message: KafkaMessage): string {
  const time = new Date(Number(message.timestamp))
  return Number.isNaN(time.getTime()) ? '-' : time.toISOString()
}

function headersOf({ headers = {} }: KafkaMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      [value ?? '']
        .flat()
        .map((each) => (typeof each === 'string' ? each : each.toString('utf8')))
        .join(', '),
    ]),
  )
}

function utf8(bytes: Buffer): string | undefined {
  const decoded = bytes.toString('utf8')
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : undefined
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '-' : JSON.stringify(value)
}
