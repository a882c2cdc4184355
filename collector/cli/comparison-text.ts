// Comparisons as lines for people. Everything captured is made safe for a terminal first.
import type { Comparison, ComparisonSummary } from '../api/schemas.ts'
import { type Output, toneOf } from './output.ts'
import { safeBlock, safeLine, shortened, table } from './terminal-text.ts'

type Difference = Comparison['differences'][number]
const valueLength = 120

/** One line each: time, outcome, both statuses, the request, what differs first, the id. */
export function comparisonLines(items: readonly ComparisonSummary[], out: Output): string[] {
  const rows = items.map((item) => [
    item.createdAt,
    item.outcome.padEnd(10),
    statuses(item),
    `${safeLine(item.method)} ${shortened(safeLine(item.path), 60)}`,
    firstDifference(item),
    item.id,
  ])
  return table(rows).map((line, index) => {
    const outcome = items[index]?.outcome ?? ''
    return line.replace(outcome, out.tone(toneOf(outcome), outcome))
  })
}

function firstDifference({ differences, differenceCount }: ComparisonSummary): string {
  const [first] = differences
  if (!first) return ''
  const more = differenceCount > 1 ? ` +${differenceCount - 1}` : ''
  return `${shortened(safeLine(first.path) || '(body)', 40)}${more}`
}

export function comparisonInFull(comparison: Comparison, hasBodies: boolean, out: Output): string[] {
  const { outcome, differences, primary, shadow } = comparison
  const lines = [
    `${out.tone(toneOf(outcome), outcome)}  ${safeLine(comparison.method)} ${safeLine(comparison.path)}`,
    ...table([
      ['id', comparison.id],
      ['time', comparison.createdAt],
      ['route', `${safeLine(comparison.route)} / ${safeLine(comparison.variant)}`],
      ['endpoint', safeLine(comparison.endpoint)],
      ['status', statuses(comparison)],
      ['latency', `${milliseconds(primary.latencyMs)} → ${milliseconds(shadow.latencyMs)}`],
      ['body', `${primary.bodyBytes ?? '-'} → ${shadow.bodyBytes ?? '-'} bytes`],
      ...(comparison.skipped ? [['skipped', safeLine(comparison.skipped)]] : []),
      ...comparison.notes.map((note) => ['note', safeLine(note)]),
    ]).map((line) => `  ${line}`),
  ]
  if (differences.length > 0) lines.push('', ...differences.map((difference) => differenceLine(difference, out)))
  if (comparison.differencesCut) lines.push(out.tone('quiet', '  … there were more differences than are kept'))
  if (hasBodies) lines.push(...side('primary', primary, out), ...side('shadow', shadow, out))
  return lines
}

const signs: Record<Difference['kind'], string> = { changed: '~', added: '+', removed: '-', type: '~', reordered: '~' }

/** `~ /total  1 → 2`: the sign says it without colour too. */
export function differenceLine(difference: Difference, out: Output): string {
  const { path, kind, primary, shadow, noise, rule } = difference
  const values =
    kind === 'added' ? shown(shadow) : kind === 'removed' ? shown(primary) : `${shown(primary)} → ${shown(shadow)}`
  const why = noise ? `  (noise${rule ? `: ${safeLine(rule)}` : ''})` : ''
  const text = `  ${signs[kind]} ${safeLine(path) || '(body)'}  ${kind}  ${values}${why}`
  return noise ? out.tone('quiet', text) : text
}

function side(name: string, { headers, body }: Comparison['primary'], out: Output): string[] {
  const headerLines = Object.entries(headers ?? {}).flatMap(([header, values]) =>
    values.map((value) => `  ${safeLine(header)}: ${safeLine(value)}`),
  )
  return [
    '',
    out.tone('quiet', `── ${name}`),
    ...headerLines,
    '',
    body === null ? out.tone('quiet', '  (no body is kept)') : safeBlock(body),
  ]
}

function statuses({ primary, shadow }: Pick<ComparisonSummary, 'primary' | 'shadow'>): string {
  return primary.status === shadow.status
    ? String(primary.status ?? '-')
    : `${primary.status ?? '-'} → ${shadow.status ?? '-'}`
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(value < 10 ? 2 : 0)} ms`
}

function shown(value: unknown): string {
  return value === undefined ? '-' : shortened(safeLine(JSON.stringify(value)), valueLength)
}
