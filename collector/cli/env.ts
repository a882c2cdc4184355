import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import type { OpenSession, Session } from './session.ts'

export function addEnvCommand(program: Command, open: OpenSession): void {
  program
    .command('env')
    .description('NAME=value lines of the running stack, for a shell or another program')
    .addHelpText(
      'before',
      `Examples:
  understudy env
  export $(npm run -s understudy -- env)
  understudy env --json | jq -r .DATABASE_URL
`,
    )
    .action(async (_options, command: Command) => {
      const session = open(command)
      await requireRunning(session)
      const values = variablesOf(session)
      if (session.wantsJson) session.out.json(values)
      else for (const [name, value] of Object.entries(values)) session.out.line(`${name}=${quoted(value)}`)
    })
}

/** Only names that the collector and the CLI know, so that a later start with them is not refused. */
function variablesOf({ stack }: Session): Record<string, string> {
  const values = {
    KAFKA_BROKERS: stack.kafkaBrokers,
    DATABASE_URL: stack.databaseUrl,
    UNDERSTUDY_API: stack.api,
    UNDERSTUDY_ADMIN_TOKEN: stack.adminToken,
    UNDERSTUDY_TRAEFIK_API: stack.traefikApi,
    UNDERSTUDY_TRAEFIK_DYNAMIC_DIR: stack.dynamicDir,
  }
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Without it the lines of a stack that was killed would be printed as if it were there. */
async function requireRunning({ api, env }: Session): Promise<void> {
  if (env.KAFKA_BROKERS && env.DATABASE_URL) return
  try {
    await api.get('/healthz')
  } catch (error) {
    if (!(error instanceof CliError) || error.isAway) throw error
  }
}

function quoted(value: string): string {
  return /^[\w./:@,%+=?~-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
