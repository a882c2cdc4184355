// Streams as a list of events: `/events/3/data/total`. When each came is in no record and is not compared.
import type { CompareLimits } from './comparable.ts'
import { type JsonValue, type ParsedJson, parseJson } from './parse-json.ts'

/** Notes kept of one stream. */
const MAX_NOTES = 5

type Reading = { events: JsonValue[]; notes: string[]; left: number }

/** One JSON document a line: `{events: [document, …]}`; a line that is none is its text. Empty lines say nothing. */
export function readNdjson(text: string, limits: CompareLimits): ParsedJson {
  const reading: Reading = { events: [], notes: [], left: limits.maxNodes }
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const value = jsonOrText(line, reading, limits)
    if (value === null) return tooMany(limits)
    if (value.isText) note(reading, `line of event ${reading.events.length} is not JSON`)
    reading.events.push(value.value)
  }
  return read(reading, limits)
}

/**
 * Server-sent events as the HTML standard reads them: `{events: [{id, event, data, retry}]}`, without the fields that
 * an event does not have; `data` as JSON where it is. Comments say nothing. A last event without its empty line counts.
 */
export function readEvents(text: string, limits: CompareLimits): ParsedJson {
  const reading: Reading = { events: [], notes: [], left: limits.maxNodes }
  let fields = new Map<string, string>()
  for (const line of [...text.split(/\r\n|\n|\r/), '']) {
    if (line === '') {
      if (fields.size === 0) continue
      const event = eventOf(fields, reading, limits)
      if (event === null) return tooMany(limits)
      reading.events.push(event)
      fields = new Map()
      continue
    }
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    if (!EVENT_FIELDS.has(name)) continue
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    const before = fields.get(name)
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value)
  }
  return read(reading, limits)
}

const EVENT_FIELDS = new Set(['id', 'event', 'data', 'retry'])

function eventOf(fields: Map<string, string>, reading: Reading, limits: CompareLimits): JsonValue | null {
  const event: { [key: string]: JsonValue } = {}
  for (const [name, text] of fields) {
    const value = name === 'data' ? jsonOrText(text, reading, limits) : { value: text }
    if (value === null) return null
    event[name] = value.value
  }
  reading.left -= fields.size
  return reading.left < 0 ? null : event
}

const MAY_BE_JSON = /^[ \t\r\n]*(?:[[{"\d-]|true|false|null)/

/** Null when the stream holds more values than the limit. */
function jsonOrText(text: string, reading: Reading, limits: CompareLimits): { value: JsonValue; isText?: true } | null {
  reading.left -= 1
  if (reading.left < 0) return null
  // Throwing and catching costs more than all the rest.
  if (!MAY_BE_JSON.test(text)) return { value: text, isText: true }
  const parsed = parseJson(text, { ...limits, maxNodes: reading.left + 1 })
  if (parsed.outcome === 'beyond' && !parsed.note.startsWith('nested')) return null
  if (parsed.outcome !== 'parsed') return { value: text, isText: true }
  reading.left -= parsed.nodes - 1
  for (const one of parsed.notes) note(reading, `event ${reading.events.length} ${one}`)
  return { value: parsed.value }
}

function note(reading: Reading, text: string): void {
  if (reading.notes.length < MAX_NOTES && !reading.notes.includes(text)) reading.notes.push(text)
}

function read({ events, notes, left }: Reading, limits: CompareLimits): ParsedJson {
  return { outcome: 'parsed', value: { events }, notes, nodes: limits.maxNodes - left }
}

function tooMany(limits: CompareLimits): ParsedJson {
  return { outcome: 'beyond', note: `more than ${limits.maxNodes} values` }
}
