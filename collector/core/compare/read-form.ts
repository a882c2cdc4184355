// Forms as an object of their fields: `/label/1`. A field that comes once is its value, one that comes more often a list.
import type { CompareLimits } from './comparable.ts'
import { type JsonValue, type ParsedJson, parseJson } from './parse-json.ts'

/** `a=1&b=2`, as browsers and URLSearchParams read it. */
export function readForm(text: string, limits: CompareLimits): ParsedJson {
  if (countOf(text, '&') > limits.maxNodes) return { outcome: 'beyond', note: `more than ${limits.maxNodes} fields` }
  const fields = new Fields()
  for (const [name, value] of new URLSearchParams(text)) fields.add(name, value)
  return fields.read([])
}

/**
 * Parts by their names, whatever the boundary. Text as it is, JSON as JSON, other bytes as `base64:…`; a part with a
 * file name or a Content-Type of its own is `{filename, type, value}`. Parts without names are `/parts/0`.
 * `invalid` when the body is not cut by the boundary that its Content-Type names.
 */
export function readMultipart(bytes: Buffer, contentType: string, limits: CompareLimits): ParsedJson {
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType.slice(0, 2_000))
  if (boundary === null) return { outcome: 'invalid' }
  const parts = cut(bytes, `--${boundary[1] ?? boundary[2] ?? ''}`, limits.maxNodes / 4)
  if (parts === null) return { outcome: 'invalid' }
  if (parts === 'beyond') return { outcome: 'beyond', note: `more than ${limits.maxNodes / 4} parts` }
  const fields = new Fields()
  const notes: string[] = []
  let left = limits.maxNodes
  for (const part of parts) {
    const { name, value, nodes } = readPart(part, { ...limits, maxNodes: left })
    left -= nodes
    if (left < 0) return { outcome: 'beyond', note: `more than ${limits.maxNodes} values` }
    fields.add(name ?? 'parts', value, name === null)
  }
  return fields.read(notes)
}

class Fields {
  readonly #fields = new Map<string, JsonValue[]>()
  readonly #lists = new Set<string>()
  #nodes = 1

  add(name: string, value: JsonValue, isList = false): void {
    this.#nodes += 1
    const values = this.#fields.get(name)
    if (values === undefined) this.#fields.set(name, [value])
    else values.push(value)
    if (isList || values !== undefined) this.#lists.add(name)
  }

  read(notes: string[]): ParsedJson {
    // Without a prototype: a field may be named `__proto__`.
    const value = Object.create(null) as { [key: string]: JsonValue }
    for (const [name, values] of this.#fields) value[name] = this.#lists.has(name) ? values : (values[0] ?? null)
    return { outcome: 'parsed', value, notes, nodes: this.#nodes }
  }
}

/** What stands between the boundaries, or null when there is no first or no last one. */
function cut(bytes: Buffer, boundary: string, maxParts: number): Buffer[] | 'beyond' | null {
  const parts: Buffer[] = []
  let at = bytes.indexOf(boundary, 0, 'latin1')
  if (at === -1) return null
  for (;;) {
    const start = at + boundary.length
    if (bytes.toString('latin1', start, start + 2) === '--') return parts
    at = bytes.indexOf(`\r\n${boundary}`, start, 'latin1')
    if (at === -1) return null
    if (parts.length >= maxParts) return 'beyond'
    parts.push(bytes.subarray(bytes.indexOf('\n', start) + 1, at))
    at += 2
  }
}

const MAX_PART_HEAD = 8_192

function readPart(part: Buffer, limits: CompareLimits): { name: string | null; value: JsonValue; nodes: number } {
  const hasHead = part.toString('latin1', 0, 2) !== '\r\n'
  const headEnd = hasHead ? part.indexOf('\r\n\r\n') : 0
  const head = part.toString('utf8', 0, Math.max(0, Math.min(headEnd, MAX_PART_HEAD)))
  const body = headEnd === -1 ? part : part.subarray(headEnd + (hasHead ? 4 : 2))
  const type = /^content-type:[ \t]*([^\r\n]*)/im.exec(head)?.[1]?.toLowerCase()
  const disposition = /^content-disposition:([^\r\n]*)/im.exec(head)?.[1] ?? ''
  const filename = /;\s*filename="?([^";]{0,300})/i.exec(disposition)?.[1]
  const { value, nodes } = partValue(body, type ?? '', limits)
  const whole =
    type === undefined && filename === undefined
      ? value
      : { ...(filename === undefined ? {} : { filename }), ...(type === undefined ? {} : { type }), value }
  return { name: /;\s*name="?([^";]{0,300})/i.exec(disposition)?.[1] ?? null, value: whole, nodes: nodes + 3 }
}

function partValue(body: Buffer, type: string, limits: CompareLimits): { value: JsonValue; nodes: number } {
  const text = textOf(body)
  if (text === null) return { value: `base64:${body.toString('base64')}`, nodes: 1 }
  const parsed = /^[a-z]+\/(?:[a-z0-9.+-]{0,100}\+)?json\b/.test(type) ? parseJson(text, limits) : null
  if (parsed?.outcome === 'parsed') return { value: parsed.value, nodes: parsed.nodes }
  return { value: text, nodes: 1 }
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function countOf(text: string, char: string): number {
  let count = 0
  for (let at = text.indexOf(char); at !== -1; at = text.indexOf(char, at + 1)) count += 1
  return count
}
