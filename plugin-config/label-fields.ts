// What the containers of a route say with their labels, put together: who goes first, what contradicts, what does not fit.
import type { Container, DiscoveryProblem } from './container-services.ts'
import { type LabelField, nested, type ReadLabels, readLabels } from './labels.ts'
import { parseRoute, type Route } from './route.ts'
import { type Rule, writtenRule } from './rules.ts'
import { ruleLimits } from './rules-schema.ts'

/** A service's containers are meant to have the same labels; of what differs, the first one's count. */
export function labelsOf(containers: readonly Container[], problems: DiscoveryProblem[]): ReadLabels {
  const reads = containers.map((container) => ({ container, read: readLabels(container.labels) }))
  for (const { container, read } of reads) {
    for (const { label, message, mend } of read.problems) {
      problems.push({ where: `container ${container.name}, label ${label}`, what: message, mend })
    }
  }
  const [first] = reads
  if (!first) throw new Error('a service without containers has no labels')
  for (const { container, read } of reads.slice(1)) {
    if (sameWords(read, first.read)) continue
    problems.push({
      where: `container ${container.name}`,
      what: `has other understudy labels than ${first.container.name} of the same service, whose count`,
      mend: 'give all of them the same labels',
    })
  }
  return { ...first.read, enable: reads.every(({ read }) => read.enable) }
}

function sameWords(a: ReadLabels, b: ReadLabels): boolean {
  const words = ({ enable, sandbox, side, fields, rules }: ReadLabels) =>
    JSON.stringify([enable, sandbox, side, fields, rules])
  return words(a) === words(b)
}

export type Speaker = { service: string; read: ReadLabels | undefined }
export type SaidField = LabelField & { service: string }

/** The primary's word goes before a shadow's: it is its traffic. */
export function mergedFields(speakers: readonly Speaker[], problems: DiscoveryProblem[]): SaidField[] {
  const said: SaidField[] = []
  for (const { service, read } of speakers) {
    for (const field of read?.fields ?? []) {
      const holder = said.find((each) => isSameField(each.path, field.path))
      if (!holder) said.push({ ...field, service })
      else if (JSON.stringify([holder.path, holder.value]) !== JSON.stringify([field.path, field.value])) {
        problems.push({
          where: `service ${service}, label ${field.label}`,
          what: `says ${String(field.value)}, and ${holder.service} says ${String(holder.value)}, which holds`,
          mend: 'leave one out',
        })
      }
    }
  }
  return said
}

function isSameField(a: readonly string[], b: readonly string[]): boolean {
  return a[0] === b[0] && (a[0] === 'store' || a[0] === 'stickyBy' || a[1] === b[1])
}

/** Fields that do not go together are left out and told, rather than the route. */
export function routeOf(
  written: Record<string, unknown>,
  fields: readonly SaidField[],
  problems: DiscoveryProblem[],
): Route | undefined {
  let kept = fields.filter(({ path }) => path[0] !== 'name')
  for (;;) {
    const parsed = parseRoute(merged(written, kept), 'discovered')
    if (parsed.ok) return parsed.route
    const [problem] = parsed.problems
    const field = problem?.pointer.split('/')[1]
    const culprit = kept.find(({ path }) => path[0] === field) ?? kept.find(({ path }) => path[0] === 'control')
    if (!culprit) {
      problems.push({
        where: `route ${String(written.name)}`,
        what: problem?.message ?? 'is no route',
        mend: 'write a route instead',
      })
      return undefined
    }
    kept = kept.filter((each) => each !== culprit)
    const where = `service ${culprit.service}, label ${culprit.label}`
    problems.push({ where, what: problem?.message ?? 'does not fit', mend: 'it is left out until it fits' })
  }
}

function merged(written: Record<string, unknown>, fields: readonly SaidField[]): Record<string, unknown> {
  const route: Record<string, unknown> = { ...written }
  for (const { path, value } of fields) {
    const [field = ''] = path
    const inner = nested(path, value)[field]
    const there = route[field]
    const isMap = typeof there === 'object' && there !== null && typeof inner === 'object' && inner !== null
    route[field] = isMap ? { ...there, ...inner } : inner
  }
  const { control } = route
  if (typeof control !== 'object' || control === null) return route
  const whole = { percent: 0, ...control }
  return { ...route, control: Object.keys(whole).length === 1 ? whole.percent : whole }
}

/** Compare rules of all containers, each once, as a route has them. */
export function mergedRules(reads: readonly (ReadLabels | undefined)[]): Record<string, unknown>[] {
  const rules = new Map<string, Rule>()
  for (const { rule } of reads.flatMap((read) => read?.rules ?? [])) {
    let { name } = rule
    for (let count = 2; rules.has(name) && !isSameRule(rules.get(name), { ...rule, name }); count += 1) {
      name = `${rule.name.slice(0, 70)} (${count})`
    }
    rules.set(name, { ...rule, name })
  }
  return [...rules.values()].slice(0, ruleLimits.rules).map(writtenRule)
}

function isSameRule(a: Rule | undefined, b: Rule): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
