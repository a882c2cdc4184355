// The endpoints that an OpenAPI document (2 or 3) names, as templates: `GET /users/{name}`.
import { parseDocument } from 'yaml'
import { isRecord } from './is-record.ts'

const METHODS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const
/** As a route takes them; a name in a template stands for one segment. */
const TEMPLATE = /^[A-Z]+ (?:\/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]+|\{[A-Za-z0-9_]{1,40}\})?)+$/

export type OpenApiEndpoints = { ok: true; endpoints: string[]; leftOut: string[] } | { ok: false; message: string }

/**
 * `text`: YAML or JSON. `prefix` goes before every path; without one the path of the first server does. Paths that are
 * no templates of whole segments (`/files/{name}.{ext}`) are left out, and named.
 */
export function openApiEndpoints(text: string, prefix?: string): OpenApiEndpoints {
  const document = parseDocument(text, { prettyErrors: false, schema: 'core' })
  const [problem] = document.errors
  if (problem) return { ok: false, message: `no YAML and no JSON: ${problem.message}` }
  const content: unknown = document.toJS({ maxAliasCount: 100 })
  if (!isRecord(content) || !isRecord(content.paths))
    return { ok: false, message: 'no OpenAPI document: expected an object with paths' }
  const base = (prefix ?? basePathOf(content)).replace(/\/+$/, '')
  const all = Object.entries(content.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => isRecord(item) && method in item).map(
      (method) => `${method.toUpperCase()} ${base}${cleaned(path)}`,
    ),
  )
  const endpoints = [...new Set(all.filter((each) => TEMPLATE.test(each)))]
  return { ok: true, endpoints, leftOut: all.filter((each) => !TEMPLATE.test(each)) }
}

/** Names of parameters may have any character in OpenAPI. */
function cleaned(path: string): string {
  const named = path.replace(
    /\{([^{}/]*)\}/g,
    (_, name: string) => `{${name.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 40) || 'value'}}`,
  )
  return named.startsWith('/') ? named : `/${named}`
}

function basePathOf(content: Record<string, unknown>): string {
  if (typeof content.basePath === 'string') return content.basePath
  const [first] = Array.isArray(content.servers) ? (content.servers as unknown[]) : []
  if (!isRecord(first) || typeof first.url !== 'string' || first.url.includes('{')) return ''
  try {
    return new URL(first.url, 'http://here').pathname
  } catch {
    return ''
  }
}
