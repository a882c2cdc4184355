// `understudy backup` and `restore`: the collector's own database as one file, without pg_dump.
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { Command } from 'commander'
import pg from 'pg'
import { CliError, exitCodes } from './cli-error.ts'
import { readBackup, writeBackup } from './database-file.ts'
import type { OpenSession, Session } from './session.ts'

export function addBackupCommands(program: Command, open: OpenSession): void {
  program
    .command('backup')
    .argument('<file>', 'where to write; - is stdout')
    .description("write the collector's own database into one file, as it is at this moment")
    .addHelpText(
      'before',
      `Examples:
  understudy backup understudy.backup
  docker compose exec -T collector /usr/local/bin/node collector/cli/main.ts backup - > understudy.backup
`,
    )
    .action(async (path: string, _options, command: Command) => {
      const session = open(command)
      const told = await withDatabase(session, (client) =>
        toFile(path, (sink) => writeBackup(client, sink, session.now())),
      )
      if (session.wantsJson && path !== '-') session.out.json(told)
      else session.out.note(`${told.rows} rows of ${told.tables} tables written`)
    })
  program
    .command('restore')
    .argument('<file>', 'what backup wrote; - is stdin')
    .option('--replace', 'forget what the database holds now')
    .description('put a backup back into a database of the same schema; stop the collector first')
    .addHelpText(
      'before',
      `Examples:
  understudy restore understudy.backup
  docker compose run --rm -T collector collector/cli/main.ts restore --replace - < understudy.backup
`,
    )
    .action(async (path: string, { replace = false }: { replace?: boolean }, command: Command) => {
      const session = open(command)
      const source = path === '-' ? process.stdin : createReadStream(path)
      const told = await withDatabase(session, (client) => readBackup(client, source, { replace }))
      if (session.wantsJson) session.out.json(told)
      else session.out.note(`${told.rows} rows of ${told.tables} tables put back`)
    })
}

async function withDatabase<Result>(
  { stack, signal, timeoutMs }: Session,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  if (!stack.databaseUrl) throw new CliError('DATABASE_URL is not known here: set it to the database', exitCodes.usage)
  const client = new pg.Client({ connectionString: stack.databaseUrl, connectionTimeoutMillis: timeoutMs })
  client.on('error', () => undefined)
  const stop = () => void client.end().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    await client.connect()
    return await work(client)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`the database: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => undefined)
  }
}

/** A file appears whole or not at all. */
async function toFile<Result>(path: string, write: (sink: Writable) => Promise<Result>): Promise<Result> {
  if (path === '-') return write(process.stdout)
  const partial = `${path}.${process.pid}.partial`
  try {
    const result = await write(createWriteStream(partial, { mode: 0o600, flags: 'wx' }))
    await rename(partial, path)
    return result
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
