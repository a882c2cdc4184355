// Writes a file so that a reader sees the old text or the new one, and never a part: write beside it, fsync, rename.
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * The temporary file is in the same folder, which may be a mount of its own, under a name that Traefik does not read.
 * Throws what the file system throws (read-only, full); the old file is untouched then.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.understudy-${process.pid}.next`)
  try {
    const file = await open(temporary, 'w', 0o644)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
