// `understudy routes endpoints`: the templates of paths that a route knows beforehand, from an OpenAPI document.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { openApiEndpoints } from '../../plugin-config/openapi-endpoints.ts'
import type { RouteView } from '../api/route-schemas.ts'
import { CliError, exitCodes } from './cli-error.ts'
import type { OpenSession } from './session.ts'
import { safeLine } from './terminal-text.ts'

export function addRouteEndpointsCommand(routes: Command, open: OpenSession): void {
  routes
    .command('endpoints <name>')
    .description('tell a route its endpoints from an OpenAPI document, so that none has to be learned')
    .addHelpText(
      'before',
      `Examples:
  understudy routes endpoints shop --openapi openapi.yaml
  understudy routes endpoints shop --openapi openapi.json --prefix /api/shop
`,
    )
    .requiredOption('--openapi <file>', 'OpenAPI 2 or 3, YAML or JSON; - reads stdin')
    .option('--prefix <path>', "before every path; by default the path of the document's first server")
    .action(async (name: string, flags: { openapi: string; prefix?: string }, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const found = openApiEndpoints(textOf(flags.openapi), flags.prefix)
      if (!found.ok) throw new CliError(`${flags.openapi}: ${found.message}`, exitCodes.usage)
      const path = `/api/v1/routes/${encodeURIComponent(name)}`
      const { version } = await api.get<RouteView>(path)
      await api.send('PATCH', path, { body: { endpoints: found.endpoints }, ifMatch: `"${version}"` })
      if (wantsJson) out.json(found)
      else {
        out.line(`${found.endpoints.length} endpoints of ${safeLine(name)} are known`)
        for (const each of found.leftOut) out.note(`left out, as no template of whole segments: ${safeLine(each)}`)
      }
    })
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? safeLine(error.message) : ''}`)
  }
}
