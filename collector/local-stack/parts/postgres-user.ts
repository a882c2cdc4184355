// PostgreSQL refuses to run as root. When root starts us (a container, a CI machine), it runs as the user `postgres`.
import { createHash } from 'node:crypto'
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import { isFolder } from './cache.ts'
import { runTool } from './run-tool.ts'

export type PostgresUser = { uid: number; gid: number }

const HOME = '/var/lib/understudy'

/** Undefined when we are not root. Makes the user where the machine has none. */
export async function findPostgresUser(): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const found = await lookUp()
  if (found) return found
  await runTool('groupadd', ['--system', 'postgres'])
  const made = await runTool('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'])
  const user = await lookUp()
  if (user) return user
  throw new UnderstudyError(
    'part-missing',
    `PostgreSQL does not run as root, and the user postgres could not be made (${made.output.trim()}): start as another user, or set DATABASE_URL`,
    { retriable: false },
  )
}

async function lookUp(): Promise<PostgresUser | undefined> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => runTool('id', [flag, 'postgres'])))
  if (uid?.code !== 0 || gid?.code !== 0) return undefined
  return { uid: Number(uid.output.trim()), gid: Number(gid.output.trim()) }
}

/**
 * Where the user can read the programs of `native`: there, or in a copy of this version in /var/lib/understudy when a
 * folder above is closed to everyone else, as a clone in /root is.
 */
export async function reachablePrograms(native: string, version: string, user: PostgresUser): Promise<string> {
  if (await isReachable(native, user)) return native
  const copy = join(HOME, `postgres-${version}`)
  if (await isFolder(copy)) return copy
  const partial = `${copy}.partial-${process.pid}`
  await cp(native, partial, { recursive: true, verbatimSymlinks: true })
  // Someone else's copy of the same may be there by now.
  await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  return copy
}

/** Likewise for the data, which starts there. */
export async function reachableData(folder: string, user: PostgresUser): Promise<string> {
  if (await isReachable(folder, user)) return folder
  await mkdir(HOME, { recursive: true, mode: 0o755 })
  return standInFor(folder)
}

/** The folder that stands for a closed one, for those who remove it. */
export function standInFor(folder: string): string {
  return join(HOME, `data-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`)
}

/** Every folder above lets the user pass. Folders which are not there yet are made by us, open to pass. */
async function isReachable(folder: string, user: PostgresUser): Promise<boolean> {
  for (let path = dirname(folder); ; path = dirname(path)) {
    const found = await stat(path).catch(() => undefined)
    if (found) {
      const bit = found.uid === user.uid ? 0o100 : found.gid === user.gid ? 0o010 : 0o001
      if ((found.mode & bit) === 0) return false
    }
    if (path === dirname(path)) return true
  }
}
