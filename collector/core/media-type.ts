// What a Content-Type header says, as far as bodies are read here.
import { headerValues } from './content-coding.ts'
import type { HeaderValues } from './tap-record.ts'

export type MediaType = {
  /** `application/json`, in lower case; empty when there is no Content-Type. */
  essence: string
  /** In lower case; empty when none is named. */
  charset: string
}

/** How a body is compared: as a JSON document, by lines, or by its hash; `unknown` without a Content-Type. */
export type MediaForm = 'json' | 'text' | 'binary' | 'unknown'

export function mediaTypeOf(headers: HeaderValues): MediaType {
  const value = headerValues(headers, 'content-type')[0] ?? ''
  const semicolon = value.indexOf(';')
  const essence = (semicolon === -1 ? value : value.slice(0, semicolon)).trim().toLowerCase()
  if (semicolon === -1) return { essence, charset: '' }
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(value.slice(semicolon, semicolon + 1_000))?.[1] ?? ''
  return { essence, charset: charset.toLowerCase() }
}

const TEXT_TYPES = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/jsonl',
  'application/ndjson',
  'application/sql',
  'application/toml',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/x-yaml',
  'application/xml',
  'application/yaml',
])

export function mediaForm({ essence }: MediaType): MediaForm {
  if (essence === '') return 'unknown'
  if (essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json')) return 'json'
  if (essence.startsWith('text/') || essence.endsWith('+xml') || essence.endsWith('+yaml')) return 'text'
  return TEXT_TYPES.has(essence) ? 'text' : 'binary'
}
