import type { Command } from 'commander'
import type { Report } from '../api/schemas.ts'
import { rangeFlags } from './flags.ts'
import type { Output } from './output.ts'
import type { OpenSession } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

export function addReportCommand(program: Command, open: OpenSession, now: () => number): void {
  const report = program
    .command('report <route>')
    .description('what differs on a route and how often, how long both versions took, and what was compared')
    .option('--noise', 'causes that are noise too')
    .addHelpText(
      'before',
      `Examples:
  understudy report ticketing
  understudy report ticketing --from 24h --json
  understudy report ticketing --noise
`,
    )
  for (const flag of rangeFlags(now)) report.addOption(flag)
  report.action(async (route: string, { noise, ...range }: Flags, command: Command) => {
    const { api, out, wantsJson } = open(command)
    const query = { ...range, ...(noise && { include: 'noise' }) }
    const answer = await api.get<Report>(`/api/v1/routes/${encodeURIComponent(route)}/report`, query)
    if (wantsJson) out.json(answer)
    else for (const line of reportLines(answer, out)) out.line(line)
  })
}

type Flags = { from?: string; to?: string; noise?: true }

function reportLines(report: Report, out: Output): string[] {
  const { route, window, coverage, endpoints, endpointsCut } = report
  const { compared, tapped, waiting, ratio } = coverage
  const lines = [
    `${safeLine(route)}, ${window.from ?? 'nothing yet'} to ${window.to}`,
    `compared ${compared}${tapped === null ? '' : ` of ${tapped} tapped pairs`}${ratio === null ? '' : ` (${(ratio * 100).toFixed(2)} %)`}`,
  ]
  const rest = [
    ...Object.entries(coverage.unpaired).map(([reason, pairs]) => `unpaired ${safeLine(reason)} ${pairs}`),
    ...Object.entries(coverage.dropped).map(([reason, pairs]) => `dropped ${safeLine(reason)} ${pairs}`),
    ...Object.entries(coverage.shed).map(([reason, pairs]) => `not sent to the shadow ${safeLine(reason)} ${pairs}`),
    ...(waiting ? [`waiting ${waiting}`] : []),
  ]
  if (rest.length > 0) lines.push(`the rest: ${rest.join(', ')}`)
  if (endpoints.length === 0) return lines
  lines.push(...causeLines(report, out), ...latencyLines(report, out))
  const rows = endpoints.map(({ endpoint, variant, pairs, outcomes }) => [
    ...[pairs, outcomes.different, outcomes.incomplete, outcomes.noise, outcomes.match].map(String),
    safeLine(variant),
    safeLine(endpoint),
  ])
  const [head = '', ...body] = table([
    ['pairs', 'different', 'incomplete', 'noise', 'match', 'variant', 'endpoint'],
    ...rows,
  ])
  lines.push('', out.tone('quiet', head), ...body)
  if (endpointsCut) lines.push(out.tone('quiet', '… and more endpoints'))
  return lines
}

/** What differs, the cause that touches most pairs first; of each the newest sample, to be shown. */
function causeLines({ causes }: Report, out: Output): string[] {
  if (causes.length === 0) return ['', out.tone('good', 'nothing differs')]
  const rows = causes.map(({ count, rate, controlRate, kind, path, endpoint, valueClass, rule, samples }) => [
    String(count),
    `${(rate * 100).toFixed(1)} %`,
    controlRate === null ? '-' : `${(controlRate * 100).toFixed(1)} %`,
    safeLine(`${path === '' ? '(body)' : path} ${kind}${valueClass === '' ? '' : ` (${valueClass})`}`),
    safeLine(endpoint),
    safeLine(rule === null ? (samples[0] ?? '') : `noise: ${rule}`),
  ])
  const [head = '', ...body] = table([['pairs', 'rate', 'control', 'difference', 'endpoint', 'newest sample'], ...rows])
  return ['', out.tone('quiet', head), ...body]
}

function latencyLines({ latency }: Report, out: Output): string[] {
  const sides = [
    ['primary', latency.primary],
    ...latency.shadows.map((each) => [each.variant, each.latency] as const),
    ['control', latency.control],
  ] as const
  const rows = sides.flatMap(([side, times]) =>
    times === null ? [] : [[`${times.p50} ms`, `${times.p90} ms`, `${times.p99} ms`, safeLine(side)]],
  )
  if (rows.length === 0) return []
  const [head = '', ...body] = table([['p50', 'p90', 'p99', 'side'], ...rows])
  return ['', out.tone('quiet', head), ...body]
}
