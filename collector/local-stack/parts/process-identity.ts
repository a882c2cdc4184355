// Whether a process id still means the process it meant when it was written down: ids are used again.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A text that differs for every process which ever has this id, or undefined when there is none (any more). */
export function identityOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // Field 22 is the start time in ticks since boot, field 3 the state; the name before them may hold spaces.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      if (fields[0] === 'Z') return undefined
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      return `${boot} ${fields[19]}`
    }
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } }).trim() ||
      undefined
    )
  } catch {
    return undefined
  }
}
