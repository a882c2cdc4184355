// The routes file (`understudy.yaml`): text → routes and the rules for all of them, or every problem with its line, column and nearest right name.
import { type Document, isAlias, isCollection, isMap, isScalar, parseDocument, visit } from 'yaml'
import { type Problem, pointerOf, unknownKey } from './problem.ts'
import { parseRoute, type Route } from './route.ts'
import { parseRules, type Rule } from './rules.ts'

/** `line` and `column` count from 1. */
export type FileProblem = Problem & { file: string; line: number; column: number }
export type ParsedRoutesFile = { ok: true; routes: Route[]; rules: Rule[] } | { ok: false; problems: FileProblem[] }

const MAX_BYTES = 1_000_000
const MAX_ROUTES = 2000
const MAX_DEPTH = 50
const MAX_PROBLEMS = 100

/** Reads a routes file; `fileName` is only for the messages. Aliases, tags and templates are refused. */
export function parseRoutesFile(text: string, fileName: string): ParsedRoutesFile {
  const body = text.replace(/^\uFEFF/, '')
  const at = (problem: Problem, offset: number): FileProblem => {
    const before = body.slice(0, offset).split('\n')
    return { ...problem, file: fileName, line: before.length, column: (before.at(-1) ?? '').length + 1 }
  }
  const refuse = (message: string, offset = 0): ParsedRoutesFile => ({
    ok: false,
    problems: [at({ pointer: '', message }, offset)],
  })

  if (Buffer.byteLength(text) > MAX_BYTES) return refuse(`is larger than ${MAX_BYTES} bytes`)
  if (body.trim() === '') return refuse('is empty: expected routes:')
  const tooDeep = deeperThan(body, MAX_DEPTH)
  if (tooDeep !== undefined) return refuse(`is nested deeper than ${MAX_DEPTH}`, tooDeep)
  const document = parseDocument(body, { prettyErrors: false, schema: 'core', uniqueKeys: true })
  const broken: { code: string; message: string; pos: [number, number] }[] = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    return {
      ok: false,
      problems: broken.slice(0, MAX_PROBLEMS).map((e) => at({ pointer: '', message: yamlMessage(e) }, e.pos[0])),
    }
  }
  const refused = notAllowed(document)
  if (refused) return refuse(refused.message, refused.offset)

  const found = parseRoutes(document.toJS({ maxAliasCount: 0 }))
  if (found.ok) return found
  return {
    ok: false,
    problems: found.problems
      .slice(0, MAX_PROBLEMS)
      .map(({ path, ...problem }) => at(problem, offsetOf(document, path))),
  }
}

/** One problem as a line: `understudy.yaml:3:5 /routes/0/share: expected …`. */
export function problemText(problem: FileProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`
  return problem.pointer === '' ? `${place} ${problem.message}` : `${place} ${problem.pointer}: ${problem.message}`
}

type PlacedProblem = Problem & { path: (string | number)[] }
type ParsedContent = { ok: true; routes: Route[]; rules: Rule[] } | { ok: false; problems: PlacedProblem[] }

function parseRoutes(content: unknown): ParsedContent {
  const placed = (problem: Problem): PlacedProblem => ({ ...problem, path: pathOf(problem.pointer) })
  const refuse = (message: string, pointer = '') => ({ ok: false as const, problems: [placed({ pointer, message })] })
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    return refuse('expected routes: with a list')
  const unknown = Object.keys(content).filter((key) => !fileKeys.names.includes(key))
  const problems = unknown.map((key) => placed(unknownKey([key], key, fileKeys)))
  const written: unknown = 'routes' in content ? content.routes : undefined
  if (problems.length > 0) return { ok: false, problems }
  if (!Array.isArray(written)) return refuse('expected a list of routes', written === undefined ? '' : '/routes')
  if (written.length > MAX_ROUTES)
    return refuse(`holds ${written.length} routes: expected at most ${MAX_ROUTES}`, '/routes')

  const rules = parseRules('rules' in content ? content.rules : [])
  if (!rules.ok) {
    problems.push(...rules.problems.map((problem) => placed({ ...problem, pointer: `/rules${problem.pointer}` })))
  }
  const routes: Route[] = []
  const names = new Set<string>()
  for (const [index, each] of written.entries()) {
    const parsed = parseRoute(each, 'file')
    if (!parsed.ok) {
      for (const problem of parsed.problems) {
        problems.push(placed({ ...problem, pointer: `${pointerOf(['routes', index])}${problem.pointer}` }))
      }
      continue
    }
    if (names.has(parsed.route.name)) {
      problems.push(
        placed({ pointer: `/routes/${index}/name`, message: `the name ${parsed.route.name} is there twice` }),
      )
    }
    names.add(parsed.route.name)
    routes.push(parsed.route)
  }
  return problems.length > 0 || !rules.ok ? { ok: false, problems } : { ok: true, routes, rules: rules.rules }
}

const fileKeys = { names: ['routes', 'rules'], otherWords: { route: 'routes', rule: 'rules' } }

function pathOf(pointer: string): (string | number)[] {
  if (pointer === '') return []
  const parts = pointer.slice(1).split('/')
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')))
}

/** The place of the deepest part of `path` that is there; of the key rather than the value, in a map. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = 0
  for (const part of path) {
    if (!isCollection(node)) break
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      : undefined
    const next = pair ? pair.value : node.get(part, true)
    const place = pair ? pair.key : next
    if (!isScalar(place) && !isCollection(place)) break
    offset = place.range?.[0] ?? offset
    node = next
  }
  return offset
}

/** What YAML allows and a routes file does not: aliases (a bomb in few lines), numbers that read as octal. */
function notAllowed(document: Document.Parsed): { message: string; offset: number } | undefined {
  let found: { message: string; offset: number } | undefined
  visit(document, {
    Node(_key, node) {
      const offset = node.range?.[0] ?? 0
      if (isAlias(node) || node.anchor !== undefined) found = { message: 'aliases (& and *) are not allowed', offset }
      else if (isScalar(node) && typeof node.value === 'number' && /^[-+]?0\d/.test(node.source ?? '')) {
        found = { message: `${node.source} may be read as an octal number: write ${node.value}`, offset }
      }
      return found ? visit.BREAK : undefined
    },
  })
  return found
}

/** The parser's message, in the words of this file where its own are about something else. */
function yamlMessage(error: { code: string; message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key is there twice'
  if (error.code === 'MULTIPLE_DOCS') return 'holds more than one document (---)'
  return error.message
}

/** A cheap look before parsing: brackets open at once, or columns of indentation. Returns the offset, if too deep. */
function deeperThan(text: string, most: number): number | undefined {
  let open = 0
  for (const { 0: found, index } of text.matchAll(/[[\]{}]|(?:- ){51}|^ {401}/gm)) {
    if (found.length > 1) return index
    open = found === '[' || found === '{' ? open + 1 : Math.max(0, open - 1)
    if (open > most) return index
  }
  return undefined
}
