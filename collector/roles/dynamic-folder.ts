// Whether the folder that Traefik watches can be written: in a container it belongs to somebody on the host.
import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import type { Component } from '../api/schemas.ts'

/** Below this a write that looks fine may be cut off. */
const ENOUGH_BYTES = 16 * 1024 * 1024

export function dynamicFolderStatus(folder: string): () => Promise<Component> {
  const part = { name: 'dynamic-folder', required: false }
  return async () => {
    try {
      await access(folder, constants.W_OK | constants.X_OK)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      const detail = `${folder} cannot be written by uid ${process.getuid?.() ?? '?'} (${code}): overlays stay as they are`
      const mend = '`understudy init` opens it to the group in UNDERSTUDY_GID; or let this user own it'
      return { ...part, state: 'degraded', detail, mend }
    }
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < ENOUGH_BYTES) {
      const detail = `${Math.floor((bavail * bsize) / 1024 / 1024)} MiB are left on the disk of ${folder}`
      return {
        ...part,
        state: 'degraded',
        detail,
        mend: 'make room: `docker system df` and `docker volume ls` tell of what',
      }
    }
    return { ...part, state: 'ok', detail: `${folder} can be written` }
  }
}
