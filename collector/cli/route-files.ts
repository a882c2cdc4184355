// `understudy routes apply|diff|export`: routes as a file has them.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parseRoute, type Route } from '../../plugin-config/route.ts'
import { routesFileText, withoutView } from '../../plugin-config/route-document.ts'
import { parseRoutesFile, problemText } from '../../plugin-config/routes-file.ts'
import type { Applied, RouteView } from '../api/route-schemas.ts'
import { CliError, exitCodes } from './cli-error.ts'
import type { OpenSession, Session } from './session.ts'
import { safeBlock, safeLine } from './terminal-text.ts'

type FileFlags = { file: string; prune?: boolean; dryRun?: boolean }

export function addRouteFileCommands(routes: Command, open: OpenSession): void {
  routes
    .command('apply')
    .description('make the routes as a file says, all of them or none')
    .addHelpText(
      'before',
      `Examples:
  understudy routes apply -f understudy.yaml
  understudy routes apply -f understudy.yaml --prune     deletes routes that the file does not name
  understudy routes apply -f - < understudy.yaml
`,
    )
    .requiredOption('-f, --file <file>', 'routes file (YAML); - reads stdin')
    .option('--prune', 'delete routes that the file does not name (those that a file or a label manages stay)')
    .option('--dry-run', 'only show what would be done')
    .action(async ({ file, prune, dryRun }: FileFlags, command: Command) => {
      const session = open(command)
      told(session, await sent(session, file, { prune: prune === true, dryRun: dryRun === true }))
    })
  routes
    .command('diff')
    .description('what `apply` would change; exit code 3 when there is something')
    .addHelpText('before', 'Examples:\n  understudy routes diff -f understudy.yaml\n')
    .requiredOption('-f, --file <file>', 'routes file (YAML); - reads stdin')
    .option('--prune', 'as if `apply --prune` were asked for')
    .action(async ({ file, prune }: FileFlags, command: Command) => {
      const session = open(command)
      const applied = await sent(session, file, { prune: prune === true, dryRun: true })
      told(session, applied)
      const changes = applied.items.filter(({ action }) => action !== 'unchanged').length
      if (changes > 0) throw new CliError(`${changes} of ${applied.items.length} routes differ`, exitCodes.notPassed)
    })
  routes
    .command('export [name...]')
    .description('routes as a file that `apply` takes; without what says what it would by default')
    .addHelpText('before', 'Examples:\n  understudy routes export > understudy.yaml\n  understudy routes export shop\n')
    .action(async (names: string[], _options, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const { items } = await api.get<{ items: RouteView[] }>('/api/v1/routes')
      const missing = names.find((name) => !items.some((item) => item.name === name))
      if (missing !== undefined) throw new CliError(`there is no route ${JSON.stringify(missing)}`)
      const wanted = items.filter((item) =>
        names.length === 0 ? item.managedBy !== 'external' : names.includes(item.name),
      )
      const routes = wanted.map(routeOf)
      if (wantsJson) out.json({ routes })
      else out.line(safeBlock(routesFileText(routes)).trimEnd())
    })
}

async function sent(session: Session, file: string, how: { prune: boolean; dryRun: boolean }): Promise<Applied> {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new CliError(
      `${file} cannot be read: ${error instanceof Error ? safeLine(error.message) : ''}`,
      exitCodes.usage,
    )
  }
  const parsed = parseRoutesFile(text, file === '-' ? 'stdin' : file)
  if (!parsed.ok) throw new CliError(parsed.problems.map(problemText).join('; '), exitCodes.usage)
  return (await session.api.send('POST', '/api/v1/routes/apply', {
    body: { routes: parsed.routes, ...how },
  })) as Applied
}

function told({ out, wantsJson }: Session, applied: Applied): void {
  if (wantsJson) {
    out.json(applied)
    return
  }
  const words = { create: 'made', change: 'changed', unchanged: 'unchanged', delete: 'deleted' }
  for (const { name, action, diff } of applied.items) {
    out.line(`${applied.dryRun ? action : words[action]}  ${safeLine(name)}`)
    if (diff) out.line(safeBlock(diff).trimEnd())
  }
  if (applied.items.length === 0) out.note('the file names no route')
}

/** A view's own fields, checked: what was exported can be applied. */
function routeOf(view: RouteView): Route {
  const parsed = parseRoute(withoutView(view), 'rest')
  if (parsed.ok) return parsed.route
  throw new CliError(`route ${safeLine(view.name)} cannot be read here: is this command older than the collector?`)
}
