// Judges figures against their bars and lays them out as text. Pure.
import type { Figure } from './bench.ts'

/** Value ÷ baseline; undefined without a baseline, or where the two have different units. */
export function ratioOf({ value, unit, baseline }: Figure): number | undefined {
  if (!baseline || (baseline.unit ?? unit) !== unit || baseline.value === 0) return undefined
  return value / baseline.value
}

/** Undefined where a figure has no bar. A ratio that cannot be told has not reached its bar. */
export function isReached(figure: Figure): boolean | undefined {
  const { bar, value } = figure
  if (!bar) return undefined
  const judged = bar.of === 'ratio' ? (ratioOf(figure) ?? Number.NaN) : value
  return 'atMost' in bar ? judged <= bar.atMost : judged >= bar.atLeast
}

/** One line a figure; columns as wide as their longest cell. */
export function table(figures: Figure[]): string {
  const head = ['figure', 'value', 'baseline of the same run', 'ratio', 'bar', '']
  const rows = [head, ...figures.map(row)]
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows.map((cells) => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()).join('\n')
}

function row(figure: Figure): string[] {
  const { name, value, unit, baseline } = figure
  const ratio = ratioOf(figure)
  const reached = isReached(figure)
  return [
    name,
    `${rounded(value)} ${unit}`,
    baseline ? `${rounded(baseline.value)} ${baseline.unit ?? unit} (${baseline.name})` : '',
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    barText(figure),
    reached === undefined ? '' : reached ? 'reached' : 'MISSED',
  ]
}

function barText({ bar, unit }: Figure): string {
  if (!bar) return ''
  const limit = 'atMost' in bar ? `≤ ${rounded(bar.atMost)}` : `≥ ${rounded(bar.atLeast)}`
  return bar.of === 'ratio' ? `${limit} ×` : `${limit} ${unit}`
}

/** Three significant digits, whole numbers from 100 on: no figure here is known better than that. */
function rounded(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
