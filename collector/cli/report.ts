import type { Command } from 'commander'
import type { Report } from '../api/schemas.ts'
import { rangeFlags } from './flags.ts'
import type { Output } from './output.ts'
import type { OpenSession } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

export function addReportCommand(program: Command, open: OpenSession, now: () => number): void {
  const report = program
    .command('report <route>')
    .description('what was compared on a route, by endpoint, and what was not')
    .addHelpText(
      'before',
      'Examples:\n  understudy report ticketing\n  understudy report ticketing --from 24h --json\n',
    )
  for (const flag of rangeFlags(now)) report.addOption(flag)
  report.action(async (route: string, flags: { from?: string; to?: string }, command: Command) => {
    const { api, out, wantsJson } = open(command)
    const answer = await api.get<Report>(`/api/v1/routes/${encodeURIComponent(route)}/report`, flags)
    if (wantsJson) out.json(answer)
    else for (const line of reportLines(answer, out)) out.line(line)
  })
}

function reportLines({ route, window, coverage, endpoints, endpointsCut }: Report, out: Output): string[] {
  const { compared, tapped, waiting, ratio } = coverage
  const lines = [
    `${safeLine(route)}, ${window.from ?? 'nothing yet'} to ${window.to}`,
    `compared ${compared}${tapped === null ? '' : ` of ${tapped} tapped pairs`}${ratio === null ? '' : ` (${(ratio * 100).toFixed(2)} %)`}`,
  ]
  const rest = [
    ...Object.entries(coverage.unpaired).map(([reason, pairs]) => `unpaired ${safeLine(reason)} ${pairs}`),
    ...Object.entries(coverage.dropped).map(([reason, pairs]) => `dropped ${safeLine(reason)} ${pairs}`),
    ...(waiting ? [`waiting ${waiting}`] : []),
  ]
  if (rest.length > 0) lines.push(`the rest: ${rest.join(', ')}`)
  if (endpoints.length === 0) return lines
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
