// The folder with fetched parts. An entry appears whole, by rename, or not at all.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive } from './process-identity.ts'

/** `UNDERSTUDY_CACHE`, else `understudy` in the user's cache folder. */
export function cacheFolder(env: Record<string, string | undefined>): string {
  if (env.UNDERSTUDY_CACHE) return env.UNDERSTUDY_CACHE
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'understudy')
}

/**
 * The folder of an entry, filled once. Two processes that want it at the same time fetch it once: the second waits.
 * `fill` gets an empty folder beside it; what it throws leaves the cache as it was.
 */
export async function fetchOnce(
  entry: string,
  fill: (folder: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dirname(entry), { recursive: true })
  const lock = `${entry}.lock`
  await takeLock(lock, signal)
  try {
    if (await isFolder(entry)) return
    await removeLeftovers(entry)
    const partial = `${entry}.partial-${process.pid}`
    try {
      await mkdir(partial)
      await fill(partial)
      await rename(partial, entry)
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    // An empty file is a lock that is being written this moment.
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true })
    else await delay(200, undefined, { signal })
  }
}

/** What a killed fetch left behind. Only the holder of the lock comes here, so nothing in use goes. */
async function removeLeftovers(entry: string): Promise<void> {
  const folder = dirname(entry)
  for (const name of await readdir(folder)) {
    if (join(folder, name).startsWith(`${entry}.partial-`))
      await rm(join(folder, name), { recursive: true, force: true })
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  )
}
