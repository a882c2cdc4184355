// `understudy routes set|enable|disable|delete|versions|restore`: each reads the route, then changes that version of it.
import type { Command } from 'commander'
import type { RoutePreview, RouteVersion, RouteView } from '../api/route-schemas.ts'
import { CliError } from './cli-error.ts'
import { countFlag } from './flags.ts'
import { toneOf } from './output.ts'
import { patchOf } from './route-fields.ts'
import type { OpenSession, Session } from './session.ts'
import { safeBlock, safeLine, table } from './terminal-text.ts'

export function addRouteChangeCommands(routes: Command, open: OpenSession): void {
  routes
    .command('set <name> <field=value...>')
    .description('change fields of a route; makes it when it is not there and primary= and shadow= are given')
    .addHelpText(
      'before',
      `Examples:
  understudy routes set shop share=25
  understudy routes set shop store=all protect.rate=50 methods=GET,HEAD
  understudy routes set shop share=50 --dry-run
  understudy routes set shop 'rule=PathPrefix(\`/shop\`)' primary=http://127.0.0.1:3000 shadow=http://127.0.0.1:3001
`,
    )
    .option('--dry-run', 'show what would change in Traefik, and change nothing')
    .action(async (name: string, assignments: string[], { dryRun }: { dryRun?: boolean }, command: Command) => {
      const session = open(command)
      const patch = patchOf(assignments)
      const path = pathOf(name, dryRun)
      const known = await found(session, name)
      if (!known && patch.primary !== undefined) {
        const body = { name, ...withoutNulls(patch) }
        told(session, await session.api.send('POST', `/api/v1/routes${dryRun ? '?dryRun=true' : ''}`, { body }))
        return
      }
      const ifMatch = known?.etag ?? '*'
      told(session, await session.api.send('PATCH', path, { body: patch, ifMatch }))
    })
  for (const wanted of ['enable', 'disable'] as const) {
    routes
      .command(`${wanted} <name>`)
      .description(wanted === 'enable' ? 'mirror its requests again' : 'mirror nothing of it; its settings stay')
      .addHelpText('before', `Examples:\n  understudy routes ${wanted} shop\n`)
      .action(async (name: string, _options, command: Command) => {
        const session = open(command)
        const ifMatch = (await found(session, name))?.etag ?? '*'
        const body = { enabled: wanted === 'enable' }
        told(session, await session.api.send('PATCH', pathOf(name), { body, ifMatch }))
      })
  }
  routes
    .command('delete <name>')
    .description('delete a route; its versions stay and any can be restored')
    .addHelpText('before', 'Examples:\n  understudy routes delete shop\n  understudy routes delete shop --dry-run\n')
    .option('--dry-run', 'show what would change in Traefik, and change nothing')
    .action(async (name: string, { dryRun }: { dryRun?: boolean }, command: Command) => {
      const session = open(command)
      const ifMatch = (await found(session, name))?.etag ?? '*'
      const answer = await session.api.send('DELETE', pathOf(name, dryRun), { ifMatch })
      if (answer !== undefined) told(session, answer)
      else if (session.wantsJson) session.out.json({ deleted: name })
      else
        session.out.line(
          `deleted ${safeLine(name)}; \`understudy routes versions ${safeLine(name)}\` lists what can be restored`,
        )
    })
  routes
    .command('versions <name>')
    .description('the last 50 versions of a route, newest first')
    .addHelpText('before', 'Examples:\n  understudy routes versions shop\n')
    .action(async (name: string, _options, command: Command) => {
      const { api, out, wantsJson } = open(command)
      const page = await api.get<{ items: RouteVersion[] }>(`${pathOf(name)}/versions`)
      if (wantsJson) {
        out.json(page)
        return
      }
      const rows = page.items.map(({ version, at, action, actor, route }) => {
        const share = (route as { share?: unknown } | null)?.share
        return [String(version), at, action, safeLine(actor), typeof share === 'number' ? `${share} %` : '']
      })
      for (const line of table(rows)) out.line(line)
    })
  routes
    .command('restore')
    .argument('<name>')
    .argument('<version>', 'as `versions` lists them', countFlag(1, 1_000_000_000))
    .description('bring a version back, of a deleted route too')
    .addHelpText('before', 'Examples:\n  understudy routes restore shop 3\n')
    .action(async (name: string, version: number, _options, command: Command) => {
      const session = open(command)
      told(session, await session.api.send('POST', `${pathOf(name)}/restore`, { body: { version } }))
    })
}

function pathOf(name: string, dryRun = false): string {
  return `/api/v1/routes/${encodeURIComponent(name)}${dryRun ? '?dryRun=true' : ''}`
}

async function found({ api }: Session, name: string): Promise<{ etag: string } | undefined> {
  try {
    const { version } = await api.get<RouteView>(pathOf(name))
    return { etag: `"${version}"` }
  } catch (error) {
    if (error instanceof CliError && error.status === 404) return undefined
    throw error
  }
}

function withoutNulls(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value, (_key, inner) => (inner === null ? undefined : inner)))
}

function told({ out, wantsJson }: Session, answer: unknown): void {
  if (wantsJson) {
    out.json(answer)
    return
  }
  const shown = answer as RouteView & RoutePreview
  if (typeof shown.diff === 'string') {
    out.line(safeBlock(shown.diff).trimEnd() || 'nothing changes in Traefik')
    for (const note of shown.notes) out.note(safeLine(note))
    return
  }
  const { name, version, share, state, reason } = shown
  out.line(`${safeLine(name)} version ${version}, ${share} %: ${out.tone(toneOf(state), state)}`)
  if (reason) out.note(safeLine(reason))
}
