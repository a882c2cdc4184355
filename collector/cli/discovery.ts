import type { Command } from 'commander'
import type { Discovery } from '../api/discovery-schemas.ts'
import type { Output } from './output.ts'
import type { OpenSession } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

export function addDiscoveryCommand(program: Command, open: OpenSession): void {
  program
    .command('discovery')
    .description('which services pair by their names, what they are, and what is wrong with labels')
    .addHelpText(
      'before',
      'Examples:\n  understudy discovery\n  understudy discovery --json | jq \'.pairs[] | select(.state != "paired")\'\n',
    )
    .action(async (_options, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const found = await api.get<Discovery>('/api/v1/discovery')
      if (wantsJson) out.json(found)
      else print(out, found)
    })
}

function print(out: Output, { traefiks, docker, services, pairs, proposals, problems }: Discovery): void {
  for (const { url, version, reachable, detail } of traefiks) {
    const told = reachable ? `Traefik ${version} at ${url}` : `Traefik at ${url} does not answer`
    out.line(safeLine(detail === null ? told : `${told}: ${detail}`))
  }
  out.line(safeLine(docker === null ? 'Docker is not read (UNDERSTUDY_DOCKER_HOST)' : `Docker: ${docker.detail}`))
  const shown = services.filter(({ name }) => !/@internal$/.test(name))
  section(
    out,
    'services',
    shown.map(({ name, status, servers, images }) => [
      name,
      status,
      Object.keys(servers).join(', '),
      images.map(({ image }) => image).join(', '),
    ]),
  )
  section(
    out,
    'pairs',
    pairs.map(({ primary, shadow, variant, state, route, reason }) => [
      state,
      `${primary ?? '?'} ⇢ ${shadow}`,
      variant,
      route === null ? '' : `route ${route}`,
      reason ?? '',
    ]),
  )
  section(
    out,
    'proposals',
    proposals.map(({ route, field, value, reason }) => [`route ${route}`, `${field}: ${value}`, reason]),
  )
  section(
    out,
    'problems',
    problems.map(({ where, what, mend }) => [where, `${what} → ${mend}`]),
  )
}

function section(out: Output, title: string, rows: string[][]): void {
  if (rows.length === 0) return
  out.line()
  out.line(out.tone('quiet', title))
  for (const line of table(rows.map((row) => row.map(safeLine)))) out.line(line)
}
