// One root file system of Debian for what needs more than a static binary, made by debootstrap and imported.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import type { Progress } from '../parts/finding.ts'
import { findOnPath, runTool } from '../parts/run-tool.ts'
import { type Engine, engineHome, installPackages } from './engine.ts'
import { hasImage } from './image-builder.ts'

const SUITE = 'bookworm'
const PACKAGES = ['ca-certificates', 'haproxy', 'openjdk-17-jre-headless', 'postgresql', 'procps', 'prometheus']
const TAG = createHash('sha256')
  .update([SUITE, ...PACKAGES].join())
  .digest('hex')
  .slice(0, 8)

export const BASE_IMAGE = `understudy-base:${SUITE}-${TAG}`

/** PostgreSQL 15, Java 17, Prometheus and HAProxy on Debian; about a minute where it is not there yet. */
export async function ensureBaseImage(engine: Engine, progress: Progress, signal: AbortSignal): Promise<string> {
  if (await hasImage(engine, BASE_IMAGE)) return BASE_IMAGE
  const { env } = engine
  if (!findOnPath('debootstrap', env)) await installPackages(['debootstrap'], env, progress, signal)
  const { folder } = engineHome(env)
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, 'rootfs-'))
  const rootfs = join(work, 'root')
  try {
    progress('making a root file system of Debian (a minute) …')
    const include = `--include=${PACKAGES.join(',')}`
    const made = await runTool('debootstrap', ['--variant=minbase', include, SUITE, rootfs], { env, signal })
    signal.throwIfAborted()
    if (made.code !== 0) throw failed('debootstrap', made.output)
    progress('importing it …')
    const skipped = [
      './proc/*',
      './sys/*',
      './var/cache/apt/archives/*.deb',
      './var/lib/apt/lists/*',
      './usr/share/doc/*',
    ]
    const tar = `tar -C "$1" ${skipped.map((path) => `--exclude='${path}'`).join(' ')} -c . | docker import - "$2"`
    const imported = await runTool('/bin/sh', ['-c', tar, 'sh', rootfs, BASE_IMAGE], { env, signal })
    signal.throwIfAborted()
    if (imported.code !== 0) throw failed('docker import', imported.output)
  } finally {
    // debootstrap that was stopped half-way leaves /proc mounted in there; it must not be walked into.
    for (const mounted of ['proc', 'sys']) await runTool('umount', [join(rootfs, mounted)], { env })
    await rm(work, { recursive: true, force: true })
  }
  return BASE_IMAGE
}

function failed(tool: string, output: string): UnderstudyError {
  return new UnderstudyError('part-missing', `${tool}: ${output.trim().split('\n').slice(-2).join(' | ')}`, {
    retriable: true,
  })
}
