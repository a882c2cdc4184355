// Where a rule looks: an RFC 6901 pointer into the body with `*` (one key or position) and `**` (any number of them),
// `header:<name>`, `trailer:<name>`, `line:<n>`, `status` or `graphql:status`; and the globs of endpoints.

/** A pattern ready to match; made by `pathPattern` or `endpointPattern`. */
export type PathPattern = {
  /** What stands before the first `/`: '' for a body, `header:`, `GET`, `*` for any. */
  head: string
  /** Keys of a pointer, or the segments of a path; ANY_ONE and ANY_NUMBER stand for `*` and `**`. */
  segments: readonly (string | symbol)[]
}

const ANY_ONE = Symbol('*')
const ANY_NUMBER = Symbol('**')

const pathLimits = { chars: 500, segments: 40 } as const

const NAMED = /^(?:header|trailer):[a-z0-9!#$%&'+.^_|~-]{1,100}\*?$/
const LINE = /^line:(\*|[1-9]\d{0,8})$/

/** What is wrong with a path as a user wrote it; undefined when nothing is. */
export function pathProblem(path: string): string | undefined {
  if (path.length > pathLimits.chars) return `expected at most ${pathLimits.chars} characters`
  if (path === '' || path === 'status' || path === 'graphql:status') return undefined
  if (/^(?:header|trailer):/i.test(path)) {
    return NAMED.test(path.toLowerCase())
      ? undefined
      : 'expected header:<name> or trailer:<name>, a * at its end at most'
  }
  if (path.startsWith('line:')) return LINE.test(path) ? undefined : 'expected line:<number> or line:*'
  if (!path.startsWith('/')) return expectedPath(path)
  if (/~(?![01])/.test(path)) return 'expected ~0 for ~ and ~1 for / inside a key'
  if (path.split('/').length - 1 > pathLimits.segments) return `expected at most ${pathLimits.segments} keys`
  return undefined
}

function expectedPath(path: string): string {
  if (/^\$[.[]/.test(path)) return 'expected a pointer such as /items/*/id, not JSONPath'
  if (/^[A-Za-z_][\w.]*$/.test(path)) {
    return `expected a pointer such as /${path.replaceAll('.', '/')}, or header:<name>, or status`
  }
  return 'expected a pointer such as /items/*/id, or header:<name>, or status'
}

/** Of a path that has no problem. */
export function pathPattern(path: string): PathPattern {
  if (path !== '' && !path.startsWith('/')) return { head: path.toLowerCase(), segments: [] }
  return { head: '', segments: segmentsOf(path) }
}

/** True when a difference at `path` is at the pattern. Takes at most keys of the path × keys of the pattern steps. */
export function matchesPath(pattern: PathPattern, path: string): boolean {
  if (path !== '' && !path.startsWith('/')) return pattern.head !== '' && isNamed(pattern.head, path)
  return pattern.head === '' && matchesSegments(pattern.segments, keysOf(path))
}

/** True when `path` is at the pattern or below it. */
export function coversPath(pattern: PathPattern, path: string): boolean {
  if (pattern.head !== '' || (path !== '' && !path.startsWith('/'))) return matchesPath(pattern, path)
  return matchesSegments([...pattern.segments, ANY_NUMBER], keysOf(path))
}

function isNamed(head: string, path: string): boolean {
  return head.endsWith('*') ? path.startsWith(head.slice(0, -1)) : path === head
}

const METHOD = /^(\*|[A-Z][A-Z-]{0,15})$/

/** What is wrong with a glob of endpoints such as `GET /tickets/{id}`, `* /internal/**`; undefined when nothing is. */
export function endpointProblem(glob: string): string | undefined {
  if (glob.length > pathLimits.chars) return `expected at most ${pathLimits.chars} characters`
  const [method = '', path = '', ...more] = glob.split(' ')
  if (more.length > 0 || !METHOD.test(method) || !path.startsWith('/')) {
    return 'expected a method or *, a space and a path, such as GET /tickets/** or * /internal/*'
  }
  if (path.split('/').length - 1 > pathLimits.segments) return `expected at most ${pathLimits.segments} segments`
  return undefined
}

/** Of a glob that has no problem. */
export function endpointPattern(glob: string): PathPattern {
  const space = glob.indexOf(' ')
  return { head: glob.slice(0, space), segments: segmentsOf(glob.slice(space + 1)) }
}

export function matchesEndpoint(pattern: PathPattern, endpoint: string): boolean {
  const space = endpoint.indexOf(' ')
  if (pattern.head !== '*' && pattern.head !== endpoint.slice(0, space)) return false
  const path = endpoint.slice(space + 1)
  return path.startsWith('/') && matchesSegments(pattern.segments, keysOf(path))
}

function keysOf(path: string): string[] {
  return path === '' ? [] : path.slice(1).split('/')
}

function segmentsOf(path: string): (string | symbol)[] {
  return keysOf(path).map((key) => (key === '*' ? ANY_ONE : key === '**' ? ANY_NUMBER : key))
}

/** The usual walk with one place to come back to: the last `**` seen, taking one key more each time. */
function matchesSegments(pattern: readonly (string | symbol)[], keys: readonly string[]): boolean {
  let at = 0
  let key = 0
  let lastStars = -1
  let starsKey = 0
  while (key < keys.length) {
    const wanted = pattern[at]
    if (wanted === ANY_NUMBER) {
      lastStars = at
      starsKey = key
      at += 1
    } else if (wanted === ANY_ONE || (wanted !== undefined && wanted === keys[key])) {
      at += 1
      key += 1
    } else if (lastStars !== -1) {
      starsKey += 1
      key = starsKey
      at = lastStars + 1
    } else return false
  }
  while (pattern[at] === ANY_NUMBER) at += 1
  return at === pattern.length
}
