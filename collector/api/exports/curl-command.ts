// A stored request as one line for a shell. What was captured is hostile: it is quoted so that a shell reads it as one
// word, and so that a terminal that shows the line obeys nothing in it.
import type { ReplayedRequest } from '../../core/replayed-request.ts'

/** `base`: the server's URL. */
export function curlCommand(base: string, { method, uri, headers, hidden }: ReplayedRequest): string {
  const parts = ['curl', '-sS', '-i', '--path-as-is', '-g']
  if (method === 'HEAD') parts.push('-I')
  else if (method !== 'GET') parts.push('-X', quoted(method))
  for (const [name, value] of headers) parts.push('-H', quoted(value === '' ? `${name};` : `${name}: ${value}`))
  if (headers.some(([name]) => name.toLowerCase() === 'accept-encoding')) parts.push('--compressed')
  parts.push(quoted(`${base.replace(/\/$/, '')}${uri.startsWith('/') ? uri : `/${uri}`}`))
  const left = hidden.length > 0 ? `# hidden when it was captured, so left out: ${shown(hidden.join(', '))}\n` : ''
  return `${left}${parts.join(' ')}\n`
}

/** One word of a POSIX shell; with bash's `$'…'` where there is a control or bidirectional character in it. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (!UNSHOWN.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  const escaped = text.replace(/[\\']/g, '\\$&').replace(ALL_UNSHOWN, (char) => {
    const code = char.codePointAt(0) ?? 0
    if (code < 128) return `\\x${code.toString(16).padStart(2, '0')}`
    return `\\U${code.toString(16).padStart(8, '0')}`
  })
  return `$'${escaped}'`
}

function shown(text: string): string {
  return text.replace(ALL_UNSHOWN, '?')
}

const UNSHOWN = /[\p{Cc}\p{Cf}\u2028\u2029]/u
const ALL_UNSHOWN = new RegExp(UNSHOWN.source, 'gu')
