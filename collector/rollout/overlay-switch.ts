// Whether overlays are wanted at all, kept across restarts as a file beside the rendered one. Traefik reads neither it
// nor anything else whose name does not end in .yaml, .yml or .toml.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './write-whole.ts'

export const OFF_MARKER = '.understudy.off'

export type OverlaySwitch = { isOff: () => Promise<boolean>; set: (off: boolean, at: string) => Promise<void> }

/** `set` throws what the file system throws; `at` is only told to whoever opens the file. */
export function createOverlaySwitch(dynamicDir: string): OverlaySwitch {
  const path = join(dynamicDir, OFF_MARKER)
  return {
    isOff: () =>
      stat(path).then(
        () => true,
        () => false,
      ),
    set: (off, at) =>
      off
        ? writeWhole(
            path,
            `Overlays were switched off at ${at}. \`npm run -s understudy -- on\`, or deleting this file, puts them back.\n`,
          )
        : rm(path, { force: true }),
  }
}
