import type { Command } from 'commander'
import { stringify } from 'yaml'
import type { RouteView } from '../api/route-schemas.ts'
import { toneOf } from './output.ts'
import { addRouteChangeCommands } from './route-changes.ts'
import { addRouteEndpointsCommand } from './route-endpoints.ts'
import { addRouteFileCommands } from './route-files.ts'
import type { OpenSession } from './session.ts'
import { safeBlock, safeLine, table } from './terminal-text.ts'

const examples = `Examples:
  understudy routes
  understudy routes show shop
  understudy routes set shop share=25
  understudy routes disable shop
  understudy routes apply -f understudy.yaml
`

export function addRoutesCommand(program: Command, open: OpenSession): void {
  const routes = program
    .command('routes')
    .description('routes, and what became of their overlays in Traefik')
    .addHelpText('before', examples)
  routes
    .command('list', { isDefault: true })
    .addHelpText('before', examples)
    .action(async (_options, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const page = await api.get<{ items: RouteView[] }>('/api/v1/routes')
      if (wantsJson) {
        out.json(page)
        return
      }
      if (page.items.length === 0) out.note('no route yet')
      const lines = table(
        page.items.map((route) => [
          safeLine(route.name),
          share(route),
          route.managedBy,
          targets(route),
          safeLine(route.reason ?? ''),
        ]),
      )
      for (const [index, { state }] of page.items.entries())
        out.line(`${out.tone(toneOf(state), state.padEnd(7))}  ${lines[index] ?? ''}`)
    })
  routes
    .command('show <name>')
    .addHelpText('before', 'Examples:\n  understudy routes show ticketing\n')
    .action(async (name: string, _options, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const route = await api.get<RouteView>(`/api/v1/routes/${encodeURIComponent(name)}`)
      if (wantsJson) out.json(route)
      else out.line(safeBlock(stringify(route)).trimEnd())
    })
  addRouteChangeCommands(routes, open)
  addRouteFileCommands(routes, open)
  addRouteEndpointsCommand(routes, open)
}

function share(route: RouteView): string {
  return typeof route.share === 'number' ? `${route.share} %` : ''
}

function targets(route: RouteView): string {
  const shadows = Array.isArray(route.shadows) ? route.shadows.map(targetOf) : []
  return `${targetOf(route.primary)} ⇢ ${shadows.join(', ') || '-'}`
}

function targetOf(value: unknown): string {
  const target = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const place = target.service ?? target.url
  return typeof place === 'string' ? safeLine(place) : '-'
}
