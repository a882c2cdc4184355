// Docker Compose: the plugin that is there, else built from its Go module and kept in the cache.
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UnderstudyError } from '../../errors.ts'
import { cacheFolder, fetchOnce } from '../parts/cache.ts'
import type { Finding, Progress } from '../parts/finding.ts'
import { findOnPath, isExecutableFile, runTool } from '../parts/run-tool.ts'

type Env = Record<string, string | undefined>

/** How Compose is called: `[command, ...first arguments]`. */
export type Compose = { command: string[]; version: string }

const VERSION = '2.40.3'
/** Older ones lack what docker-compose.yaml uses. */
const OLDEST_MINOR = 24
const MODULE = 'github.com/docker/compose/v2/cmd'

export async function findCompose(env: Env): Promise<Finding<Compose>> {
  const docker = findOnPath('docker', env)
  const { code, output } = docker
    ? await runTool(docker, ['compose', 'version', '--short'], { env })
    : { code: -1, output: '' }
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/m.exec(output) ?? []).map(Number)
  if (docker && code === 0 && (major > 2 || (major === 2 && minor >= OLDEST_MINOR)))
    return { state: 'ready', part: { command: [docker, 'compose'], version: output.trim() }, from: 'the docker CLI' }
  const entry = join(cacheFolder(env), `compose-${VERSION}-${process.platform}-${process.arch}`)
  const part = { command: [join(entry, 'docker-compose')], version: VERSION }
  if (isExecutableFile(join(entry, 'docker-compose'))) return { state: 'ready', part, from: 'cache' }
  const go = findOnPath('go', env)
  if (!go)
    return {
      state: 'missing',
      line: `Docker Compose 2.${OLDEST_MINOR} or newer was not found, nor Go to build it: install the plugin docker-compose, or Go`,
    }
  return {
    state: 'fetch',
    what: `Docker Compose ${VERSION}, built from its Go module (two minutes)`,
    fetch: async (progress, signal) => {
      await fetchOnce(entry, (folder) => build(go, folder, env, progress, signal), signal)
      return part
    },
  }
}

async function build(go: string, folder: string, env: Env, progress: Progress, signal: AbortSignal): Promise<void> {
  const work = join(folder, 'work')
  await mkdir(work)
  await writeFile(join(work, 'go.mod'), 'module build\n\ngo 1.24\n')
  const run = async (args: string[]) => {
    const { code, output } = await runTool(go, args, { cwd: work, env: { ...env, CGO_ENABLED: '0' }, signal })
    signal.throwIfAborted()
    if (code !== 0)
      throw new UnderstudyError('part-missing', `Docker Compose: go ${args[0]}: ${output.trim().split('\n').at(-1)}`, {
        retriable: true,
      })
  }
  progress(`fetching Docker Compose ${VERSION} …`)
  await run(['get', '-tool', `${MODULE}@v${VERSION}`])
  progress('building it (two minutes) …')
  const flags = `-s -w -X github.com/docker/compose/v2/internal.Version=v${VERSION}`
  await run(['build', '-trimpath', '-ldflags', flags, '-o', join(work, 'docker-compose'), MODULE])
  await rename(join(work, 'docker-compose'), join(folder, 'docker-compose'))
  await chmod(join(folder, 'docker-compose'), 0o755)
  await rm(work, { recursive: true })
}
