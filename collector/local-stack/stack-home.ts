// The folder of the native stack (`.understudy`): where everything is, its secrets, and who runs in it.
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { standInFor } from './parts/postgres-user.ts'
import { identityOf, isAlive } from './parts/process-identity.ts'

export type Home = ReturnType<typeof homeAt>

export function homeAt(folder: string) {
  return {
    folder,
    kafkaData: join(folder, 'data', 'kafka'),
    postgresData: join(folder, 'data', 'postgres'),
    hmacKeyFile: join(folder, 'secrets', 'hmac-key'),
    ingestTokenFile: join(folder, 'secrets', 'ingest-token'),
    postgresPasswordFile: join(folder, 'secrets', 'postgres-password'),
    logs: join(folder, 'logs'),
    run: join(folder, 'run'),
    /** What the flags or the demo say; written at each start. */
    seedFile: join(folder, 'run', 'understudy.yaml'),
    /** A watched file without routes: those of an earlier `--config` go. */
    noRoutesFile: join(folder, 'run', 'no-routes.yaml'),
    stackFile: join(folder, 'stack.json'),
    lockFile: join(folder, 'start.lock'),
  }
}

/** Forgets what earlier runs kept: data, secrets, logs. */
export function resetHome(home: Home): void {
  for (const name of ['data', 'secrets', 'logs', 'run'])
    rmSync(join(home.folder, name), { recursive: true, force: true })
  rmSync(standInFor(home.postgresData), { recursive: true, force: true })
}

/** The logs of this run start empty, those of the last one stay beside them, older ones go. */
export function turnLogs(home: Home): void {
  mkdirSync(home.logs, { recursive: true })
  for (const name of readdirSync(home.logs)) {
    if (!/^[^.]+\.log$/.test(name)) continue
    renameSync(join(home.logs, name), join(home.logs, name.replace(/\.log$/, '.previous.log')))
  }
}

/** 32 random bytes in hex, made at the first start and readable by their owner alone. */
export function ensureSecrets(home: Home): void {
  mkdirSync(join(home.folder, 'secrets'), { recursive: true, mode: 0o700 })
  for (const file of [home.hmacKeyFile, home.ingestTokenFile]) {
    if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  }
}

type Starter = { pid: number; identity: string | undefined }

/** Takes the folder for this process, or tells who has it. Call `release` at the end. */
export function takeHome(home: Home): { taken: true; release: () => void } | { taken: false; holder: number } {
  mkdirSync(home.folder, { recursive: true, mode: 0o755 })
  const me: Starter = { pid: process.pid, identity: identityOf(process.pid) }
  // Linked, not written, into its place: nobody ever reads half a lock.
  const mine = `${home.lockFile}.${process.pid}`
  for (;;) {
    try {
      writeFileSync(mine, JSON.stringify(me), { mode: 0o600 })
      linkSync(mine, home.lockFile)
      return { taken: true, release: () => rmSync(home.lockFile, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(mine, { force: true })
    }
    const holder = readJson<Starter>(home.lockFile)
    if (holder && identityOf(holder.pid) === holder.identity && isAlive(holder.pid))
      return { taken: false, holder: holder.pid }
    // Left behind by a run that was killed.
    rmSync(home.lockFile, { force: true })
  }
}

export type Child = { name: string; pid: number; identity: string | undefined }

/** What the CLI and the next start read. Times are RFC 3339. */
export type StackFile = {
  startedAt: string
  proxy: string
  traefikApi: string
  api: string
  databaseUrl: string
  kafkaBrokers: string
  dynamicDir: string
  overlayFile: string
  routesFile: string
  children: Child[]
}

/** Whole, and for the owner's eyes: the database's password is in it. */
export function writeStackFile(home: Home, stack: StackFile): void {
  const temporary = `${home.stackFile}.new`
  writeFileSync(temporary, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 })
  renameSync(temporary, home.stackFile)
}

export function readStackFile(home: Home): Partial<StackFile> | undefined {
  return readJson(home.stackFile)
}

function readJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Value
  } catch {
    return undefined
  }
}

/** Ends what a killed run left running, and nothing else: a process id may belong to another program by now. */
export async function endLeftovers(home: Home, wait: (ms: number) => Promise<unknown>): Promise<string[]> {
  const left = (readStackFile(home)?.children ?? []).filter(isStillThere)
  for (const { pid } of left) signalTo(pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < 8_000 && left.some(isStillThere); waitedMs += 50) await wait(50)
  for (const child of left.filter(isStillThere)) signalTo(child.pid, 'SIGKILL')
  while (left.some(isStillThere)) await wait(50)
  rmSync(home.stackFile, { force: true })
  return left.map(({ name }) => name)
}

function isStillThere({ pid, identity }: Child): boolean {
  return identity !== undefined && identityOf(pid) === identity
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just ended by itself.
  }
}
