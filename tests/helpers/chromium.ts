// The machine's own Chromium for the UI tests; installed from Debian's package where there is none and that may be done.
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const run = promisify(execFile)
const installWithinMs = 240_000

/** The path of a Chromium. Throws with what mends it. */
export async function needChromium(): Promise<string> {
  const found = findChromium()
  if (found) return found
  const hint = 'install Chromium (Debian: apt-get install chromium), or name one in UNDERSTUDY_CHROMIUM'
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error(`there is no Chromium here: ${hint}`)
  const options = { timeout: installWithinMs, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  try {
    await run('apt-get', ['update', '-qq'], options).catch(() => undefined)
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], options)
  } catch (error) {
    throw new Error(`Chromium could not be installed; ${hint}`, { cause: error })
  }
  const installed = findChromium()
  if (!installed) throw new Error(`there is no Chromium here: ${hint}`)
  return installed
}

function findChromium(): string | undefined {
  const named = process.env.UNDERSTUDY_CHROMIUM
  if (named) return named
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
