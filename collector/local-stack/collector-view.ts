// What the native stack shows of the running collector: the first difference, and a line of counts.

import type { RouteView } from '../api/route-schemas.ts'
import type { Comparison, ComparisonSummary } from '../api/schemas.ts'
import { differenceLine } from '../cli/comparison-text.ts'
import { createOutput } from '../cli/output.ts'
import { safeLine } from '../cli/terminal-text.ts'

const SHOWN_DIFFERENCES = 5

export type Ask = <Answer>(path: string) => Promise<Answer>

/** Asks the collector's API; rejects for anything but a good answer in 3 s. */
export function askCollector(api: string, token: string | undefined): Ask {
  return async <Answer>(path: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${api}${path}`, { headers, signal: AbortSignal.timeout(3_000) })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return (isJson ? await response.json() : await response.text()) as Answer
  }
}

/** What became of each enabled route in Traefik; undefined while one is not decided yet. */
export async function findRefusals(ask: Ask): Promise<string[] | undefined> {
  const { items } = await ask<{ items: RouteView[] }>('/api/v1/routes')
  if (items.some(({ state }) => state === 'waiting')) return undefined
  const idle = items.filter(({ state, enabled }) => enabled && state !== 'applied')
  return idle.map(
    ({ name, state, reason }) => `route ${safeLine(name)} is ${state}: ${safeLine(reason ?? 'no reason')}`,
  )
}

/** The newest comparison with a difference since `from` (RFC 3339), in full; undefined while there is none. */
export async function findDifference(ask: Ask, from: string): Promise<Comparison | undefined> {
  const query = new URLSearchParams({ outcome: 'different', limit: '1', from })
  const list = await ask<{ items: ComparisonSummary[] }>(`/api/v1/comparisons?${query}`)
  const [first] = list.items
  return first && ask<Comparison>(`/api/v1/comparisons/${encodeURIComponent(first.id)}`)
}

/** Captured content is made safe for a terminal by the CLI's own words for it. */
export function differenceLines(comparison: Comparison): string[] {
  const out = createOutput({ stdout: process.stdout, stderr: process.stderr, env: process.env })
  const { method, path, endpoint, differences, primary, shadow, id } = comparison
  const more = differences.length - SHOWN_DIFFERENCES
  return [
    'The first request that the two versions answered differently:',
    `  ${safeLine(method)} ${safeLine(path)}   (${safeLine(endpoint)})`,
    `  primary ${primary.status ?? '-'}, shadow ${shadow.status ?? '-'}; what differs, primary → shadow:`,
    ...differences.slice(0, SHOWN_DIFFERENCES).map((difference) => `  ${differenceLine(difference, out)}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
    `  npm run -s understudy -- comparisons show ${safeLine(id)}`,
  ]
}

/** `1204 compared: 1100 match, 104 different; 3 unpaired, 0 dropped`, from Prometheus' text format. */
export function countsLine(metrics: string): string {
  const total = (name: string, label = '') => {
    let sum = 0
    for (const line of metrics.split('\n')) {
      if (line.startsWith(`${name}{`) && line.includes(label)) sum += Number(line.slice(line.lastIndexOf(' ') + 1)) || 0
    }
    return sum
  }
  const outcomes = ['match', 'noise', 'different', 'incomplete']
    .map((outcome) => ({ outcome, count: total('understudy_comparisons_total', `outcome="${outcome}"`) }))
    .filter(({ outcome, count }) => count > 0 || outcome === 'match' || outcome === 'different')
  const told = outcomes.map(({ outcome, count }) => `${count} ${outcome}`).join(', ')
  const unpaired = total('understudy_unpaired_total')
  const dropped = total('understudy_dropped_total')
  return `${total('understudy_comparisons_total')} compared: ${told}; ${unpaired} unpaired, ${dropped} dropped`
}
