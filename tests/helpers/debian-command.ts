// A command that Debian packages: taken from PATH, else installed where that is allowed (as root, with apt).
import { execFileSync, spawnSync } from 'node:child_process'

const INSTALL_WITHIN_MS = 5 * 60_000

/** True when `command` can be run, after installing `packageName` if need be. False where it can be neither. */
function haveCommand(command: string, packageName: string): boolean {
  if (isThere(command)) return true
  if (process.getuid?.() !== 0 || !isThere('apt-get')) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (args: string[]) =>
    spawnSync('apt-get', args, { env, stdio: 'ignore', timeout: INSTALL_WITHIN_MS }).status === 0
  const install = () => apt(['install', '-y', '--no-install-recommends', packageName])
  // The lists may be missing or too old for the package: they are fetched only when the first try fails.
  return (install() || (apt(['update']) && install())) && isThere(command)
}

function isThere(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** In CI a missing command is an error; elsewhere the tests that need it are left out, and say so. */
export function needCommand(command: string, packageName: string): boolean {
  const has = haveCommand(command, packageName)
  if (!has && process.env.CI)
    throw new Error(`${command} is not there, and Debian's package ${packageName} did not bring it`)
  if (!has) console.warn(`left out: ${command} is not there (Debian's package ${packageName} has it)`)
  return has
}
