// Room on the disks that are of this machine: where the native stack keeps its data, and Traefik's dynamic folder.
import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import type { Finding } from './doctor-checks.ts'
import type { Session } from './session.ts'

const MIB = 1024 * 1024
const LEAST = 256 * MIB
const LITTLE = 2 * 1024 * MIB

export async function checkDisk({ stack }: Session): Promise<Finding[]> {
  const places = [
    { check: 'disk', path: stack.home },
    { check: 'dynamic folder', path: stack.dynamicDir },
  ]
  const findings = await Promise.all(places.map(({ check, path }) => (path === undefined ? [] : look(check, path))))
  return findings.flat()
}

async function look(check: string, path: string): Promise<Finding[]> {
  const room = await statfs(path).catch(() => undefined)
  // Of another machine, or not made yet: the collector tells when it cannot write.
  if (!room) return []
  const free = room.bavail * room.bsize
  const detail = `${gib(free)} GiB free at ${path}`
  if (free < LITTLE) {
    const state = free < LEAST ? 'failed' : 'doubtful'
    const mend = 'make room, or lower UNDERSTUDY_RETENTION_GIB and UNDERSTUDY_RETENTION_DAYS'
    return [{ check, state, detail, mend }]
  }
  if (check === 'dynamic folder' && !(await isWritable(path))) {
    const mend = "give the collector's user the right to write there; it may have it where this one has not"
    return [{ check, state: 'doubtful', detail: `${path} cannot be written by this user`, mend }]
  }
  return [{ check, state: 'passed', detail }]
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}

function gib(bytes: number): string {
  return (bytes / 1024 / MIB).toFixed(1)
}
