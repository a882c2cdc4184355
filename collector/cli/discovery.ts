import type { Command } from 'commander'
import { controlOf, type Route } from '../../plugin-config/route.ts'
import type { Discovery } from '../api/discovery-schemas.ts'
import type { RouteView } from '../api/route-schemas.ts'
import type { Output } from './output.ts'
import type { OpenSession, Session } from './session.ts'
import { safeLine, table } from './terminal-text.ts'

export function addDiscoveryCommand(program: Command, open: OpenSession): void {
  const discovery = program
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
  const told = ({ out, wantsJson }: Session, route: RouteView) => {
    const { percent, rate } = controlOf(route as unknown as Route)
    const bound = rate === 0 ? '' : `, at most ${rate} a second`
    const text = percent === 0 ? 'gets no control traffic' : `sends ${percent} % to the primary again${bound}`
    if (wantsJson) out.json(route)
    else out.line(safeLine(`route ${route.name} ${text} (${route.state})`))
  }
  discovery
    .command('accept <route>')
    .description('accept the control traffic that is proposed for a route that comes from labels')
    .addHelpText(
      'before',
      'Examples:\n  understudy discovery accept shop\n  understudy discovery accept shop --rate 20\n',
    )
    .option('--percent <percent>', 'percent of the sampled GET, HEAD and OPTIONS requests', Number, 5)
    .option('--rate <rate>', 'of them a second at most; 0: no limit', Number, 5)
    .action(async (name: string, body: { percent: number; rate: number }, command: Command) => {
      const session = open(command)
      told(session, await session.api.post<RouteView>(acceptance(name), body))
    })
  discovery
    .command('withdraw <route>')
    .description('take back what was accepted')
    .addHelpText('before', 'Examples:\n  understudy discovery withdraw shop\n')
    .action(async (name: string, _options, command: Command) => {
      const session = open(command)
      told(session, (await session.api.send('DELETE', acceptance(name))) as RouteView)
    })
}

const acceptance = (route: string) => `/api/v1/routes/${encodeURIComponent(route)}/control/accept`

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
