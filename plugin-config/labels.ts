// `understudy.*` labels of one container → what they say about a route, and what is wrong with them. A label that is
// wrong is left out and told; the others count all the same.
import { type LabelEntry, labelTable } from './label-table.ts'
import { nearestName } from './nearest-name.ts'
import { otherLabels } from './other-labels.ts'
import { shown } from './problem.ts'
import { parseRoute } from './route.ts'
import { parseRule, type Rule } from './rules.ts'
import { nearestTreatment } from './rules-schema.ts'

/** `label` as it was written. `mend` says what to write instead. */
export type LabelProblem = { label: string; message: string; mend: string }

export type LabelField = {
  label: string
  path: readonly string[]
  value: unknown
}

export type ReadLabels = {
  /** How many `understudy.*` labels there are. */
  count: number
  /** False: left out on purpose. */
  enable: boolean
  sandbox: boolean
  /** What is about the container's own side. */
  side: Record<string, unknown>
  fields: LabelField[]
  /** Compare rules, each with the label that it came from. */
  rules: { label: string; rule: Rule }[]
  problems: LabelProblem[]
}

const PREFIX = 'understudy.'
const MAX_LABELS = 100
const MAX_VALUE = 2_000

/** Reads one container's labels; others than `understudy.*` are not looked at. */
export function readLabels(labels: Readonly<Record<string, string>>): ReadLabels {
  const own = Object.entries(labels).filter(([label]) => label.toLowerCase().startsWith(PREFIX))
  own.sort(([a], [b]) => (a < b ? -1 : 1))
  const read: ReadLabels = {
    count: own.length,
    enable: true,
    sandbox: false,
    side: {},
    fields: [],
    rules: [],
    problems: [],
  }
  if (own.length > MAX_LABELS) {
    const message = `there are ${own.length} labels of ours: only the first ${MAX_LABELS} are read`
    read.problems.push({ label: 'understudy.*', message, mend: 'write a route instead' })
  }
  const seen = new Set<string>()
  for (const [label, text] of own.slice(0, MAX_LABELS)) {
    const name = label.slice(PREFIX.length).toLowerCase()
    const problem = seen.has(name)
      ? { message: 'is there twice, in other capitals', mend: 'leave one out' }
      : readOne(label, name, text, read)
    seen.add(name)
    if (problem) read.problems.push({ label: safeLabel(label), ...problem })
  }
  return withoutContradictions(read)
}

type Wrong = { message: string; mend: string }

function readOne(label: string, name: string, text: string, read: ReadLabels): Wrong | undefined {
  const value = text.trim()
  if (value.length > MAX_VALUE)
    return { message: `is longer than ${MAX_VALUE} characters`, mend: 'write a route instead' }
  if (/\p{Cc}/u.test(value)) return { message: 'holds a line break or control character', mend: 'write it in one line' }
  if (name.startsWith('compare.')) return readCompare(label, name.slice('compare.'.length), value, read)
  const entry = labelTable.find((each) => each.label.toLowerCase() === name)
  if (!entry) return unknownLabel(name)
  if (value === '') return { message: 'is empty', mend: `write for example ${PREFIX}${entry.label}=${entry.example}` }
  if (name === 'ignore') return readRules(label, 'ignore', value, read)
  const parsed = entry.read?.(value)
  if (entry.side !== undefined) {
    const message = sideProblem(entry.side, parsed)
    if (message !== undefined) return wrongValue(entry, message)
    read.side[entry.side] = parsed
    return undefined
  }
  if (entry.path === undefined) {
    if (typeof parsed !== 'boolean') return wrongValue(entry, `expected true or false, got ${shown(value)}`)
    read[entry.label === 'enable' ? 'enable' : 'sandbox'] = parsed
    return undefined
  }
  const message = fieldProblem(entry.path, parsed)
  if (message !== undefined) return wrongValue(entry, message)
  read.fields.push({ label: safeLabel(label), path: entry.path, value: parsed })
  return undefined
}

/** What a route's own check says about this one field. */
function fieldProblem(path: readonly string[], value: unknown): string | undefined {
  // A control is whole only with its percentage.
  return problemOf(path[0] === 'control' ? { control: { percent: 0, [path[1] ?? '']: value } } : nested(path, value))
}

/** The same for a field of the shadow. */
function sideProblem(field: string, value: unknown): string | undefined {
  return problemOf({ shadows: [{ name: 'shadow', service: 'y@docker', [field]: value }] })
}

function problemOf(fields: Record<string, unknown>): string | undefined {
  const route = { name: 'x', primary: { service: 'x@docker' }, shadows: [{ name: 'shadow', service: 'y@docker' }] }
  const parsed = parseRoute({ ...route, ...fields }, 'discovered')
  return parsed.ok ? undefined : parsed.problems[0]?.message
}

export function nested(path: readonly string[], value: unknown): Record<string, unknown> {
  const [field = '', ...rest] = path
  return { [field]: rest.length === 0 ? value : nested(rest, value) }
}

function wrongValue(entry: LabelEntry, message: string): Wrong {
  return { message, mend: `write for example ${PREFIX}${entry.label}=${entry.example}` }
}

function unknownLabel(name: string): Wrong {
  const known = labelTable.map(({ label }) => label)
  const found = otherLabels[name] ?? nearestName(name, [...known, ...Object.keys(otherLabels)])
  const near = found === undefined ? undefined : (otherLabels[found] ?? found)
  const mend = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${PREFIX}${near}?`
  return { message: 'there is no such label', mend }
}

function readCompare(label: string, treatment: string, value: string, read: ReadLabels): Wrong | undefined {
  if (value === '') return { message: 'is empty', mend: `write for example ${PREFIX}compare.uuid=/id` }
  return readRules(label, treatment, value, read)
}

/** Several paths are one rule, but for those that say more (`/items by id`, `/price within 0.01`). */
function readRules(label: string, treatment: string, value: string, read: ReadLabels): Wrong | undefined {
  const paths = value.split(',').map((each) => each.trim())
  const special = paths.map((path) => markedPath(treatment, path))
  const plain = paths.filter((_, index) => special[index] === undefined)
  const written = [
    ...(plain.length > 0 ? [{ at: plain, treat: treatment }] : []),
    ...special.filter((each) => each !== undefined),
  ]
  const rules: Rule[] = []
  for (const each of written) {
    const parsed = parseRule(each)
    if (!parsed.ok) {
      const [problem] = parsed.problems
      const near = nearestTreatment(treatment)
      const isName = problem?.pointer === '/treat' && near !== undefined && near !== treatment
      return {
        message: problem?.message ?? 'is no rule',
        mend: isName ? `did you mean ${PREFIX}compare.${near}?` : `write for example ${exampleOf(treatment)}`,
      }
    }
    rules.push(parsed.rule)
  }
  read.rules.push(...rules.map((rule) => ({ label: safeLabel(label), rule })))
  return undefined
}

function markedPath(treatment: string, path: string): { at: string; treat: unknown } | undefined {
  const [, at = '', word, amount = ''] = /^(\S+) (by|within|percent) (\S+)$/.exec(path) ?? []
  if (treatment === 'unordered' && word === 'by') return { at, treat: { unordered: { by: amount } } }
  if (treatment === 'number' && word === 'within') return { at, treat: { number: { within: Number(amount) } } }
  if (treatment === 'number' && word === 'percent') return { at, treat: { number: { percent: Number(amount) } } }
  return undefined
}

function exampleOf(treatment: string): string {
  if (treatment === 'number') return `${PREFIX}compare.number=/price within 0.01`
  return treatment === 'ignore' ? `${PREFIX}ignore=/updatedAt` : `${PREFIX}compare.${treatment}=/id`
}

/** `store` with `store.sample`, or both kinds of `sticky`: the first one holds. */
function withoutContradictions(read: ReadLabels): ReadLabels {
  const fields: LabelField[] = []
  for (const field of read.fields) {
    const rival = fields.find((each) => each.path[0] === field.path[0] && isRival(each.path, field.path))
    if (!rival) fields.push(field)
    else
      read.problems.push({
        label: field.label,
        message: `says something else than ${rival.label}, which holds`,
        mend: 'leave one out',
      })
  }
  return { ...read, fields }
}

function isRival(a: readonly string[], b: readonly string[]): boolean {
  return a[0] === 'store' || a[0] === 'stickyBy' || a.join('.') === b.join('.')
}

function safeLabel(label: string): string {
  const clean = label.replace(/\p{C}/gu, '?')
  return clean.length > 100 ? `${clean.slice(0, 99)}…` : clean
}
