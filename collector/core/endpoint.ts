// Method and path of a request to its endpoint: what differs from call to call becomes `{id}`.

/** Segments kept; deeper paths end in `…`. */
const MAX_SEGMENTS = 8
const MAX_SEGMENT_CHARS = 64
const MAX_METHOD_CHARS = 16

const METHOD = /^[A-Z][A-Z-]*$/

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
/** Numbers, dates, versions of dates: digits with separators between them. */
const NUMBER = /^[+-]?\d+(?:[.,:_-]\d+)*$/
/** Hex of eight digits and more with a digit in it: hashes, object ids, short commit ids. */
const HEX = /^(?=[a-f]*\d)[0-9a-f]{8,}$/i
/**
 * Sixteen characters and more that mix digits with letters: tokens, opaque ids. Words joined by dashes with a number
 * among them (`oauth2-authorization`) are none, unless capitals and small letters mix as in base64.
 */
const TOKEN = /^(?=.*\d)(?=.*[A-Za-z])(?:[A-Za-z0-9]{16,}|(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+_=-]{16,})$/
/** A prefix and a number or long hex behind it: `ticket-1234`, `usr_0a1b2c3d`. The prefix stays. */
const PREFIXED = /^([A-Za-z]{1,16}[-_])(?:\d+|(?=[A-Za-z]*\d)[0-9A-Za-z]{8,})$/

/**
 * `GET /tickets/{id}` for `GET /tickets/7?page=2`. The result is bounded in length and well-formed; the path keeps
 * its case, a trailing slash and doubled slashes, for services tell these apart.
 */
export function endpointOf(method: string, uri: string): string {
  const name = method.length <= MAX_METHOD_CHARS && METHOD.test(method) ? method : 'OTHER'
  const segments = pathOf(uri).split('/', MAX_SEGMENTS + 2)
  const kept = segments.slice(1, MAX_SEGMENTS + 1).map(template)
  if (segments.length > MAX_SEGMENTS + 1) kept.push('…')
  return `${name} /${kept.join('/')}`
}

/** Path of a request target in origin form, or in absolute form as proxies take it. */
function pathOf(uri: string): string {
  const end = uri.search(/[?#]/)
  const target = end === -1 ? uri : uri.slice(0, end)
  if (target.startsWith('/')) return target
  const authority = /^[a-z][a-z0-9+.-]{0,20}:\/\/[^/]*/i.exec(target)
  return authority === null ? `/${target}` : target.slice(authority[0].length) || '/'
}

function template(segment: string): string {
  if (segment === '') return segment
  const bare = segment.length > 1_000 ? '' : segment
  if (bare === '') return '{id}'
  const dot = /^(.+)(\.[a-z]{1,5})$/i.exec(bare)
  if (dot?.[1] !== undefined && isId(dot[1])) return `{id}${dot[2]}`
  if (isId(bare)) return '{id}'
  const prefixed = PREFIXED.exec(bare)
  if (prefixed !== null) return `${prefixed[1]}{id}`
  const wellFormed = bare.toWellFormed()
  return wellFormed.length > MAX_SEGMENT_CHARS
    ? `${wellFormed.slice(0, MAX_SEGMENT_CHARS - 1).toWellFormed()}…`
    : wellFormed
}

function isId(text: string): boolean {
  return NUMBER.test(text) || UUID.test(text) || ULID.test(text) || HEX.test(text) || TOKEN.test(text)
}
