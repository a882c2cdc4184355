// Builds images without a registry: from files of this machine, on bases that were made here.
import { createHash } from 'node:crypto'
import { copyFile, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import type { Engine } from './engine.ts'
import { engineHome } from './engine.ts'

export type ImageSource = {
  /** Without tag; the tag is made from `version` and what the image is made of. */
  name: string
  version: string
  dockerfile: string
  /**
   * Path in the build's context → file or folder of this machine; asked for only when the image has to be built, so
   * `version` has to tell one content from another.
   */
  files?: () => Record<string, string> | Promise<Record<string, string>>
}

/** `name:tag` of the image, built when the engine does not have it. Nothing is ever pulled. */
export async function ensureImage(engine: Engine, source: ImageSource, signal: AbortSignal): Promise<string> {
  const recipe = createHash('sha256').update(source.dockerfile).digest('hex').slice(0, 8)
  const image = `${source.name}:${source.version}-${recipe}`
  if (await hasImage(engine, image)) return image
  const { folder } = engineHome(engine.env)
  await mkdir(folder, { recursive: true })
  const context = await mkdtemp(join(folder, 'context-'))
  try {
    for (const [path, from] of Object.entries((await source.files?.()) ?? {})) {
      const to = join(context, path)
      await mkdir(dirname(to), { recursive: true })
      if ((await stat(from)).isDirectory()) await cp(from, to, { recursive: true, dereference: true })
      else await copyFile(from, to)
    }
    await writeFile(join(context, 'Dockerfile'), source.dockerfile)
    await buildImage(engine, ['--tag', image, context], signal)
  } finally {
    await rm(context, { recursive: true, force: true })
  }
  return image
}

export async function hasImage(engine: Engine, image: string): Promise<boolean> {
  return (await engine.docker(['image', 'inspect', '--format', '{{.Id}}', image])).code === 0
}

/** Throws `unexpected` with the last lines of the build. */
export async function buildImage(engine: Engine, args: string[], signal: AbortSignal): Promise<void> {
  const { code, output } = await engine.docker(['build', '--network', 'host', ...args], { signal })
  signal.throwIfAborted()
  if (code !== 0)
    throw new UnderstudyError('unexpected', `docker build: ${output.trim().split('\n').slice(-6).join(' | ')}`, {
      retriable: false,
    })
}
