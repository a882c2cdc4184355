// `understudy init`: what docker-compose.yaml needs before its first start, made once and never changed after.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import type { OpenSession } from './session.ts'

const project = resolve(import.meta.dirname, '../..')

export function addInitCommand(program: Command, open: OpenSession): void {
  program
    .command('init')
    .description('make the secrets and the .env file that docker-compose.yaml reads; what is there stays as it is')
    .option('--dir <folder>', 'the folder with docker-compose.yaml', project)
    .addHelpText(
      'before',
      `Examples:
  understudy init && docker compose up -d
  understudy init --json | jq -r '.made[]'
`,
    )
    .action((options: { dir: string }, command: Command) => {
      const { out, wantsJson } = open(command)
      const result = initialise(resolve(options.dir))
      if (wantsJson) out.json(result)
      else {
        for (const path of result.made) out.line(`made   ${path}`)
        for (const path of result.kept) out.line(`kept   ${path}`)
        out.note('`docker compose up -d` starts it; add --profile demo for something to look at')
      }
    })
}

/** Every secret with what makes it; the database's address holds its password, so that one is made from the other. */
const secrets: [name: string, make: (folder: string) => string][] = [
  ['admin-token', () => random()],
  ['ingest-token', () => random()],
  ['hmac-key', () => random()],
  ['postgres-password', () => random()],
  [
    'database-url',
    (folder) => `postgres://understudy:${readSecret(folder, 'postgres-password')}@postgres:5432/understudy`,
  ],
  ['demo-password', () => random()],
  ['grafana-password', () => random()],
  ['grafana-database-password', () => random()],
]

/** @throws CliError when the folder is not the project's, or what the file system says */
export function initialise(dir: string): { made: string[]; kept: string[] } {
  const example = join(dir, '.env.example')
  if (!existsSync(example))
    throw new CliError(`${dir} holds no .env.example: expected the folder with docker-compose.yaml`)
  const result = { made: [] as string[], kept: [] as string[] }
  const folder = join(dir, '.secrets')
  // Only its owner passes the folder. The files in it are open to read, because Compose mounts each by itself, with
  // the owner and mode it has here, into containers that run as other users.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  for (const [name, make] of secrets) {
    const path = join(folder, name)
    if (existsSync(path)) {
      result.kept.push(path)
      continue
    }
    writeFileSync(path, `${make(folder)}\n`, { mode: 0o444, flag: 'wx' })
    chmodSync(path, 0o444)
    result.made.push(path)
  }
  const dynamic = join(dir, 'traefik', 'dynamic')
  mkdirSync(dynamic, { recursive: true })
  // The collector writes Traefik's file as a user of its own, and as a member of the folder's group.
  const { mode, gid } = statSync(dynamic)
  if ((mode & 0o070) !== 0o070) chmodSync(dynamic, (mode & 0o777) | 0o070)
  const env = join(dir, '.env')
  if (existsSync(env)) result.kept.push(env)
  else {
    const text = readFileSync(example, 'utf8').replace(/^UNDERSTUDY_GID=.*$/m, `UNDERSTUDY_GID=${gid}`)
    writeFileSync(env, text, { mode: 0o600, flag: 'wx' })
    result.made.push(env)
  }
  return result
}

function random(): string {
  return randomBytes(32).toString('hex')
}

function readSecret(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8').trim()
}
